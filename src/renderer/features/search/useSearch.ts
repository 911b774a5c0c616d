/** What is found here and at the hub for what is typed; answers that come too late are dropped. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { BridgeErrorCode } from '../../../shared/bridge.ts';
import type { Found, HubAnswer, SearchAnswerHere, SearchKind } from '../../../shared/found.ts';
import type { SearchFilter } from '../../../shared/protocol.ts';
import { EngineError, execute, query } from '../../app/engine.ts';

export interface Question {
  text: string;
  kind: SearchKind | null;
  filter: SearchFilter;
}

/** ms after the last key: here at once, at the hub when the typing has come to rest */
const pauseMs = { here: 40, hub: 350 };
const windows = { all: 20, one: 50 };

export const asksFor = ({ text, filter }: Question): boolean => text.trim() !== '' || Object.values(filter).some((value) => value !== null);

export interface Here {
  /** what was found for the question before stays until the next answer is there */
  answer: SearchAnswerHere | undefined;
  /** the answer is that of the question */
  current: boolean;
  failed: boolean;
  again: () => void;
  /** the next window of the one kind that is asked for */
  more: () => void;
}

const lists = { ticket: 'tickets', message: 'messages', customer: 'customers', article: 'articles' } as const;

export function useHere(question: Question): Here {
  const key = JSON.stringify(question);
  const [state, setState] = useState<{ key: string; answer: SearchAnswerHere | undefined; failed: boolean }>({
    key: '',
    answer: undefined,
    failed: false,
  });
  const [attempt, setAttempt] = useState(0);
  const asking = `${attempt} ${key}`;
  useEffect(() => {
    const json = asking.slice(asking.indexOf(' '));
    const asked = JSON.parse(json) as Question;
    if (!asksFor(asked)) return;
    let wanted = true;
    const timer = setTimeout(() => {
      const count = asked.kind === null ? windows.all : windows.one;
      query('search', { ...asked, after: null, count }).then(
        (answer) => wanted && setState({ key: json.slice(1), answer, failed: false }),
        () => wanted && setState((before) => ({ ...before, key: json.slice(1), failed: true })),
      );
    }, pauseMs.here);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [asking]);

  const again = useCallback(() => setAttempt((n) => n + 1), []);
  const more = useCallback(() => {
    const asked = JSON.parse(key) as Question;
    if (asked.kind === null || state.key !== key) return;
    const list = lists[asked.kind];
    const after = state.answer?.[list].more ?? null;
    if (after === null) return;
    query('search', { ...asked, after, count: windows.one }).then(
      (next) =>
        setState((before) => {
          // Another question meanwhile, or the same window asked for twice.
          if (before.key !== key || before.answer?.[list].more !== after) return before;
          return { ...before, answer: { ...before.answer, [list]: joined<{ id: string }>(before.answer[list], next[list]) } };
        }),
      () => setState((before) => (before.key === key ? { ...before, failed: true } : before)),
    );
  }, [key, state]);
  return { answer: state.answer, current: state.key === key, failed: state.failed && state.key === key, again, more };
}

function joined<T extends { id: string }>(before: Found<T>, next: Found<T>): Found<T> {
  const known = new Set(before.hits.map(({ id }) => id));
  return { hits: [...before.hits, ...next.hits.filter(({ id }) => !known.has(id))], more: next.more };
}

export type Hub =
  | { state: 'off' | 'short' | 'elsewhere' | 'offline' | 'asking' }
  | { state: 'failed'; code: BridgeErrorCode }
  | { state: 'done'; answer: HubAnswer };

/** `online`: undefined while nobody knows. */
export function useHub({ text, kind, filter }: Question, online: boolean | undefined): { hub: Hub; again: () => void } {
  const words = text.trim();
  const key = JSON.stringify({ text: words, filter });
  const [state, setState] = useState<{ key: string; hub: Hub } | null>(null);
  const [attempt, setAttempt] = useState(0);
  const rests: Hub | null = useMemo(() => {
    if (words === '') return { state: 'off' };
    if (kind === 'customer' || kind === 'article') return { state: 'elsewhere' };
    if (words.length < 2) return { state: 'short' };
    return online === false ? { state: 'offline' } : null;
  }, [words, kind, online]);
  const asking = rests === null && online === true ? `${attempt} ${key}` : null;
  useEffect(() => {
    if (asking === null) return;
    const json = asking.slice(asking.indexOf(' ') + 1);
    let wanted = true;
    const settle = (hub: Hub) => wanted && setState({ key: json, hub });
    const timer = setTimeout(() => {
      execute('search.hub', JSON.parse(json) as { text: string; filter: SearchFilter }).then(
        (answer) => settle({ state: 'done', answer }),
        (error: unknown) => settle({ state: 'failed', code: error instanceof EngineError ? error.error.code : 'INTERNAL' }),
      );
    }, pauseMs.hub);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [asking]);
  const again = useCallback(() => {
    setState(null);
    setAttempt((n) => n + 1);
  }, []);
  return { hub: rests ?? (state?.key === key ? state.hub : { state: 'asking' }), again };
}
