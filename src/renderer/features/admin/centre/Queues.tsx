import { ArrowDown, ArrowUp, Inbox, Plus } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components';
import type { Reference } from '../../../../shared/bridge.ts';
import type { Queue } from '../../../../shared/domain.ts';
import { say } from '../../../app/toasts.ts';
import { useQuery } from '../../../app/useQuery.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Chip } from '../../../ui/Chip.tsx';
import { State } from '../../../ui/State.tsx';
import css from '../Admin.module.css';
import { actOrSay } from '../service/act.ts';
import { beginEdit, useService } from '../service/edit.ts';
import { OfflineNote, useOnline } from '../service/EditorFrame.tsx';
import { LocalState } from '../service/LocalState.tsx';
import { moved } from '../service/policy-form.ts';
import own from '../service/Service.module.css';
import { newQueue, queueForm } from './queue-form.ts';
import { QueueEditor } from './QueueEditor.tsx';
import { stampOf } from './stamp.ts';
import { Teams } from './Teams.tsx';

/** Where tickets wait, who works them, and how they are given out. */
export function Queues() {
  const edit = useService(({ queue }) => queue);
  const reference = useQuery('reference', null);
  if (reference.value && edit) return <QueueEditor key={edit.begun.id} edit={edit} reference={reference.value} />;
  return <LocalState watched={reference}>{(value) => <QueueList reference={value} />}</LocalState>;
}

function QueueList({ reference }: { reference: Reference }) {
  const { t } = useTranslation();
  const online = useOnline();
  const [wanted, setWanted] = useState<{ ids: readonly string[]; from: string } | null>(null);
  const known = reference.queues.map(({ id }) => id).join();
  // The hub has said what the order is: as it was wanted, or as somebody else wanted it.
  if (wanted && wanted.from !== known) setWanted(null);
  const queues = wanted ? wanted.ids.flatMap((id) => reference.queues.find((queue) => queue.id === id) ?? []) : reference.queues;
  const [team] = reference.teams;
  const order = async (ids: string[]) => {
    setWanted({ ids, from: known });
    const done = await actOrSay('queue.order', { queueIds: ids });
    if (!done) setWanted(null);
    return done;
  };
  const move = async (at: number, by: -1 | 1) => {
    const before = queues.map(({ id }) => id);
    const after = moved(before, at, by);
    const queue = queues[at];
    if (!queue || !online || String(after) === String(before) || !(await order(after))) return;
    say(t('queues.moved', { name: queue.name, n: at + by + 1 }), { action: { label: t('admin.undo'), run: () => void order(before) } });
  };
  const add = (
    <Button
      icon={<Plus size={14} aria-hidden />}
      isDisabled={!team}
      onPress={() => team && beginEdit('queue', newQueue(crypto.randomUUID(), team.id), null)}
    >
      {t('queues.add')}
    </Button>
  );
  return (
    <div className={css['column']}>
      <header className={css['head']}>
        <div>
          <h1>{t('queues.title')}</h1>
          <p>{t('queues.hint')}</p>
        </div>
        {queues.length > 0 && add}
      </header>
      <OfflineNote />
      {queues.length === 0 ? (
        <State
          icon={<Inbox size={20} aria-hidden />}
          title={t('queues.none')}
          hint={t(team ? 'queues.noneHint' : 'queues.noneTeam')}
          action={add}
        />
      ) : (
        <ol className={own['rows']} aria-label={t('queues.list')}>
          {queues.map((queue, at) => (
            <QueueRow
              key={queue.id}
              queue={queue}
              at={at}
              reference={reference}
              movable={online && queues.length > 1}
              onMove={(by) => void move(at, by)}
            />
          ))}
        </ol>
      )}
      {queues.length > 1 && <p className={own['keys']}>{t('queues.keys')}</p>}
      <Teams reference={reference} />
    </div>
  );
}

function QueueRow({
  queue,
  at,
  reference,
  movable,
  onMove,
}: {
  queue: Queue;
  at: number;
  reference: Reference;
  movable: boolean;
  onMove: (by: -1 | 1) => void;
}) {
  const { t } = useTranslation();
  const { id, name, teamId, routing, requiresDisposition } = queue;
  const active = new Set(reference.users.filter((user) => user.active).map((user) => user.id));
  const count = reference.queueMembers.filter(({ queueId, userId }) => queueId === id && active.has(userId)).length;
  const channels = reference.channels.filter(({ queueId }) => queueId === id).map((channel) => channel.name);
  const team = reference.teams.find((one) => one.id === teamId)?.name ?? '?';
  const key = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (by === 0 || !event.altKey) return;
    event.preventDefault();
    onMove(by);
  };
  const open = () => {
    const form = queueForm(queue, reference);
    beginEdit('queue', form, stampOf(form));
  };
  return (
    <li className={own['row']} data-testid="queue-row" onKeyDown={key}>
      <span className={own['number']}>{at + 1}</span>
      <AriaButton className={own['open'] ?? ''} onPress={open}>
        <span className={own['rowTop']}>
          <span className={own['name']}>{name}</span>
          <Chip tone={routing ? 'info' : 'plain'}>{t(routing ? 'queues.routed' : 'queues.byHand')}</Chip>
        </span>
        <span className={own['what']}>
          {t('queues.by', { team })} · {count === 0 ? t('queues.nobody') : t('queues.members', { count })}
        </span>
        <span className={own['facts']}>
          <span>{channels.length === 0 ? t('queues.noChannels') : t('queues.channels', { names: channels.join(', ') })}</span>
          {requiresDisposition && <span>{t('queues.disposition')}</span>}
        </span>
      </AriaButton>
      <span className={own['rowActs']}>
        <IconButton
          size="small"
          label={t('queues.up', { name })}
          icon={<ArrowUp size={14} aria-hidden />}
          isDisabled={!movable}
          onPress={() => onMove(-1)}
        />
        <IconButton
          size="small"
          label={t('queues.down', { name })}
          icon={<ArrowDown size={14} aria-hidden />}
          isDisabled={!movable}
          onPress={() => onMove(1)}
        />
      </span>
    </li>
  );
}
