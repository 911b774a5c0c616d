import type { QueryName } from '../../shared/bridge.ts';
import { windowAround } from '../features/inbox/order.ts';
import { useDesk } from './desk.ts';
import { watch } from './engine.ts';

/** Asks for what the first screen shows before it is drawn: the answers come while React is still at it. */
export function askAhead(): void {
  const { view, sort, filter } = useDesk.getState();
  const ask = (name: QueryName, args: unknown): void => watch(name, args, () => undefined)();
  // The session last: when it says that there is work to show, the work has come.
  ask('reference', null);
  ask('inbox.counts', null);
  ask('inbox.window', { view, sort, filter, ...windowAround(0) });
  ask('session.state', null);
}
