/** What a workstation may keep, and what goes when it may not any more. Every public function is one transaction. */
import type { Db } from './database.ts';
import { prepare } from './database.ts';
import { forgetAll, type Touched, withoutOwn } from './replica.ts';
import { dropAside } from './tables/quarantine.ts';
import { getMeta, setMeta } from './tables/meta.ts';
import { setAsideDrafts } from './tables/outbox.ts';

/**
 * The hub's word on the scopes that this user holds, and where its log and this cache stand. What only lost scopes kept here
 * goes at once; `purge` marks that its traces in the file are still to be wiped. Whatever can't be had from the log asks for a
 * snapshot, in the same transaction, so that a crash forgets nothing. What the agent had begun to write on a lost ticket is their own:
 * it goes to the list of what needs attention. `now`: the hub's clock.
 */
export function holdScopes(
  db: Db,
  said: { scopes: string[]; epoch: string; oldestSeq: number; headSeq: number },
  now: number,
  touched: Touched,
): { snapshot: boolean; lost: boolean } {
  return db.transaction(() => {
    const before = getMeta(db, 'scopes');
    const held = new Set(said.scopes);
    const lost = before?.some((scope) => !held.has(scope)) ?? false;
    const gained = !before || said.scopes.some((scope) => !before.includes(scope));
    setMeta(db, 'scopes', said.scopes);
    if (lost) {
      withoutOwn(db, touched, () => {
        const user = said.scopes.find((scope) => scope.startsWith('user:'))?.slice('user:'.length) ?? null;
        const gone = prepare(
          db,
          `select id from ticket where not (
             (kept & 1) <> 0 and queueId in (select value from json_each(@queues)) or (kept & 2) <> 0 and assigneeId is @user)`,
        )
          .pluck()
          .all({ queues: JSON.stringify(said.scopes.flatMap((scope) => (scope.startsWith('queue:') ? [scope.slice(6)] : []))), user });
        forgetAll(db, gone as string[], touched);
        if (setAsideDrafts(db, gone as string[], now)) touched.add('attention').add('draft');
        if (dropAside(db, said.scopes)) touched.add('quarantine');
      });
      setMeta(db, 'purge', true);
    }
    const cursor = getMeta(db, 'cursor');
    const under = getMeta(db, 'snapshot');
    const outOfReach = cursor === undefined || cursor < said.oldestSeq || cursor > said.headSeq;
    if (under === undefined && (gained || outOfReach || getMeta(db, 'epoch') !== said.epoch)) setMeta(db, 'snapshot', { at: null });
    return { snapshot: getMeta(db, 'snapshot') !== undefined, lost };
  })();
}
