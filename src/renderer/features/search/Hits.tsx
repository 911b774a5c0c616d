import { BookOpen, NotebookPen, PhoneCall } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ArticleFound, CustomerFound, HubFound, MessageFound, TicketFound } from '../../../shared/found.ts';
import { useMinute } from '../../app/clock.ts';
import { usePrefs } from '../../app/prefs.ts';
import { refOf } from '../../app/refs.ts';
import { useQuery } from '../../app/useQuery.ts';
import { ChannelGlyph } from '../../ui/Channel.tsx';
import { Avatar } from '../../ui/Person.tsx';
import { StatusChip } from '../../ui/StatusChip.tsx';
import { exact, listTime } from '../../ui/time.ts';
import { Marks } from './Marks.tsx';
import css from './Search.module.css';

function Line({ glyph, title, end, second }: { glyph: ReactNode; title: ReactNode; end: ReactNode; second: ReactNode }) {
  return (
    <>
      <span className={css['glyph']}>{glyph}</span>
      <span className={css['body']}>
        <span className={css['line']}>
          <span className={css['title']}>{title}</span>
          <span className={css['end']}>{end}</span>
        </span>
        <span className={css['second']}>{second}</span>
      </span>
    </>
  );
}

function When({ at }: { at: number }) {
  const { t } = useTranslation();
  const now = useMinute();
  const language = usePrefs((prefs) => prefs.language);
  return <time title={exact(at, language)}>{listTime(at, Math.max(now, at), t)}</time>;
}

/** Words with a dot between them. */
function Facts({ of }: { of: (ReactNode | null)[] }) {
  return of
    .filter((fact) => fact !== null && fact !== '')
    .map((fact, index) => (
      <span key={index} className={css['fact']}>
        {fact}
      </span>
    ));
}

export function TicketHit({ hit }: { hit: TicketFound }) {
  const { value: reference } = useQuery('reference', null);
  const queue = reference?.queues.find(({ id }) => id === hit.queueId)?.name ?? null;
  const assignee = reference?.users.find(({ id }) => id === hit.assigneeId)?.name ?? null;
  return (
    <Line
      glyph={<ChannelGlyph kind={hit.channel} size={16} />}
      title={<Marks of={hit.subject} />}
      end={
        <>
          <StatusChip status={hit.status} />
          <When at={hit.at} />
        </>
      }
      second={<Facts of={[refOf(hit), hit.customerName, queue, assignee]} />}
    />
  );
}

export function MessageHit({ hit }: { hit: MessageFound }) {
  const { t } = useTranslation();
  const ref = refOf(hit);
  return (
    <Line
      glyph={<ChannelGlyph kind={hit.channel} size={16} />}
      title={
        <>
          {hit.customerName}
          <span className={css['beside']}>
            {ref} {hit.subject}
          </span>
        </>
      }
      end={<When at={hit.at} />}
      second={
        <span className={css['text']}>
          {hit.kind === 'note' && (
            <span className={css['kind']}>
              <NotebookPen size={12} aria-hidden /> {t('search.note')}
            </span>
          )}
          {hit.kind === 'call' && (
            <span className={css['kind']}>
              <PhoneCall size={12} aria-hidden /> {t('search.call')}
            </span>
          )}
          <span className={css['who']}>{hit.authorName}: </span>
          <Marks of={hit.snippet} />
        </span>
      }
    />
  );
}

export function CustomerHit({ hit }: { hit: CustomerFound }) {
  const { t } = useTranslation();
  return (
    <Line
      glyph={<Avatar name={hit.name.text} size={24} />}
      title={<Marks of={hit.name} />}
      end={<span>{hit.openTickets === 0 ? t('search.noOpenTickets') : t('search.openTickets', { n: hit.openTickets })}</span>}
      second={<Facts of={[...hit.reach.map((one) => <Marks key={one.text} of={one} />), hit.city]} />}
    />
  );
}

export function ArticleHit({ hit }: { hit: ArticleFound }) {
  const { t } = useTranslation();
  return (
    <Line
      glyph={<BookOpen size={16} aria-hidden />}
      title={<Marks of={hit.title} />}
      end={<span>{t(`search.articleKind.${hit.kind}`)}</span>}
      second={
        <span className={css['text']}>
          <Marks of={hit.snippet} />
        </span>
      }
    />
  );
}

export function HubHit({ hit }: { hit: HubFound }) {
  const { value: reference } = useQuery('reference', null);
  const queue = reference?.queues.find(({ id }) => id === hit.queueId)?.name ?? null;
  return (
    <Line
      glyph={<ChannelGlyph kind={hit.channel} size={16} />}
      title={
        <>
          <Marks of={hit.subject} />
          <span className={css['beside']}>
            <Facts of={[hit.number === null ? null : `#${hit.number}`, hit.customerName, queue]} />
          </span>
        </>
      }
      end={<When at={hit.at} />}
      second={
        <span className={css['text']}>
          <Marks of={hit.snippet} />
        </span>
      }
    />
  );
}
