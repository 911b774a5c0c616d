import { Cloud, CloudOff, HardDrive, Search as SearchIcon, SearchX, X } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { HubFound, SearchAnswerHere, SearchKind } from '../../../shared/found.ts';
import { focusOn, openFound, setSearch, useDesk } from '../../app/desk.ts';
import { composes } from '../../app/keys.ts';
import { useLate } from '../../app/useLate.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Segments } from '../../ui/Choice.tsx';
import { Bone, State } from '../../ui/State.tsx';
import { Filters } from './Filters.tsx';
import { ArticleHit, CustomerHit, HubHit, MessageHit, TicketHit } from './Hits.tsx';
import { hubKey, Reader } from './Reader.tsx';
import css from './Search.module.css';
import { asksFor, type Hub, useHere, useHub } from './useSearch.ts';

const kinds: readonly SearchKind[] = ['ticket', 'message', 'customer', 'article'];
/** hits of each kind where all kinds are shown */
const few = { customer: 4, ticket: 6, message: 12, article: 3 } as const;

/** One line that can be gone to and opened. */
interface Item {
  key: string;
  draw: ReactNode;
  open: () => void;
}
interface Section {
  kind: SearchKind;
  items: Item[];
}

export function Search() {
  const { t } = useTranslation();
  const { text, kind, filter, at, reading } = useDesk((desk) => desk.search);
  const { value: status } = useQuery('status', null);
  const question = useMemo(() => ({ text, kind, filter }), [text, kind, filter]);
  const here = useHere(question);
  const { hub, again: askHubAgain } = useHub(question, status && status.connection === 'online');
  const asked = asksFor(question);
  const late = useLate(asked && !here.current && here.answer === undefined);
  const hubHits = hub.state === 'done' && kind !== 'customer' && kind !== 'article' ? hub.answer.hits : noHits;

  const sections = useMemo(
    () => (here.answer && asked ? sectionsOf(here.answer, kind, t('search.more'), (of) => t(`search.moreOf.${of}`), here.more) : []),
    [here, kind, asked, t],
  );
  const away: Item[] = hubHits.map((hit) => ({
    key: hubKey(hit),
    draw: <HubHit hit={hit} />,
    open: () => read(hubKey(hit)),
  }));
  const items = [...sections.flatMap((section) => section.items), ...away];
  const current = items.find((item) => item.key === at) ?? items[0];

  const scrolled = useRef(at);
  useEffect(() => {
    if (current === undefined || scrolled.current === current.key) return;
    scrolled.current = current.key;
    document.getElementById(domId(current.key))?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  // Enter that came ahead of the answer counts for the question it was pressed on, and for no other.
  const entered = useRef<typeof question | null>(null);
  useEffect(() => {
    if (entered.current === null || !here.current) return;
    const meant = entered.current === question;
    entered.current = null;
    if (meant) current?.open();
  }, [here, question, current]);

  const press = (event: KeyboardEvent) => {
    if (composes(event.nativeEvent) || event.altKey) return;
    const inText = event.target instanceof HTMLInputElement;
    const plain = !event.ctrlKey && !event.metaKey;
    const by =
      event.key === 'ArrowDown' || (!inText && plain && event.key === 'j')
        ? 1
        : event.key === 'ArrowUp' || (!inText && plain && event.key === 'k')
          ? -1
          : 0;
    if (by !== 0) {
      event.preventDefault();
      const index = current === undefined ? -1 : items.indexOf(current);
      const next = items[Math.min(items.length - 1, Math.max(0, index + by))];
      if (next) setSearch({ at: next.key, ...(reading === null ? {} : { reading: readable(next.key) ? next.key : null }) });
    } else if (event.key === 'Enter' && plain) {
      event.preventDefault();
      // Not what was found for the word before: it opens when its own answer is here.
      if (here.current) current?.open();
      else entered.current = question;
    } else if (event.key === '/' && !inText) {
      event.preventDefault();
      focusOn('search-input');
    } else if (event.key === 'Escape' && reading === null && !inText) {
      event.preventDefault();
      focusOn('search-input');
    }
  };
  const leaveReading = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || reading === null || event.defaultPrevented || composes(event.nativeEvent)) return;
    event.preventDefault();
    setSearch({ reading: null });
    focusOn('search-list');
  };

  return (
    <div className={css['screen']} onKeyDown={leaveReading} data-testid="search">
      <div className={css['main']}>
        <header className={css['head']}>
          <h1 className="sr-only">{t('search.title')}</h1>
          <div className={css['field']}>
            <SearchIcon size={16} aria-hidden />
            <input
              id="search-input"
              autoFocus
              role="combobox"
              aria-expanded={items.length > 0}
              aria-controls="search-list"
              aria-activedescendant={current ? domId(current.key) : undefined}
              aria-label={t('search.input')}
              placeholder={t('search.input')}
              spellCheck={false}
              maxLength={200}
              value={text}
              onChange={(event) => setSearch({ text: event.target.value, at: null, reading: null })}
              onKeyDown={press}
            />
            {text !== '' && (
              <IconButton
                size="small"
                label={t('act.clear')}
                icon={<X size={14} aria-hidden />}
                onPress={() => {
                  setSearch({ text: '', at: null, reading: null });
                  focusOn('search-input');
                }}
              />
            )}
          </div>
          <Segments
            hideLabel
            label={t('search.kinds')}
            value={kind ?? 'all'}
            options={(['all', ...kinds] as const).map((value) => ({ value, label: t(`search.kind.${value}`) }))}
            onChange={(value) => setSearch({ kind: value === 'all' ? null : value, at: null, reading: null })}
          />
          <Filters />
        </header>
        <div
          id="search-list"
          className={css['list']}
          role="listbox"
          tabIndex={0}
          aria-label={t('search.results')}
          aria-busy={asked && !here.current}
          aria-activedescendant={current ? domId(current.key) : undefined}
          onKeyDown={press}
        >
          {asked && (status?.loading ?? null) !== null && <p className={css['hint']}>{t('search.loading')}</p>}
          {!asked ? (
            <State icon={<SearchIcon size={20} aria-hidden />} title={t('search.start')} hint={t('search.startHint')} />
          ) : (
            <>
              <Origin icon={<HardDrive size={14} aria-hidden />} name={t('search.here')} hint={t('search.hereHint')} />
              {here.failed ? (
                <State
                  role="alert"
                  title={t('search.failed')}
                  hint={t('search.failedHint')}
                  action={<Button onPress={here.again}>{t('search.again')}</Button>}
                />
              ) : here.answer === undefined ? (
                late && <Skeleton />
              ) : sections.length === 0 ? (
                <div data-testid="search-none">
                  <State icon={<SearchX size={20} aria-hidden />} title={t('search.none')} hint={t('search.noneHint')} />
                </div>
              ) : (
                sections.map((section) => (
                  <div key={section.kind} role="group" aria-label={t(`search.kind.${section.kind}`)} data-testid={`found-${section.kind}`}>
                    {kind === null && <h3 className={css['section']}>{t(`search.kind.${section.kind}`)}</h3>}
                    <Items items={section.items} current={current} />
                  </div>
                ))
              )}
              {hub.state !== 'off' && (
                <>
                  <Origin
                    icon={hub.state === 'offline' ? <CloudOff size={14} aria-hidden /> : <Cloud size={14} aria-hidden />}
                    name={t('search.hub')}
                    hint={t('search.hubHint')}
                  />
                  <div role="group" aria-label={t('search.hub')} data-testid="found-hub" data-state={hub.state}>
                    <Items items={away} current={current} />
                    <HubSays hub={hub} again={askHubAgain} />
                  </div>
                </>
              )}
            </>
          )}
        </div>
        <p className={css['keys']} aria-hidden>
          {t('search.keys')}
        </p>
      </div>
      {reading !== null && <Reader key={reading} reading={reading} hubHits={hubHits} />}
    </div>
  );
}

const noHits: HubFound[] = [];
const domId = (key: string) => `hit-${key}`;
const readable = (key: string) => key.startsWith('a:') || key.startsWith('h:');
const read = (key: string) => {
  setSearch({ at: key, reading: key });
  focusOn('search-reader');
};

function sectionsOf(
  answer: SearchAnswerHere,
  kind: SearchKind | null,
  more: string,
  moreOf: (kind: SearchKind) => string,
  next: () => void,
): Section[] {
  const open = (key: string, ticketId: string | null, messageId: string | null) => () => {
    setSearch({ at: key });
    if (ticketId !== null) openFound(ticketId, messageId);
  };
  const found: Record<SearchKind, { items: Item[]; more: boolean }> = {
    ticket: {
      items: answer.tickets.hits.map((hit) => ({
        key: `t:${hit.id}`,
        draw: <TicketHit hit={hit} />,
        open: open(`t:${hit.id}`, hit.id, null),
      })),
      more: answer.tickets.more !== null,
    },
    message: {
      items: answer.messages.hits.map((hit) => ({
        key: `m:${hit.id}`,
        draw: <MessageHit hit={hit} />,
        open: open(`m:${hit.id}`, hit.ticketId, hit.id),
      })),
      more: answer.messages.more !== null,
    },
    customer: {
      items: answer.customers.hits.map((hit) => ({
        key: `c:${hit.id}`,
        draw: <CustomerHit hit={hit} />,
        open: open(`c:${hit.id}`, hit.ticketId, null),
      })),
      more: answer.customers.more !== null,
    },
    article: {
      items: answer.articles.hits.map((hit) => ({ key: `a:${hit.id}`, draw: <ArticleHit hit={hit} />, open: () => read(`a:${hit.id}`) })),
      more: answer.articles.more !== null,
    },
  };
  const order: readonly SearchKind[] = kind === null ? ['customer', 'ticket', 'message', 'article'] : [kind];
  return order.flatMap((one) => {
    const { items, more: further } = found[one];
    const shown = kind === null ? items.slice(0, few[one]) : items;
    if (shown.length === 0) return [];
    const rest: Item[] =
      kind !== null && further
        ? [{ key: `+:${one}`, draw: <span className={css['more']}>{more}</span>, open: next }]
        : kind === null && (further || shown.length < items.length)
          ? [{ key: `+:${one}`, draw: <span className={css['more']}>{moreOf(one)}</span>, open: () => setSearch({ kind: one, at: null }) }]
          : [];
    return [{ kind: one, items: [...shown, ...rest] }];
  });
}

function Items({ items, current }: { items: Item[]; current: Item | undefined }) {
  return items.map((item) => (
    <div
      key={item.key}
      id={domId(item.key)}
      role="option"
      aria-selected={item.key === current?.key}
      className={css['hit']}
      data-testid="search-hit"
      data-key={item.key}
      onClick={item.open}
    >
      {item.draw}
    </div>
  ));
}

/** Where what follows was found. */
function Origin({ icon, name, hint }: { icon: ReactNode; name: string; hint: string }) {
  return (
    <div className={css['origin']}>
      {icon}
      <h2>{name}</h2>
      <span>{hint}</span>
    </div>
  );
}

function HubSays({ hub, again }: { hub: Hub; again: () => void }) {
  const { t } = useTranslation();
  const late = useLate(hub.state === 'asking');
  const say = (text: string, action?: ReactNode) => (
    <p className={css['says']} role="status">
      {text}
      {action}
    </p>
  );
  switch (hub.state) {
    case 'off':
      return null;
    case 'short':
      return say(t('search.hubLonger'));
    case 'elsewhere':
      return say(t('search.hubTickets'));
    case 'offline':
      return say(t('search.offline'));
    case 'asking':
      return late ? say(t('search.asking')) : null;
    case 'failed': {
      const known = (['TOO_SLOW', 'TOO_MANY_ATTEMPTS'] as const).find((code) => code === hub.code);
      return say(
        t(`search.hubError.${known ?? 'other'}`),
        <Button size="small" look="quiet" onPress={again}>
          {t('search.again')}
        </Button>,
      );
    }
    case 'done':
      if (hub.answer.more) return say(t('search.hubMore'));
      return hub.answer.hits.length === 0 ? say(t('search.hubNothing')) : null;
  }
}

function Skeleton() {
  return (
    <div className={css['skeleton']} aria-hidden>
      {[62, 48, 70, 55].map((width) => (
        <div key={width} className={css['hit']}>
          <Bone width={16} height={16} />
          <span className={css['body']}>
            <Bone width={`${width}%`} />
            <Bone width={`${width - 16}%`} height={8} />
          </span>
        </div>
      ))}
    </div>
  );
}
