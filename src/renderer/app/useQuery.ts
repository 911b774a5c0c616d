import { useCallback, useState, useSyncExternalStore } from 'react';
import type { QueryArgs, QueryName, QueryValues } from '../../shared/bridge.ts';
import { keyFor, nothing, peek, watch, type Watched } from './engine.ts';

/** The live value of a query; `args` undefined watches nothing. */
export function useQuery<N extends QueryName>(name: N, args: QueryArgs<N> | undefined): Watched<QueryValues[N]> {
  // Equal arguments are one subscription, whatever object they came in.
  const json = args === undefined ? null : JSON.stringify(args);
  const subscribe = useCallback(
    (listener: () => void) => (json === null ? () => undefined : watch(name, JSON.parse(json), listener)),
    [json, name],
  );
  return useSyncExternalStore(subscribe, () =>
    json === null ? nothing : ((peek(keyFor(name, json))?.watched ?? nothing) as Watched<QueryValues[N]>),
  );
}

/** As useQuery, but holds the last value of earlier arguments until the new ones have theirs: no flash between two states. */
export function useSteadyQuery<N extends QueryName>(name: N, args: QueryArgs<N> | undefined): Watched<QueryValues[N]> {
  const now = useQuery(name, args);
  const [held, setHeld] = useState(now.value);
  if (now.value !== undefined && now.value !== held) setHeld(now.value);
  return now.value === undefined && now.error === null ? { value: held, error: null } : now;
}
