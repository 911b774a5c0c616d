import { ArrowDown } from 'lucide-react';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TicketDetail } from '../../../shared/bridge.ts';
import { AttentionCard } from '../../app/AttentionCard.tsx';
import { useMinute } from '../../app/clock.ts';
import { useDesk } from '../../app/desk.ts';
import { usePrefs } from '../../app/prefs.ts';
import { useLate } from '../../app/useLate.ts';
import { useQuery, useSteadyQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { ChannelGlyph } from '../../ui/Channel.tsx';
import { Bone, State } from '../../ui/State.tsx';
import { dayLabel } from '../../ui/time.ts';
import { entriesOf } from './entries.ts';
import { Alone, Group } from './Messages.tsx';
import { Older } from './Older.tsx';
import css from './Timeline.module.css';

const page = 50;
const most = 500;
/** Fewer than this, and older ones are fetched without being asked for. */
const few = 10;
/** Nearer to the end than this counts as being there. */
const nearPx = 48;

export function Timeline({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const now = useMinute();
  const [newest, setNewest] = useState(page);
  const { value: timeline } = useSteadyQuery('ticket.timeline', { ticketId: ticket.id, newest });
  const { value: reference } = useQuery('reference', null);
  const { value: attention } = useQuery('attention.list', null);
  const held = (attention ?? []).filter((item) => item.ticketId === ticket.id);
  const late = useLate(timeline === undefined);
  const [below, setBelow] = useState(false);
  // The mark stays where it was when the ticket was opened; it does not run ahead of the reader.
  const [openedAt, setOpenedAt] = useState(ticket.unansweredSince);
  if (openedAt !== null && ticket.unansweredSince === null) setOpenedAt(null);
  const entries = useMemo(
    () => entriesOf(timeline?.messages ?? [], openedAt ?? ticket.unansweredSince),
    [timeline, openedAt, ticket.unansweredSince],
  );

  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const place = useRef({ atEnd: true, firstId: '', lastId: '', height: 0 });
  const first = timeline?.messages[0];
  const last = timeline?.messages.at(-1);
  const meId = reference?.me.id;

  // 1. older messages above: what is being read stays in place; 2. at the end, or after one's own words: stay at the end
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || !first || !last) return;
    const before = place.current;
    const grewAbove = before.firstId !== '' && before.firstId !== first.id && before.lastId === last.id;
    const own = before.lastId !== last.id && last.authorId === meId;
    if (grewAbove) element.scrollTop += element.scrollHeight - before.height;
    else if (before.atEnd || own) element.scrollTop = element.scrollHeight;
    else if (before.lastId !== last.id) setBelow(true);
    place.current = { ...place.current, firstId: first.id, lastId: last.id, height: element.scrollHeight };
  }, [first, last, meId]);

  // The composer grows, a pane is folded: the end stays in sight.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || !content.current) return;
    const observer = new ResizeObserver(() => {
      if (place.current.atEnd) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    observer.observe(content.current);
    return () => observer.disconnect();
  }, []);

  // Opened at a message that was found: it comes into sight once, also when it lies further back than what is shown.
  const wanted = useDesk(({ opened }) => (opened?.ticketId === ticket.id ? opened.messageId : null));
  const [brought, setBrought] = useState<string | null>(null);
  const there = wanted !== null && timeline?.messages.some(({ id }) => id === wanted) === true;
  if (wanted !== null && brought !== wanted && !there && timeline?.more === true && newest < most) setNewest(most);
  useLayoutEffect(() => {
    const element = !there || brought === wanted ? null : document.getElementById(`message-${wanted}`);
    if (!element) return;
    place.current.atEnd = false;
    element.scrollIntoView({ block: 'center' });
    element.animate([{ backgroundColor: 'var(--note-line)' }, { backgroundColor: 'transparent' }], { duration: 1600, easing: 'ease-in' });
    const frame = requestAnimationFrame(() => setBrought(wanted));
    return () => cancelAnimationFrame(frame);
  }, [wanted, brought, there]);

  const scrolled = () => {
    const element = scroller.current;
    if (!element) return;
    place.current.atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < nearPx;
    if (place.current.atEnd && below) setBelow(false);
  };

  return (
    <div className={css['box']}>
      <div
        ref={scroller}
        id="timeline"
        className={css['scroller']}
        role="log"
        aria-live="off"
        aria-label={t('ticket.history')}
        tabIndex={0}
        onScroll={scrolled}
      >
        <div ref={content} className={css['column']}>
          {timeline?.more === true && newest < most && (
            <div className={css['older']}>
              <Button size="small" look="quiet" onPress={() => setNewest(Math.min(most, newest + page))}>
                {t('ticket.loadOlder')}
              </Button>
            </div>
          )}
          {timeline !== undefined && !timeline.more && timeline.hereSince > 0 && (
            <Older ticketId={ticket.id} since={timeline.hereSince} few={timeline.messages.length < few} />
          )}
          {timeline === undefined && late && <Skeleton />}
          {timeline?.messages.length === 0 && timeline.hereSince === 0 && <State title={t('ticket.empty')} />}
          {entries.map((entry) => {
            switch (entry.kind) {
              case 'day':
                return (
                  <p key={entry.key} className={css['day']}>
                    <span>{dayLabel(entry.at, now, t, language)}</span>
                  </p>
                );
              case 'hop':
                return (
                  <p key={entry.key} className={css['hop']}>
                    <ChannelGlyph kind={entry.channel} size={14} silent />
                    {t('ticket.hop', { channel: t(`channel.${entry.channel}`) })}
                  </p>
                );
              case 'unread':
                return (
                  <p key={entry.key} className={css['unread']}>
                    <span>{t('ticket.unread')}</span>
                  </p>
                );
              case 'group':
                return (
                  <Group
                    key={entry.key}
                    messages={entry.messages}
                    side={entry.side}
                    meId={reference?.me.id ?? ''}
                    subject={ticket.subject}
                  />
                );
              case 'alone':
                return <Alone key={entry.key} message={entry.message} />;
            }
          })}
          {held.map((item) => (
            <AttentionCard key={item.mutationId} item={item} inPlace />
          ))}
        </div>
      </div>
      {below && (
        <button
          type="button"
          className={css['below']}
          onClick={() => {
            scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
            setBelow(false);
          }}
        >
          <ArrowDown size={12} aria-hidden />
          {t('ticket.newBelow')}
        </button>
      )}
    </div>
  );
}

function Skeleton() {
  return (
    <div className={css['skeleton']} aria-hidden>
      <Bone width="52%" height={44} />
      <Bone width="38%" height={32} />
      <Bone width="60%" height={64} />
    </div>
  );
}
