/**
 * Drafts follow the agent from one workstation to another, in a lane beside the log. The newest text wins at the hub; one that it
 * replaced unseen is kept by whoever wrote it, and by whoever gets to see it replaced.
 */
import { draftPutAnswer, draftRow, type DraftRow, draftSinceAnswer } from '../../shared/protocol.ts';
import type { HubClock } from './clock.ts';
import type { Db } from './database.ts';
import { type Line, Refused } from './link.ts';
import type { Machine } from './machine.ts';
import { dirtyDrafts, keepRevision, markSent, rebase, type StoredDraft, storedDraft, takeDraft } from './tables/drafts.ts';
import { getMeta, setMeta } from './tables/meta.ts';
import type { Lane } from './sync.ts';

/** ms after the last change of a text in which it goes to the hub */
const sendAfterMs = 1000;

export class DraftLane implements Lane {
  readonly #db: Db;
  readonly #clock: HubClock;
  readonly #machine: Machine;
  readonly #changed: () => void;
  readonly #log: (text: string) => void;
  #line: Line | null = null;
  #caughtUp = false;
  #sending = false;
  #cancel: (() => void) | null = null;
  /** refused by the hub on this connection: tickets that are out of reach */
  readonly #refused = new Set<string>();

  constructor(db: Db, clock: HubClock, machine: Machine, changed: () => void, log: (text: string) => void) {
    this.#db = db;
    this.#clock = clock;
    this.#machine = machine;
    this.#changed = changed;
    this.#log = log;
  }

  online(line: Line): void {
    this.#line = line;
    this.#refused.clear();
    void this.#catchUp(line);
  }

  offline(): void {
    this.#line = null;
    this.#caughtUp = false;
    this.#cancel?.();
    this.#cancel = null;
  }

  heard(name: string, message: unknown): boolean {
    if (name !== 'draft') return false;
    const parsed = draftRow.safeParse(message);
    // It does not say that nothing was missed before it: the place in the lane stays, and what follows it is asked for on the next line.
    if (parsed.success && this.#caughtUp) this.#take([parsed.data], false);
    return true;
  }

  /** A text was changed here. */
  poke(): void {
    this.#cancel?.();
    this.#cancel = this.#machine.after(sendAfterMs, () => {
      this.#cancel = null;
      void this.#send();
    });
  }

  async #catchUp(line: Line): Promise<void> {
    try {
      for (let more = true; more && this.#line === line;) {
        const answer = draftSinceAnswer.parse(await line.ask('draft.since', { rev: getMeta(this.#db, 'draftRev') ?? 0 }));
        if (this.#line !== line) return;
        this.#take(answer.drafts, true);
        more = answer.more;
      }
      if (this.#line !== line) return;
      this.#caughtUp = true;
      await this.#send();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Texts of this user's from other workstations, in the hub's order. */
  #take(rows: DraftRow[], inOrder: boolean): void {
    if (rows.length === 0) return;
    const offset = this.#clock.offset();
    const here = (time: number) => Math.round(time - offset);
    this.#db.transaction(() => {
      for (const row of rows) {
        const { rev, ticketId, mode, body, seen, device } = row;
        const draft = { ticketId, mode, body, seen, device, rev, startedAt: here(row.startedAt), updatedAt: here(row.updatedAt) };
        const mine = storedDraft(this.#db, ticketId);
        const sameText = mine?.body === body && mine.mode === mode;
        if (mine?.dirty && mine.rev < rev && !sameText) {
          // Written at both: what is being typed here goes to the hub next, and so wins; the other text is kept beside it.
          keepRevision(this.#db, draft, this.#machine.wall());
          rebase(this.#db, ticketId, rev);
        } else if (!mine || mine.rev < rev) takeDraft(this.#db, draft);
        if (inOrder) setMeta(this.#db, 'draftRev', rev);
      }
    })();
    this.#changed();
  }

  /** Sends what has changed here, one text after the other. */
  async #send(): Promise<void> {
    const line = this.#line;
    if (this.#sending || !line || !this.#caughtUp) return;
    this.#sending = true;
    try {
      for (;;) {
        const draft = dirtyDrafts(this.#db).find(({ ticketId }) => !this.#refused.has(ticketId));
        if (!draft || this.#line !== line) return;
        await this.#put(line, draft);
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#sending = false;
      if (this.#line && this.#line !== line) void this.#send();
    }
  }

  async #put(line: Line, draft: StoredDraft): Promise<void> {
    const offset = this.#clock.offset();
    const there = (time: number) => Math.max(0, Math.round(time + offset));
    const { ticketId, mode, body, seen } = draft;
    const sent = { ticketId, mode, body, seen, startedAt: there(draft.startedAt), updatedAt: there(draft.updatedAt) };
    try {
      const answer = draftPutAnswer.parse(await line.ask('draft.put', { draft: sent, base: draft.rev }));
      if (this.#line !== line) return;
      this.#db.transaction(() => {
        const { replaced } = answer;
        if (replaced) {
          const times = { startedAt: Math.round(replaced.startedAt - offset), updatedAt: Math.round(replaced.updatedAt - offset) };
          keepRevision(this.#db, { ...replaced, ...times }, this.#machine.wall());
        }
        markSent(this.#db, draft, answer.rev);
      })();
      this.#changed();
    } catch (error) {
      if (!(error instanceof Refused) || error.refusal.code !== 'BAD_MESSAGE') throw error;
      // A ticket that is out of reach: the text stays here.
      this.#refused.add(ticketId);
    }
  }

  #failed(error: unknown): void {
    // The line's own end is the sync's to notice; the next one begins anew.
    this.#log(`drafts: ${error instanceof Error ? error.message : String(error)}`);
  }
}
