/**
 * Whose jobs are whose. A hub that ends without a word leaves its jobs, and their queues, locked for hours; so each hub holds a lock of
 * its own for as long as it lives, and whoever finds that lock free lets go of what its workers held.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import pg from 'pg';

/** ms after which a lock of a worker that nobody has written down counts as that of the dead */
const unknownAfterMs = 60_000;

export class Instance {
  readonly #id = randomUUID();
  readonly #connectionString: string;
  readonly #log: Logger;
  #client: pg.Client | null = null;
  #written: Promise<unknown> = Promise.resolve();
  #ended = false;

  private constructor(connectionString: string, log: Logger) {
    this.#connectionString = connectionString;
    this.#log = log;
  }

  static async begin(connectionString: string, log: Logger): Promise<Instance> {
    const instance = new Instance(connectionString, log);
    await instance.#connected();
    return instance;
  }

  /** This worker is ours. */
  owns(workerId: string): void {
    this.#written = this.#written
      .then(async () => {
        const client = await this.#connected();
        await client.query('insert into hub_worker (worker_id, instance, started_at) values ($1, $2, $3) on conflict do nothing', [
          workerId,
          this.#id,
          Date.now(),
        ]);
      })
      .catch((error: unknown) => this.#log.warn({ error }, 'a worker is not written down'));
  }

  /** Lets go of what the workers of ended hubs hold. */
  async letGo(): Promise<void> {
    const client = await this.#connected();
    const held = await client.query<{ worker: string; instance: string | null; old: boolean }>(
      `select held.locked_by as worker, w.instance, min(held.locked_at) < now() - $1::bigint * interval '1 millisecond' as old
       from (select locked_by, locked_at from graphile_worker._private_jobs where locked_by is not null
         union all select locked_by, locked_at from graphile_worker._private_job_queues where locked_by is not null) held
       left join hub_worker w on w.worker_id = held.locked_by where w.instance is distinct from $2 group by 1, 2`,
      [unknownAfterMs, this.#id],
    );
    const dead: string[] = [];
    for (const { worker, instance, old } of held.rows) {
      if (instance === null ? old : await this.#isFree(client, instance)) dead.push(worker);
    }
    if (dead.length === 0) return;
    await client.query('select graphile_worker.force_unlock_workers($1::text[])', [dead]);
    await client.query('delete from hub_worker where worker_id = any($1::text[])', [dead]);
    this.#log.warn({ workers: dead.length }, 'took up what a hub that ended was working on');
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#written;
    await this.#client?.query('delete from hub_worker where instance = $1', [this.#id]).catch(() => undefined);
    await this.#client?.end().catch(() => undefined);
  }

  async #isFree(client: pg.Client, instance: string): Promise<boolean> {
    const taken = await client.query<{ free: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 1)) as free', [instance]);
    const free = taken.rows[0]?.free === true;
    if (free) await client.query('select pg_advisory_unlock(hashtextextended($1, 1))', [instance]);
    return free;
  }

  /** The connection that holds the lock; a new one when it broke. */
  async #connected(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    if (this.#ended) throw new Error('the hub is ending');
    const client = new pg.Client({ connectionString: this.#connectionString, keepAlive: true });
    client.on('error', () => {
      if (this.#client === client) this.#client = null;
    });
    client.on('end', () => {
      if (this.#client === client) this.#client = null;
    });
    await client.connect();
    await client.query('select pg_advisory_lock(hashtextextended($1, 1))', [this.#id]);
    this.#client = client;
    return client;
  }
}
