/** Takes down what a hub asks of its database, to ask exactly the same of a copy: the loads and writes without what decides about them. */
import pg from 'pg';
import { type Db, openDatabase } from '../server/src/db/database.ts';

/** Statements of one transaction, in order. */
export type Transaction = { text: string; values: unknown[] }[];

type Query = (this: pg.Client, text: unknown, values?: unknown, callback?: unknown) => unknown;

/** A database as the hub opens it, every connection open; `transactions` grows with what it is asked. */
export async function openRecorded(
  url: string,
  connections: number,
): Promise<{ db: Db; transactions: Transaction[]; close(): Promise<void> }> {
  const db = openDatabase(url, { connections, onError: () => undefined });
  await Promise.all(Array.from({ length: connections }, () => db.selectFrom('workspace').select('id').execute()));
  const transactions: Transaction[] = [];
  const open = new WeakMap<pg.Client, Transaction>();
  // Below everything that the hub's own code knows of, so that nothing of it has to be changed.
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const { query } = prototype;
  prototype.query = function (text, values, callback) {
    if (typeof text === 'string') {
      if (text === 'begin') {
        const fresh: Transaction = [];
        open.set(this, fresh);
        transactions.push(fresh);
      }
      open.get(this)?.push({ text, values: Array.isArray(values) ? values : [] });
    }
    return query.call(this, text, values, callback);
  };
  return {
    db,
    transactions,
    async close() {
      prototype.query = query;
      await db.destroy();
    },
  };
}

/** Sends sequences of transactions again, side by side, each in its order. Returns the ms it took. */
export async function replay(url: string, connections: number, sequences: Transaction[][]): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  // The copy is dropped while connections say goodbye.
  pool.on('error', () => undefined);
  const open = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
  for (const client of open) client.release();
  const started = performance.now();
  await Promise.all(
    sequences.map(async (transactions) => {
      for (const transaction of transactions) {
        const client = await pool.connect();
        try {
          for (const { text, values } of transaction) await client.query(text, values);
        } finally {
          client.release();
        }
      }
    }),
  );
  const took = performance.now() - started;
  await pool.end();
  return took;
}
