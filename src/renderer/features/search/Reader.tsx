import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { HubFound } from '../../../shared/found.ts';
import { mark, readTyped, type Typed } from '../../../shared/search.ts';
import { openFound, setSearch, useDesk } from '../../app/desk.ts';
import { usePrefs } from '../../app/prefs.ts';
import { useLate } from '../../app/useLate.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Bone, State } from '../../ui/State.tsx';
import { exact } from '../../ui/time.ts';
import { Marks } from './Marks.tsx';
import css from './Search.module.css';

/** What is read beside the list: an article, or all that the hub says of a ticket that is not here. */
export function Reader({ reading, hubHits }: { reading: string; hubHits: HubFound[] }) {
  const { t } = useTranslation();
  const text = useDesk((desk) => desk.search.text);
  const typed = readTyped(text);
  const away = hubHits.find((hit) => reading === hubKey(hit));
  return (
    <aside className={css['reader']} id="search-reader" tabIndex={-1} aria-label={t('search.reading')} data-testid="search-reader">
      <div className={css['readerClose']}>
        <IconButton
          size="small"
          label={t('search.closeReading')}
          keys="Escape"
          icon={<X size={16} aria-hidden />}
          onPress={() => setSearch({ reading: null })}
        />
      </div>
      {away ? <Away hit={away} /> : <ArticleText articleId={reading.slice(2)} typed={typed} />}
    </aside>
  );
}

export const hubKey = (hit: HubFound): string => `h:${hit.ticketId}:${hit.messageId ?? ''}`;

function ArticleText({ articleId, typed }: { articleId: string; typed: Typed }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const { value: article } = useQuery('article.get', { articleId });
  const late = useLate(article === undefined);
  if (article === undefined) return late ? <Bone width="60%" height={20} /> : null;
  if (article === null) return <State title={t('search.gone')} />;
  return (
    <article className={css['article']}>
      <p className={css['articleKind']}>{t(`search.articleKind.${article.kind}`)}</p>
      <h2>
        <Marks of={mark(article.title, typed)} />
      </h2>
      <p className={css['updated']}>{t('search.updated', { at: exact(article.updatedAt, language) })}</p>
      {article.body.split(/\n{2,}/).map((paragraph, index) => (
        <p key={index} className={css['paragraph']}>
          <Marks of={mark(paragraph, typed)} />
        </p>
      ))}
    </article>
  );
}

function Away({ hit }: { hit: HubFound }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const { value: reference } = useQuery('reference', null);
  const facts: [string, string | null][] = [
    [t('search.number'), hit.number === null ? null : `#${hit.number}`],
    [t('search.customerName'), hit.customerName],
    [t('search.by.channel'), t(`channel.${hit.channel}`)],
    [t('search.by.queue'), reference?.queues.find(({ id }) => id === hit.queueId)?.name ?? null],
    [t('search.by.state'), hit.settled ? t('search.settled') : t('search.open')],
    [t('search.lastAt'), exact(hit.at, language)],
  ];
  return (
    <article className={css['article']}>
      <p className={css['articleKind']}>{t('search.hub')}</p>
      <h2>
        <Marks of={hit.subject} />
      </h2>
      <p className={css['updated']}>{hit.ticketHere ? t('search.awayMessage') : t('search.away')}</p>
      {hit.ticketHere && (
        <Button look="primary" onPress={() => openFound(hit.ticketId, hit.messageId)}>
          {t('search.openTicket')}
        </Button>
      )}
      <dl className={css['facts']}>
        {facts.map(
          ([name, value]) =>
            value !== null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <h3>{t('search.foundText')}</h3>
      <blockquote className={css['quote']}>
        <Marks of={hit.snippet} />
      </blockquote>
    </article>
  );
}
