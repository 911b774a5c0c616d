/**
 * The job queue's way to its database. graphile-worker waits and tries again only after errors that it knows; a job whose end can't be
 * written down because the database has just gone is awaited by nobody there, and would end the hub. So what says that the line broke
 * says here that the server can't be reached yet, after which everything is tried again until it can.
 */
import type pg from 'pg';

/** "cannot connect now", which graphile-worker waits for */
const cannotConnectNow = '57P03';
/** admin shutdown, crash shutdown, and what the socket says; a line that ends without a word has no code */
const broken: ReadonlySet<unknown> = new Set(['57P01', '57P02', '08000', '08003', '08006', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

function isBroken(error: Error): boolean {
  return (
    ('code' in error && broken.has(error.code)) || /connection (terminated|error)|not queryable|connection timeout/i.test(error.message)
  );
}

const laterAgain = (error: unknown): never => {
  if (error instanceof Error && isBroken(error)) Object.assign(error, { code: cannotConnectNow });
  throw error;
};

type Asks = (...args: unknown[]) => unknown;

export function patient(pool: pg.Pool): pg.Pool {
  const connect = pool.connect.bind(pool) as Asks;
  pool.connect = ((...args: unknown[]) => settled(connect(...args))) as typeof pool.connect;
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as Asks;
    client.query = ((...args: unknown[]) => settled(query(...args))) as typeof client.query;
  });
  return pool;
}

const settled = (answer: unknown): unknown => (answer instanceof Promise ? answer.catch(laterAgain) : answer);
