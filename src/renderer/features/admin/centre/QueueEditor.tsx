import { useTranslation } from 'react-i18next';
import type { Reference } from '../../../../shared/bridge.ts';
import { queuePurposes } from '../../../../shared/domain.ts';
import { Check } from '../../../ui/Check.tsx';
import { Pick } from '../../../ui/Choice.tsx';
import { Field } from '../../../ui/Field.tsx';
import { Avatar } from '../../../ui/Person.tsx';
import css from '../Admin.module.css';
import formCss from '../Form.module.css';
import { act, type Acted } from '../service/act.ts';
import { beginEdit, changeEdit, type Edit } from '../service/edit.ts';
import { EditorFrame } from '../service/EditorFrame.tsx';
import { spanText } from '../service/words.ts';
import own from './Centre.module.css';
import { type QueueForm, queueForm, readQueue } from './queue-form.ts';
import { RoutingFields } from './RoutingFields.tsx';
import { stampOf } from './stamp.ts';

/** What is wrong at a field, in words; null: nothing is. */
export type WrongAt = (field: string) => string | null;

/** A queue, who serves it, and how it gives out its work. */
export function QueueEditor({ edit, reference }: { edit: Edit<QueueForm>; reference: Reference }) {
  const { t } = useTranslation();
  const form = edit.now;
  const { name, routing, problems } = readQueue(form, reference);
  const row = reference.queues.find(({ id }) => id === form.id);
  const saved = row && queueForm(row, reference);
  const untouched = edit.past.length === 0;
  const change = (step: string, next: Partial<QueueForm>) => changeEdit('queue', step, (before) => ({ ...before, ...next }));
  const wrongAt: WrongAt = (field) => {
    const found = problems.find((problem) => problem.field === field);
    // A form that was opened a moment ago is empty, not wrong.
    if (!found || (found.code === 'NO_NAME' && untouched)) return null;
    return found.code === 'TOO_LONG' ? t('queues.bad.TOO_LONG', { most: spanText(found.most ?? 0, t) }) : t(`queues.bad.${found.code}`);
  };
  const save = async (): Promise<Acted> => {
    const { id: queueId, purpose, teamId, requiresDisposition, userIds } = form;
    const first = await act('queue.save', { queueId, name, purpose, teamId, requiresDisposition, userIds });
    if (!first.ok || JSON.stringify(routing) === JSON.stringify(row?.routing ?? null)) return first;
    return act('queue.route', { queueId, routing });
  };
  return (
    <EditorFrame
      kind="queue"
      edit={edit}
      savedAt={saved ? stampOf(saved) : null}
      title={edit.rowAt === null ? t('queues.newTitle') : edit.begun.name}
      note={null}
      problems={problems.length}
      words={{
        save: t('queues.save'),
        saved: t('queues.saved', { name }),
        remove: t('queues.remove'),
        removeAsk: t('queues.removeAsk', { name: edit.begun.name }),
        removeWhat: t('queues.removeWhat'),
        removed: t('queues.removed', { name: edit.begun.name }),
      }}
      usedBy={(names) => t('queues.inUseBy', { names })}
      held={null}
      onSave={save}
      onRemove={() => act('queue.remove', { queueId: form.id })}
      onTakeNewer={() => saved && beginEdit('queue', saved, stampOf(saved))}
      aside={<Members form={form} reference={reference} onChange={(step, userIds) => change(step, { userIds })} />}
    >
      <section className={css['card']}>
        <Field
          autoFocus={edit.rowAt === null && untouched}
          label={t('queues.name')}
          value={form.name}
          max={200}
          onChange={(next) => change('name', { name: next })}
          error={wrongAt('name')}
        />
        <div className={formCss['pair']}>
          <Pick
            label={t('queues.team')}
            value={form.teamId}
            options={reference.teams.map((team) => ({ value: team.id, label: team.name }))}
            onChange={(teamId) => change('team', { teamId })}
            error={wrongAt('teamId')}
          />
          <Pick
            label={t('queues.purpose')}
            value={form.purpose}
            options={queuePurposes.map((value) => ({ value, label: t(`queues.purposes.${value}`) }))}
            onChange={(purpose) => change('purpose', { purpose })}
          />
        </div>
        <Check on={form.requiresDisposition} onChange={(requiresDisposition) => change('disposition', { requiresDisposition })}>
          {t('queues.requiresDisposition')}
        </Check>
      </section>
      <RoutingFields
        form={form}
        reference={reference}
        wrongAt={wrongAt}
        onTurn={(routed) => change('routed', { routed })}
        onChange={(step, next) => changeEdit('queue', step, (before) => ({ ...before, routing: { ...before.routing, ...next } }))}
      />
    </EditorFrame>
  );
}

function Members({
  form,
  reference,
  onChange,
}: {
  form: QueueForm;
  reference: Reference;
  onChange: (step: string, userIds: string[]) => void;
}) {
  const { t } = useTranslation();
  // Who has left is shown only where they still stand in the list.
  const people = reference.users
    .filter(({ id, active }) => active || form.userIds.includes(id))
    .toSorted((a, b) => Number(b.active) - Number(a.active) || a.name.localeCompare(b.name, 'vi'));
  return (
    <section className={css['card']} aria-labelledby="queue-members">
      <header>
        <h2 className={css['cardTitle']} id="queue-members">
          {t('queues.whoServes')}
        </h2>
        <p className={css['quiet']}>{t('queues.membersHint')}</p>
      </header>
      {people.length === 0 ? (
        <p>{t('queues.membersNone')}</p>
      ) : (
        <div className={own['members']} role="group" aria-labelledby="queue-members" tabIndex={-1}>
          {people.map(({ id, name, role, active }) => (
            <Check
              key={id}
              on={form.userIds.includes(id)}
              onChange={(on) => onChange(`member ${id}`, (on ? [...form.userIds, id] : form.userIds.filter((one) => one !== id)).sort())}
            >
              <span className={own['member']}>
                <Avatar name={name} size={20} />
                {name}
                <small>{active ? (role === 'agent' ? '' : t(`role.${role}`)) : t('queues.inactive')}</small>
              </span>
            </Check>
          ))}
        </div>
      )}
    </section>
  );
}
