/** Sends what waits in the outbox, in order, one batch at a time. */
import { pushAnswer, type Refusal, wireLimits } from '../../shared/protocol.ts';
import type { HubClock } from './clock.ts';
import type { Db } from './database.ts';
import { type Line, Refused } from './link.ts';
import { takeAnswer, type Touched } from './replica.ts';
import { markSending, nextToSend, type OutboxRow, resetSending, setAside } from './tables/outbox.ts';

/** characters of JSON in one push */
const pushLength = 512 * 1024;

export class Outgoing {
  readonly #db: Db;
  readonly #clock: HubClock;
  readonly #events: { touched(touched: Touched): void; status(): void };
  readonly #line: () => Line | null;
  readonly #failed: (error: unknown) => void;
  #sending = false;
  #batch: number = wireLimits.mutationsPerPush;

  /** `line`: the one that may be used now; null while there is none, or the hub has not said welcome. */
  constructor(
    db: Db,
    clock: HubClock,
    events: { touched(touched: Touched): void; status(): void },
    line: () => Line | null,
    failed: (error: unknown) => void,
  ) {
    this.#db = db;
    this.#clock = clock;
    this.#events = events;
    this.#line = line;
    this.#failed = failed;
  }

  async send(): Promise<void> {
    const line = this.#line();
    if (this.#sending || !line) return;
    this.#sending = true;
    try {
      for (let batch = this.#nextBatch(); batch.length > 0 && this.#line() === line; batch = this.#nextBatch()) {
        await this.#sendBatch(line, batch);
        if (this.#line() !== line) return;
      }
    } catch (error) {
      if (this.#line() === line) this.#failed(error);
    } finally {
      this.#sending = false;
      // A new connection found the old one's push still under way.
      const next = this.#line();
      if (next && next !== line) void this.send();
    }
  }

  async #sendBatch(line: Line, batch: OutboxRow[]): Promise<void> {
    markSending(
      this.#db,
      batch.map((row) => row.mutationId),
    );
    const mutations = batch.map(({ mutationId, key, name, args, authoredAt, baseSeq }) => ({
      id: mutationId,
      key,
      name,
      args,
      authoredAt,
      baseSeq,
    }));
    try {
      const answer = pushAnswer.parse(await line.ask('push', { mutations }));
      if (this.#line() !== line) return;
      const touched: Touched = new Set();
      takeAnswer(this.#db, answer.results, answer.seq, this.#clock.now(), touched);
      this.#events.touched(touched);
      this.#events.status();
      this.#batch = wireLimits.mutationsPerPush;
    } catch (error) {
      if (this.#line() !== line) return;
      resetSending(this.#db, error instanceof Error ? error.message : null);
      if (!(error instanceof Refused) || error.refusal.code !== 'BAD_MESSAGE') throw error;
      this.#narrow(batch, error.refusal);
    }
  }

  #nextBatch(): OutboxRow[] {
    // A file that is closed has nothing to send.
    if (!this.#line()) return [];
    const waiting = nextToSend(this.#db, this.#batch);
    let length = 0;
    return waiting.filter((row, index) => (length += JSON.stringify(row.args).length) <= pushLength || index === 0);
  }

  /** A push that the hub can't read: smaller ones, until the one at fault stands alone and is set aside. */
  #narrow(batch: OutboxRow[], refused: Refusal): void {
    const first = batch[0];
    if (batch.length > 1 || !first) {
      this.#batch = Math.max(1, Math.floor(batch.length / 2));
      return;
    }
    setAside(this.#db, first.mutationId, { code: 'INVALID', field: refused.field ?? 'args' }, this.#clock.now());
    this.#batch = wireLimits.mutationsPerPush;
    this.#events.touched(new Set(['outbox', 'attention']));
  }
}
