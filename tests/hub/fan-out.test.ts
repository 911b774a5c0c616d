/** Who is told what of a commit, and how often. */
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Change, Delta } from '../../src/shared/protocol.ts';
import { openDatabase } from '../../server/src/db/database.ts';
import { Fanout, type Listener } from '../../server/src/realtime/fanout.ts';
import { Committer } from '../../server/src/sync/committer.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';

const log = pino({ level: 'silent' });

let hub: TestHub;
let db: ReturnType<typeof openDatabase>;
let workspaceId: string;
let fanout: Fanout;
beforeAll(async () => {
  hub = await startTestHub();
  db = openDatabase(hub.databaseUrl, { onError: () => undefined });
  workspaceId = (await hub.query<{ id: string }>('select workspace_id as id from workspace_counter'))[0]!.id;
});
afterAll(async () => {
  await db.destroy();
  await hub.stop();
});
beforeEach(async () => {
  fanout = new Fanout(db, workspaceId, log, () => undefined);
  await fanout.start();
  return () => fanout.stop();
});

class Console implements Listener {
  readonly scopes: ReadonlySet<string>;
  readonly got: Delta[] = [];
  cursor: number | null = fanout.seq;
  readonly leave: () => void;

  constructor(...scopes: string[]) {
    this.scopes = new Set(scopes);
    this.leave = fanout.add(this);
  }

  send(delta: Delta): void {
    this.got.push(delta);
  }

  /** what it has heard, as `entity id@seq` */
  get heard(): string[] {
    return this.got.flatMap(({ changes }) => changes.map(({ op, id, seq }) => `${op} ${id}@${seq - start}`));
  }
}

let start = 0;
/** Commits that follow one another, each a list of `scope id` or `scope op id`. */
function commit(...groups: string[][]): void {
  start = fanout.seq;
  let seq = start;
  for (const group of groups) {
    fanout.committed(
      group.map((text): Change => {
        const [scope = '', ...rest] = text.split(' ');
        const [op, id] = rest.length === 2 ? rest : ['put', rest[0]];
        return { seq: (seq += 1), scope, op: op as Change['op'], entity: 'ticket', id: id ?? '', ...(op === 'put' && { row: {} }) };
      }),
    );
  }
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a commit', () => {
  test('reaches those who hold one of its scopes, as one object for all who hold the same', () => {
    const [one, two, other] = [new Console('queue:a'), new Console('queue:a', 'client:2'), new Console('queue:b')];
    commit(['queue:a x', 'queue:a y']);
    expect(one.heard).toEqual(['put x@1', 'put y@2']);
    expect(two.got[0]).toBe(one.got[0]);
    expect(other.got).toEqual([]);
  });

  test('that passes a console by is no gap to it: the next delta goes on where it stands', async () => {
    const [a, b] = [new Console('queue:a'), new Console('queue:b')];
    const from = fanout.seq;
    commit(['queue:a x']);
    await turn();
    commit(['queue:b y']);
    expect(b.got).toMatchObject([{ from, to: from + 2 }]);
    expect([a.cursor, b.cursor]).toEqual([from + 1, from + 2]);
  });

  test('is not given to a console that is still pulling, nor what it has pulled already', async () => {
    const [pulling, ahead] = [new Console('queue:a'), new Console('queue:a')];
    pulling.cursor = null;
    ahead.cursor = fanout.seq + 1;
    commit(['queue:a x', 'queue:a y']);
    expect(pulling.got).toEqual([]);
    expect(ahead.heard).toEqual(['put y@2']);
    expect(ahead.got).toMatchObject([{ from: start + 1, to: start + 2 }]);
  });

  test('that was sent before is not sent again', () => {
    const one = new Console('queue:a');
    commit(['queue:a x']);
    fanout.committed([{ seq: fanout.seq, scope: 'queue:a', op: 'put', entity: 'ticket', id: 'x', row: {} }]);
    expect(one.heard).toEqual(['put x@1']);
  });

  test('is not given to whoever has left', () => {
    const gone = new Console('queue:a');
    gone.leave();
    commit(['queue:a x']);
    expect(gone.got).toEqual([]);
  });
});

describe('commits in one turn of the event loop', () => {
  test('go out together after the first, of each row the last form', async () => {
    const one = new Console('queue:a', 'user:u', 'client:1');
    commit(['queue:a x'], ['queue:a x', 'user:u x', 'client:1 ack 1'], ['queue:a x', 'queue:a y']);
    await turn();
    expect(one.got).toHaveLength(2);
    expect(one.heard).toEqual(['put x@1', 'ack 1@4', 'put x@5', 'put y@6']);
  });

  test('keep every form where a ticket leaves a scope: what goes with it hangs on what the row was', async () => {
    const one = new Console('queue:a', 'queue:b');
    commit(['queue:a z'], ['queue:b x', 'queue:a leave x'], ['queue:b x']);
    await turn();
    expect(one.heard).toEqual(['put z@1', 'put x@2', 'leave x@3', 'put x@4']);
  });
});

test('the reference data is loaded once for all who ask at the same time', async () => {
  const committer = new Committer(db, workspaceId, log, Date.now, () => undefined);
  const prototype = pg.Client.prototype as unknown as { query: (...args: unknown[]) => unknown };
  const { query } = prototype;
  let loads = 0;
  prototype.query = function (...args) {
    if (typeof args[0] === 'string' && args[0].includes("'teamMember'")) loads += 1;
    return query.apply(this, args);
  };
  try {
    const all = await Promise.all(Array.from({ length: 100 }, () => committer.reference()));
    expect(new Set(all).size).toBe(1);
  } finally {
    prototype.query = query;
  }
  expect(loads).toBe(1);
});
