import { Briefcase, Check, ChevronsUp, CircleAlert, Hourglass, MoonStar, Split } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { InboxRow } from '../../../shared/bridge.ts';
import { mayGoElsewhere } from '../../../shared/sla.ts';
import { useMinute, useTick } from '../../app/clock.ts';
import { useDesk } from '../../app/desk.ts';
import { usePrefs } from '../../app/prefs.ts';
import { useQuery } from '../../app/useQuery.ts';
import { ChannelGlyph } from '../../ui/Channel.tsx';
import { Avatar } from '../../ui/Person.tsx';
import { SlaChip } from '../../ui/SlaChip.tsx';
import { Bone } from '../../ui/State.tsx';
import { exact, listTime, moment } from '../../ui/time.ts';
import css from './Row.module.css';

export interface RowProps {
  row: InboxRow;
  top: number;
  at: number;
  total: number;
  compact: boolean;
  selected: boolean;
  gone: boolean;
  onSelect: () => void;
  onOpen: () => void;
}

export const Row = memo(
  DrawRow,
  (a, b) =>
    a.row === b.row && a.top === b.top && a.total === b.total && a.compact === b.compact && a.selected === b.selected && a.gone === b.gone,
);

function DrawRow({ row, top, at, total, compact, selected, gone, onSelect, onOpen }: RowProps) {
  const { t } = useTranslation();
  const owed = row.unansweredSince !== null;
  return (
    <div
      id={`row-${row.id}`}
      className={`${css['row']} ${compact ? css['compact'] : ''} ${owed ? css['owed'] : ''} ${gone ? css['gone'] : ''}`}
      style={{ transform: `translateY(${top}px)` }}
      role="option"
      aria-selected={selected}
      aria-posinset={at + 1}
      aria-setsize={total}
      data-testid="inbox-row"
      data-ticket-id={row.id}
      onClick={onSelect}
      onDoubleClick={onOpen}
    >
      <div className={css['line']}>
        <ChannelGlyph kind={row.channel} size={14} />
        <span className={css['name']}>{row.customerName}</span>
        <Marks row={row} gone={gone} />
        <SlaChip ticket={row} otherwise={<When row={row} />} />
      </div>
      <div className={css['line']}>
        {(row.priority === 'urgent' || row.priority === 'high') && (
          <span className={css[row.priority]} role="img" aria-label={t(`priority.${row.priority}`)} title={t(`priority.${row.priority}`)}>
            <ChevronsUp size={14} aria-hidden />
          </span>
        )}
        <span className={css['subject']}>{row.subject}</span>
        {compact && <Assignee row={row} />}
      </div>
      {!compact && (
        <div className={css['line']}>
          <Snippet row={row} />
          {row.tags.slice(0, 2).map((tag) => (
            <span key={tag} className={css['tag']}>
              {tag}
            </span>
          ))}
          {row.tags.length > 2 && <span className={css['tag']}>+{row.tags.length - 2}</span>}
          <Assignee row={row} />
        </div>
      )}
    </div>
  );
}

function Snippet({ row }: { row: InboxRow }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const by =
    row.lastMessageKind === 'note'
      ? t('inbox.note')
      : row.lastMessageKind === 'call'
        ? t('inbox.call')
        : row.lastMessageKind === 'reply' && row.lastReplyBy === reference?.me.id
          ? t('inbox.you')
          : '';
  return (
    <span className={css['snippet']}>
      {by}
      {row.lastMessagePreview === '' && row.lastMessageKind === 'inbound' ? t('inbox.noText') : row.lastMessagePreview}
    </span>
  );
}

function Marks({ row, gone }: { row: InboxRow; gone: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      {row.pending > 0 && (
        <span
          className={css['unsent']}
          role="img"
          aria-label={t('inbox.unsent', { n: row.pending })}
          title={t('inbox.unsent', { n: row.pending })}
          data-testid="row-unsent"
        >
          <Hourglass size={12} aria-hidden />
        </span>
      )}
      <Held row={row} />
      <Elsewhere row={row} />
      {row.attention > 0 && (
        <span className={css['attention']} role="img" aria-label={t('inbox.attention')} title={t('inbox.attention')}>
          <CircleAlert size={14} aria-hidden />
        </span>
      )}
      {gone && (
        <span className={css['left']} role="img" aria-label={t('inbox.gone')} title={t('inbox.gone')}>
          <Check size={14} aria-hidden />
        </span>
      )}
    </>
  );
}

/** Somebody keeps it for offline work. */
function Held({ row }: { row: InboxRow }) {
  const { t } = useTranslation();
  const now = useMinute();
  const { value: reference } = useQuery('reference', null);
  if (row.leaseBy === null || row.leaseUntil === null || row.leaseUntil <= now) return null;
  const at = moment(row.leaseUntil, now, t);
  const name = reference?.users.find((user) => user.id === row.leaseBy)?.name ?? t('held.someone');
  const text = row.leaseBy === reference?.me.id ? t('lease.mine', { at }) : t('lease.other', { name, at });
  return (
    <span className={css['unsent']} role="img" aria-label={text} title={text} data-testid="row-lease">
      <Briefcase size={12} aria-hidden />
    </span>
  );
}

/** They have waited so long that they may try another channel, and then there are two tickets. */
function Elsewhere({ row }: { row: InboxRow }) {
  const { t } = useTranslation();
  const risk = useTick((now) => mayGoElsewhere(row, now));
  if (!risk) return null;
  return (
    <span
      className={css['elsewhere']}
      role="img"
      aria-label={t('inbox.elsewhere')}
      title={t('inbox.elsewhere')}
      data-testid="row-elsewhere"
    >
      <Split size={12} aria-hidden />
    </span>
  );
}

function When({ row }: { row: InboxRow }) {
  const { t } = useTranslation();
  const now = useMinute();
  const language = usePrefs((prefs) => prefs.language);
  if (row.snoozedUntil !== null && row.snoozedUntil > now) {
    return (
      <time className={css['when']} title={exact(row.snoozedUntil, language)}>
        <MoonStar size={12} aria-hidden /> {moment(row.snoozedUntil, now, t)}
      </time>
    );
  }
  return (
    <time className={css['when']} title={exact(row.lastMessageAt, language)}>
      {listTime(row.lastMessageAt, Math.max(now, row.lastMessageAt), t)}
    </time>
  );
}

function Assignee({ row }: { row: InboxRow }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const view = useDesk((desk) => desk.view);
  const user = reference?.users.find((each) => each.id === row.assigneeId);
  // In my own list it would be the same two letters on every row.
  if (view === 'mine' && user?.id === reference?.me.id) return null;
  if (!user) return <span className={css['nobody']} role="img" aria-label={t('inbox.unassigned')} title={t('inbox.unassigned')} />;
  return <Avatar name={user.name} size={16} title={t('ticket.assignedTo', { name: user.name })} />;
}

const widths = ['58%', '44%', '66%', '50%', '38%'];

/** A row to come, in the geometry of the one it stands for. */
export function SkeletonRow({ at, compact, top }: { at: number; compact: boolean; top: number }) {
  return (
    <div className={`${css['row']} ${compact ? css['compact'] : ''}`} style={{ transform: `translateY(${top}px)` }} aria-hidden>
      <div className={css['line']}>
        <Bone width={14} height={14} />
        <Bone width={widths[at % 5] ?? '50%'} />
      </div>
      <div className={css['line']}>
        <Bone width={widths[(at + 2) % 5] ?? '50%'} />
      </div>
      {!compact && (
        <div className={css['line']}>
          <Bone width={widths[(at + 3) % 5] ?? '50%'} height={8} />
        </div>
      )}
    </div>
  );
}
