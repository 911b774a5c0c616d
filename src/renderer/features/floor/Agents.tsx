import { useVirtualizer } from '@tanstack/react-virtual';
import { Ellipsis, Search } from 'lucide-react';
import { memo, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FloorAgent } from '../../../shared/bridge-floor.ts';
import { presenceStates, type PresenceState } from '../../../shared/routing-rows.ts';
import { workClasses } from '../../../shared/words.ts';
import { useTick } from '../../app/clock.ts';
import { actNow, choices } from '../../app/shift.ts';
import { useQuery } from '../../app/useQuery.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Chooser } from '../../ui/Chooser.tsx';
import { Field } from '../../ui/Field.tsx';
import { matches } from '../../ui/fold.ts';
import { Avatar } from '../../ui/Person.tsx';
import { PopoverButton } from '../../ui/Popover.tsx';
import { State } from '../../ui/State.tsx';
import { listTime } from '../../ui/time.ts';
import { Elapsed } from './Elapsed.tsx';
import type { Chosen } from './Floor.tsx';
import css from './Floor.module.css';

/** Whoever can take work first; within a state by name, so that a line stays where it is. */
const order = (agent: FloorAgent) => presenceStates.indexOf(stateOf(agent));
const stateOf = (agent: FloorAgent): PresenceState => agent.presence?.state ?? 'offline';
/** px, as in the stylesheet */
const lineHeight = 37;
/** from here on there is a field to find somebody */
const many = 8;

interface AgentsProps {
  agents: FloorAgent[];
  /** null: not there yet */
  scroller: HTMLDivElement | null;
  chosen: Chosen | null;
  choose: (of: Chosen) => void;
}

/** People of the floor. Of hundreds only those in sight are drawn. */
export function Agents({ agents, scroller, chosen, choose }: AgentsProps) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const [text, setText] = useState('');
  const [only, setOnly] = useState<PresenceState | null>(null);
  // Names are compared once, not once a second.
  const names = useMemo(
    () => new Map(reference?.users.toSorted((a, b) => byName.compare(a.name, b.name)).map((user) => [user.id, user])),
    [reference],
  );
  const rank = useMemo(() => new Map([...names.keys()].map((userId, index) => [userId, index])), [names]);
  const nameOf = (agent: FloorAgent) => names.get(agent.userId)?.name ?? '';
  const people = agents.filter(({ userId }) => names.get(userId)?.role !== 'admin' || userId === reference?.me.id);
  const states = presenceStates.map((state) => ({ state, n: people.filter((agent) => stateOf(agent) === state).length }));
  const rows = people
    .filter((agent) => (only === null || stateOf(agent) === only) && (text === '' || matches(nameOf(agent), text)))
    .toSorted((a, b) => order(a) - order(b) || (rank.get(a.userId) ?? 0) - (rank.get(b.userId) ?? 0));
  return (
    <section className={css['people']} aria-label={t('floor.people')}>
      {people.length > many && (
        <div className={css['filter']}>
          <Field
            label={t('floor.find')}
            placeholder={t('floor.find')}
            hideLabel
            value={text}
            onChange={setText}
            max={80}
            icon={<Search size={14} aria-hidden />}
          />
          <div className={css['states']} role="group" aria-label={t('floor.state')}>
            {states.map(
              ({ state, n }) =>
                (n > 0 || only === state) && (
                  <button
                    key={state}
                    type="button"
                    className={css['stateChip']}
                    aria-pressed={only === state}
                    onClick={() => setOnly(only === state ? null : state)}
                  >
                    {t(`shift.state.${state}`)} <strong>{n}</strong>
                  </button>
                ),
            )}
          </div>
        </div>
      )}
      <People rows={rows} nameOf={nameOf} scroller={scroller} chosen={chosen} choose={choose} />
      {people.length > 0 && rows.length === 0 && <State title={t('floor.nobodyFound')} />}
    </section>
  );
}

const byName = new Intl.Collator('vi');

interface PeopleProps extends Omit<AgentsProps, 'agents'> {
  rows: FloorAgent[];
  nameOf: (agent: FloorAgent) => string;
}

function People({ rows, nameOf, scroller, chosen, choose }: PeopleProps) {
  const { t } = useTranslation();
  const body = useRef<HTMLTableSectionElement>(null);
  const [margin, setMargin] = useState(0);
  // What stands above it grows and shrinks with the queues that are shown.
  useLayoutEffect(() => {
    if (body.current && scroller)
      setMargin(body.current.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop);
  }, [scroller, rows]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller,
    estimateSize: () => lineHeight,
    overscan: 4,
    scrollMargin: margin,
  });
  const items = virtual.getVirtualItems();
  const above = (items[0]?.start ?? margin) - margin;
  const below = virtual.getTotalSize() - ((items.at(-1)?.end ?? margin) - margin);
  return (
    <table className={`${css['table']} ${css['fixed']}`} data-testid="floor-agents" aria-rowcount={rows.length + 1}>
      <colgroup>
        <col />
        <col className={css['colState']} />
        {workClasses.map((one) => (
          <col key={one} className={css['colWork']} />
        ))}
        <col className={css['colOwed']} />
        <col className={css['colReply']} />
        <col className={css['colActs']} />
      </colgroup>
      <thead>
        <tr aria-rowindex={1}>
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
          <th scope="col" className={`${css['number']} ${css['reply']}`}>
            {t('floor.lastReply')}
          </th>
          <th scope="col">
            <span className={css['hidden']}>{t('floor.acts')}</span>
          </th>
        </tr>
      </thead>
      <tbody ref={body}>
        {above > 0 && <tr aria-hidden style={{ height: above }} />}
        {items.map(({ index }) => {
          const agent = rows[index];
          return (
            agent && (
              <Line
                key={agent.userId}
                index={index + 2}
                agent={agent}
                name={nameOf(agent)}
                on={chosen !== null && 'userId' in chosen && chosen.userId === agent.userId}
                choose={choose}
              />
            )
          );
        })}
        {below > 0 && <tr aria-hidden style={{ height: below }} />}
      </tbody>
    </table>
  );
}

interface LineProps {
  index: number;
  agent: FloorAgent;
  name: string;
  on: boolean;
  choose: (of: Chosen) => void;
}

const Line = memo(
  function Line({ index, agent, name, on, choose }: LineProps) {
    const { t } = useTranslation();
    const { userId, presence, load, owed, ringing, breached, lastReplyAt } = agent;
    const state = stateOf(agent);
    return (
      <tr aria-rowindex={index} data-current={on ? 'true' : undefined} data-testid="floor-agent" data-state={state} data-user={userId}>
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
          <span className={css['since']}>{presence && <Elapsed since={presence.since} />}</span>
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
        <td className={`${css['number']} ${css['reply']}`}>{lastReplyAt === null ? '–' : <Ago at={lastReplyAt} />}</td>
        <td className={css['acts']}>
          <Acts userId={userId} name={name} />
        </td>
      </tr>
    );
  },
  (before, after) =>
    before.on === after.on &&
    before.name === after.name &&
    before.index === after.index &&
    JSON.stringify(before.agent) === JSON.stringify(after.agent),
);

/** When that was. A component of its own, as `Elapsed` is. */
function Ago({ at }: { at: number }) {
  const { t } = useTranslation();
  return useTick((now) => listTime(at, now, t));
}

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
