import { Ellipsis } from 'lucide-react';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FloorAgent } from '../../../shared/bridge-floor.ts';
import { presenceStates, type PresenceState } from '../../../shared/routing-rows.ts';
import { workClasses } from '../../../shared/words.ts';
import { useTick } from '../../app/clock.ts';
import { actNow, choices } from '../../app/shift.ts';
import { useQuery } from '../../app/useQuery.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Chooser } from '../../ui/Chooser.tsx';
import { Avatar } from '../../ui/Person.tsx';
import { PopoverButton } from '../../ui/Popover.tsx';
import { chipTime, listTime } from '../../ui/time.ts';
import type { Chosen } from './Floor.tsx';
import css from './Floor.module.css';

/** Whoever can take work first; within a state by name, so that a line stays where it is. */
const order = (agent: FloorAgent) => presenceStates.indexOf(agent.presence?.state ?? 'offline');

export function Agents({ agents, chosen, choose }: { agents: FloorAgent[]; chosen: Chosen | null; choose: (of: Chosen) => void }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  if (!reference) return null;
  const names = new Map(reference.users.map((user) => [user.id, user]));
  const me = reference.me;
  const rows = agents
    .filter(({ userId }) => names.get(userId)?.role !== 'admin' || userId === me.id)
    .toSorted((a, b) => order(a) - order(b) || (names.get(a.userId)?.name ?? '').localeCompare(names.get(b.userId)?.name ?? '', 'vi'));
  return (
    <table className={css['table']} data-testid="floor-agents">
      <thead>
        <tr>
          <th scope="col">{t('floor.agent')}</th>
          <th scope="col">{t('floor.state')}</th>
          {workClasses.map((one) => (
            <th key={one} scope="col" className={css['number']}>
              {t(`shift.work.${one}`)}
            </th>
          ))}
          <th scope="col" className={css['number']}>
            {t('floor.owed')}
          </th>
          <th scope="col" className={css['number']}>
            {t('floor.lastReply')}
          </th>
          <th scope="col">
            <span className={css['hidden']}>{t('floor.acts')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((agent) => (
          <Line
            key={agent.userId}
            agent={agent}
            name={names.get(agent.userId)?.name ?? ''}
            on={chosen !== null && 'userId' in chosen && chosen.userId === agent.userId}
            choose={choose}
          />
        ))}
      </tbody>
    </table>
  );
}

interface LineProps {
  agent: FloorAgent;
  name: string;
  on: boolean;
  choose: (of: Chosen) => void;
}

const Line = memo(
  function Line({ agent, name, on, choose }: LineProps) {
    const { t } = useTranslation();
    const { userId, presence, load, owed, ringing, breached, lastReplyAt } = agent;
    const state: PresenceState = presence?.state ?? 'offline';
    const since = useTick((now) => (presence === null ? '' : chipTime(presence.since - now, t)));
    const reply = useTick((now) => (lastReplyAt === null ? '–' : listTime(lastReplyAt, now, t)));
    return (
      <tr data-current={on ? 'true' : undefined} data-testid="floor-agent" data-state={state} data-user={userId}>
        <th scope="row">
          <button type="button" className={css['person']} aria-pressed={on} onClick={() => choose({ userId })}>
            <Avatar name={name} size={20} />
            {name}
          </button>
        </th>
        <td>
          <span className={css['presence']} data-state={state}>
            {t(`shift.state.${state}`)}
          </span>{' '}
          <span className={css['since']}>{since}</span>
          {ringing > 0 && <span className={css['ringing']}>{t('floor.ringing', { count: ringing })}</span>}
        </td>
        {workClasses.map((one) => (
          <td key={one} className={css['number']}>
            {load[one] === 0 ? '–' : load[one]}
          </td>
        ))}
        <td className={css['number']} data-tone={breached > 0 ? 'danger' : undefined}>
          {owed === 0 ? '–' : owed}
        </td>
        <td className={css['number']}>{reply}</td>
        <td className={css['acts']}>
          <Acts userId={userId} name={name} />
        </td>
      </tr>
    );
  },
  (before, after) => before.on === after.on && before.name === after.name && JSON.stringify(before.agent) === JSON.stringify(after.agent),
);

/** Sets somebody to a state; they are told. */
function Acts({ userId, name }: { userId: string; name: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <PopoverButton
      label={t('floor.setState', { name })}
      open={open}
      onOpenChange={setOpen}
      width={240}
      placement="bottom end"
      trigger={<IconButton size="small" label={t('floor.setState', { name })} icon={<Ellipsis size={14} aria-hidden />} />}
    >
      <Chooser
        label={t('floor.setState', { name })}
        items={choices.map((one) => ({ key: one, label: t(`shift.state.${one}`) }))}
        onChoose={(key) => {
          const state = choices.find((one) => one === key);
          setOpen(false);
          if (state) void actNow('presence.set', { userId, state, reason: null });
        }}
      />
    </PopoverButton>
  );
}
