import { useTranslation } from 'react-i18next';
import type { Reference } from '../../../../shared/bridge.ts';
import type { CalendarHours } from '../../../../shared/calendar.ts';
import { useMinute } from '../../../app/clock.ts';
import { Field } from '../../../ui/Field.tsx';
import css from '../Admin.module.css';
import formCss from '../Form.module.css';
import { act } from './act.ts';
import { type CalendarForm, formOf, type FormProblem, readCalendar } from './calendar-form.ts';
import { DatedDays } from './DatedDays.tsx';
import { beginEdit, changeEdit, type Edit } from './edit.ts';
import { EditorFrame } from './EditorFrame.tsx';
import { Months } from './Months.tsx';
import { Preview } from './Preview.tsx';
import { WeekTable } from './WeekTable.tsx';
import { openState, usersOf } from './words.ts';
import { ZoneField } from './ZoneField.tsx';

/** What is wrong at a field, in words; null: nothing is. */
export type WrongAt = (field: string) => string | null;

/** Hours of a week, and the dates that are not like their weekday. */
export function CalendarEditor({ edit, reference }: { edit: Edit<CalendarForm>; reference: Reference }) {
  const { t } = useTranslation();
  const now = useMinute();
  const form = edit.now;
  const { hours, problems } = readCalendar(form);
  const row = reference.calendars.find(({ id }) => id === form.id);
  const users = usersOf(form.id, reference, t);
  const name = form.name.trim();
  const change = (step: string, next: Partial<CalendarForm>) => changeEdit('calendar', step, (before) => ({ ...before, ...next }));
  const wrongAt: WrongAt = (field) => {
    const found = problems.find((problem) => problem.field === field);
    // A form that was opened a moment ago is empty, not wrong.
    return !found || (found.code === 'NO_NAME' && edit.past.length === 0) ? null : t(`calendars.bad.${found.code}`);
  };
  const state = problems.length === 0 ? openState(hours, now, t) : null;
  return (
    <EditorFrame
      kind="calendar"
      edit={edit}
      savedAt={row?.updatedAt ?? null}
      title={edit.rowAt === null ? t('calendars.newTitle') : edit.begun.name}
      note={state?.text ?? null}
      problems={problems.length}
      words={{
        save: t('calendars.save'),
        saved: t('calendars.saved', { name }),
        remove: t('calendars.remove'),
        removeAsk: t('calendars.removeAsk', { name: edit.begun.name }),
        removeWhat: t('calendars.removeWhat'),
        removed: t('calendars.removed', { name: edit.begun.name }),
      }}
      held={users.length === 0 ? null : { title: t('calendars.inUse'), what: t('calendars.inUseBy', { names: users.join(', ') }) }}
      onSave={() => act('calendar.save', { calendarId: form.id, name, ...hours })}
      onRemove={() => act('calendar.remove', { calendarId: form.id })}
      onTakeNewer={() => row && beginEdit('calendar', formOf(row), row.updatedAt)}
      aside={
        <>
          <Months hours={hours} now={now} />
          <CalendarPreview id={form.id} hours={hours} problems={problems} reference={reference} used={users.length > 0} />
        </>
      }
    >
      <section className={css['card']}>
        <div className={formCss['pair']}>
          <Field
            autoFocus={edit.rowAt === null && edit.past.length === 0}
            label={t('calendars.name')}
            value={form.name}
            max={200}
            onChange={(next) => change('name', { name: next })}
            error={wrongAt('name')}
          />
          <ZoneField zone={form.zone} error={wrongAt('zone')} onChange={(zone) => change('zone', { zone })} />
        </div>
      </section>
      <WeekTable week={form.week} hours={hours} wrongAt={wrongAt} onChange={(step, week) => change(step, { week })} />
      <DatedDays form={form} now={now} wrongAt={wrongAt} onChange={(step, days) => change(step, { days })} />
    </EditorFrame>
  );
}

function CalendarPreview({
  id,
  hours,
  problems,
  reference,
  used,
}: {
  id: string;
  hours: CalendarHours;
  problems: readonly FormProblem[];
  reference: Reference;
  used: boolean;
}) {
  const { t } = useTranslation();
  const { calendars, slaPolicies: policies } = reference;
  if (!used || !policies.some(({ calendarId }) => calendarId === id)) return <Preview said={t('slaPreview.unused')} />;
  if (problems.some(({ code }) => code !== 'NO_NAME')) return <Preview said={t('slaPreview.wrong')} />;
  const after = calendars.map((calendar) => (calendar.id === id ? { ...calendar, ...hours } : calendar));
  return <Preview before={{ policies, calendars }} after={{ policies, calendars: after }} of={JSON.stringify(hours)} />;
}
