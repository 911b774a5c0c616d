import { useCallback, useEffect, useState } from 'react';
import type { AdminCommand, AdminCommandValues } from '../../shared/bridge-admin.ts';
import type { CommandArgs } from '../../shared/bridge.ts';
import { EngineError, execute } from './engine.ts';

export type Got<T> = { state: 'loading' } | { state: 'failed'; offline: boolean } | { state: 'here'; value: T };

/**
 * What the hub says to a question; asked anew when `of` or its arguments change, and on demand. What is on the screen stays when it can't
 * be had anew. `args` undefined asks nothing.
 */
export function useHub<N extends AdminCommand>(
  name: N,
  args: CommandArgs<N> | undefined,
  of = '',
): { got: Got<AdminCommandValues[N]>; load: () => void } {
  type Value = AdminCommandValues[N];
  const json = args === undefined ? null : JSON.stringify(args);
  const [{ got, about, on }, setShown] = useState<{ got: Got<Value>; about: string; on: string | null }>({
    got: { state: 'loading' },
    about: '',
    on: null,
  });
  const [asked, setAsked] = useState(0);
  const wanted = `${asked} ${json} ${of}`;
  useEffect(() => {
    if (about === wanted || json === null) return;
    let here = true;
    const show = (next: Got<Value>) => {
      if (!here) return;
      setShown((before) => ({
        got: next.state === 'failed' && before.got.state === 'here' && before.on === json ? before.got : next,
        about: wanted,
        on: json,
      }));
    };
    execute(name, JSON.parse(json)).then(
      (value) => show({ state: 'here', value: value as Value }),
      (error: unknown) => show({ state: 'failed', offline: error instanceof EngineError && error.error.code === 'HUB_UNREACHABLE' }),
    );
    return () => {
      here = false;
    };
  }, [name, about, wanted, json]);
  const load = useCallback(() => setAsked((count) => count + 1), []);
  // Of something else: not to be shown in its place.
  return { got: on === json ? got : { state: 'loading' }, load };
}

/** The field that the hub has named, or null when it was something else that went wrong. */
export function wrongField(error: unknown): string | null {
  return error instanceof EngineError && error.error.code === 'BAD_REQUEST' ? (error.error.field ?? '') : null;
}
