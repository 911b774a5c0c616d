import { CalendarClock, CircleAlert, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components';
import type { Reference } from '../../../../shared/bridge.ts';
import type { Calendar } from '../../../../shared/domain.ts';
import { useMinute } from '../../../app/clock.ts';
import { useQuery } from '../../../app/useQuery.ts';
import { Button } from '../../../ui/Button.tsx';
import { Chip } from '../../../ui/Chip.tsx';
import { State } from '../../../ui/State.tsx';
import css from '../Admin.module.css';
import { CalendarEditor } from './CalendarEditor.tsx';
import { formOf, newCalendar } from './calendar-form.ts';
import { beginEdit, useService } from './edit.ts';
import { OfflineNote } from './EditorFrame.tsx';
import { LocalState } from './LocalState.tsx';
import own from './Service.module.css';
import { offsetText, openState, todayIn, usersOf, weekText } from './words.ts';

/** The zone of a calendar that begins: this workstation's, which is where the centre is. */
const zoneHere = () => {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return timeZone === undefined || timeZone === 'UTC' || timeZone === 'Asia/Saigon' ? 'Asia/Ho_Chi_Minh' : timeZone;
};

/** When the house is open, by which clocks count. */
export function Calendars() {
  const edit = useService(({ calendar }) => calendar);
  const reference = useQuery('reference', null);
  if (reference.value && edit) return <CalendarEditor key={edit.begun.id} edit={edit} reference={reference.value} />;
  return (
    <LocalState watched={reference}>
      {(value) => (
        <CalendarList reference={value} onAdd={() => beginEdit('calendar', newCalendar(crypto.randomUUID(), zoneHere()), null)} />
      )}
    </LocalState>
  );
}

function CalendarList({ reference, onAdd }: { reference: Reference; onAdd: () => void }) {
  const { t } = useTranslation();
  const calendars = reference.calendars.toSorted((a, b) => a.name.localeCompare(b.name, 'vi'));
  const add = (
    <Button icon={<Plus size={14} aria-hidden />} onPress={onAdd}>
      {t('calendars.add')}
    </Button>
  );
  return (
    <div className={css['column']}>
      <header className={css['head']}>
        <div>
          <h1>{t('calendars.title')}</h1>
          <p>{t('calendars.hint')}</p>
        </div>
        {calendars.length > 0 && add}
      </header>
      <OfflineNote />
      {calendars.length === 0 ? (
        <State icon={<CalendarClock size={20} aria-hidden />} title={t('calendars.none')} hint={t('calendars.noneHint')} action={add} />
      ) : (
        <ul className={own['rows']} aria-label={t('calendars.title')}>
          {calendars.map((calendar) => (
            <li key={calendar.id} className={own['row']} data-testid="calendar-row">
              <Row calendar={calendar} reference={reference} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Row({ calendar, reference }: { calendar: Calendar; reference: Reference }) {
  const { t } = useTranslation();
  const now = useMinute();
  const state = openState(calendar, now, t);
  const users = usersOf(calendar.id, reference, t);
  const today = todayIn(calendar.zone, now);
  const ahead = calendar.days.filter(({ date }) => date >= today).length;
  return (
    <AriaButton className={own['open'] ?? ''} onPress={() => beginEdit('calendar', formOf(calendar), calendar.updatedAt)}>
      <span className={own['rowTop']}>
        <span className={own['name']}>{calendar.name}</span>
        {state === null ? <CircleAlert size={14} aria-hidden /> : <Chip tone={state.open ? 'good' : 'plain'}>{state.text}</Chip>}
      </span>
      <span className={own['what']}>{weekText(calendar.week, t)}</span>
      <span className={own['facts']}>
        <span>
          {calendar.zone.replaceAll('_', ' ')} ({offsetText(calendar.zone, now)})
        </span>
        {ahead > 0 && <span>{t('calendars.days', { count: ahead })}</span>}
        <span>{users.length === 0 ? t('calendars.unused') : t('calendars.usedBy', { names: users.join(', ') })}</span>
      </span>
    </AriaButton>
  );
}
