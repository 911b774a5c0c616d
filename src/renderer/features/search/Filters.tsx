import { useTranslation } from 'react-i18next';
import type { channelKinds } from '../../../shared/domain.ts';
import type { SearchFilter } from '../../../shared/protocol.ts';
import { useMinute } from '../../app/clock.ts';
import { noSearchFilter, setSearch, useDesk } from '../../app/desk.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { ChannelGlyph } from '../../ui/Channel.tsx';
import { Pick, type Option } from '../../ui/Choice.tsx';
import { startOfDay } from '../../ui/time.ts';
import css from './Search.module.css';

const kinds: typeof channelKinds = ['phone', 'email', 'chat', 'messenger', 'instagram', 'zalo', 'api', 'counter', 'other'];
const spans = [7, 30, 365] as const;
const dayMs = 86_400_000;
const any = 'any';

/** What narrows the search; each says in words what it stands at. */
export function Filters() {
  const { t } = useTranslation();
  const filter = useDesk((desk) => desk.search.filter);
  const { value: reference } = useQuery('reference', null);
  const set = (change: Partial<SearchFilter>) => setSearch({ filter: { ...filter, ...change } });
  const narrowed = Object.values(filter).some((value) => value !== null);
  const people = (reference?.users ?? []).filter(({ active }) => active).toSorted((a, b) => a.name.localeCompare(b.name, 'vi'));
  const queues = (reference?.queues ?? []).filter(({ id }) => reference?.myQueues.includes(id));
  const one = (
    by: 'channel' | 'queue' | 'assignee' | 'tag' | 'state',
    value: string | null,
    options: Option<string>[],
    change: (value: string | null) => void,
  ) => (
    <span className={value === null ? css['by'] : css['byOn']}>
      <Pick
        look="bare"
        label={t(`search.by.${by}`)}
        value={value ?? any}
        options={[{ value: any, label: t(`search.any.${by}`) }, ...options]}
        onChange={(next) => change(next === any ? null : next)}
      />
    </span>
  );
  return (
    <div className={css['filters']} role="group" aria-label={t('inbox.filterBy')}>
      {one(
        'channel',
        filter.channel,
        kinds.map((kind) => ({ value: kind, label: t(`channel.${kind}`), icon: <ChannelGlyph kind={kind} size={14} silent /> })),
        (value) => set({ channel: kinds.find((kind) => kind === value) ?? null }),
      )}
      {one(
        'queue',
        filter.queueId,
        queues.map(({ id, name }) => ({ value: id, label: name })),
        (queueId) => set({ queueId }),
      )}
      {one(
        'assignee',
        filter.assignee,
        [
          { value: 'none', label: t('search.nobody') },
          ...people.map(({ id, name }) => ({ value: id, label: id === reference?.me.id ? t('search.me', { name }) : name })),
        ],
        (assignee) => set({ assignee }),
      )}
      {one(
        'tag',
        filter.tag,
        (reference?.tags ?? []).map((tag) => ({ value: tag, label: tag })),
        (tag) => set({ tag }),
      )}
      {one(
        'state',
        filter.settled === null ? null : filter.settled ? 'settled' : 'open',
        [
          { value: 'open', label: t('search.open') },
          { value: 'settled', label: t('search.settled') },
        ],
        (value) => set({ settled: value === null ? null : value === 'settled' }),
      )}
      <Time filter={filter} set={set} />
      {narrowed && (
        <Button size="small" look="quiet" onPress={() => setSearch({ filter: noSearchFilter })}>
          {t('search.clear')}
        </Button>
      )}
    </div>
  );
}

function Time({ filter, set }: { filter: SearchFilter; set: (change: Partial<SearchFilter>) => void }) {
  const { t } = useTranslation();
  const today = startOfDay(useMinute());
  const { from, until } = filter;
  const span = until === null && from !== null ? spans.find((days) => from === today - (days - 1) * dayMs) : undefined;
  const value =
    from === null && until === null ? any : until === null && from === today ? 'today' : span === undefined ? 'dates' : String(span);
  const choose = (next: string) => {
    if (next === any) set({ from: null, until: null });
    else if (next === 'dates') set({ from: today - 29 * dayMs, until: today + dayMs });
    else set({ from: next === 'today' ? today : today - (Number(next) - 1) * dayMs, until: null });
  };
  return (
    <>
      <span className={value === any ? css['by'] : css['byOn']}>
        <Pick
          look="bare"
          label={t('search.by.time')}
          value={value}
          options={[
            { value: any, label: t('search.any.time') },
            { value: 'today', label: t('search.today') },
            ...spans.map((days) => ({ value: String(days), label: t('search.days', { n: days }) })),
            { value: 'dates', label: t('search.dates') },
          ]}
          onChange={choose}
        />
      </span>
      {value === 'dates' && (
        <span className={css['dates']}>
          <DateInput label={t('search.from')} at={from} onChange={(at) => set({ from: at })} />
          <span aria-hidden>–</span>
          <DateInput
            label={t('search.to')}
            at={until === null ? null : until - dayMs}
            onChange={(at) => set({ until: at === null ? null : at + dayMs })}
          />
        </span>
      )}
    </>
  );
}

function DateInput({ label, at, onChange }: { label: string; at: number | null; onChange: (at: number | null) => void }) {
  const shown = at === null ? '' : new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  return (
    <input
      type="date"
      className={css['date']}
      aria-label={label}
      value={shown}
      onChange={(event) => {
        const chosen = event.target.value === '' ? null : new Date(`${event.target.value}T00:00`).getTime();
        if (chosen === null || Number.isFinite(chosen)) onChange(chosen);
      }}
    />
  );
}
