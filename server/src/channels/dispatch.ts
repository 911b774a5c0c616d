/**
 * What goes out: the answers of a ticket, one after another, each part handed to its vendor once. The row says `sending` before the
 * vendor is called; whoever finds it so afterwards knows that a hub ended in between, and that the vendor may have it.
 * Source: channels page, "Outbound".
 */
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Attachment, Message, Ticket } from '../../../src/shared/domain.ts';
import type { Rejection } from '../../../src/shared/mutations/define.ts';
import type { Db } from '../db/database.ts';
import { asJson } from '../db/rows.ts';
import { addJobs } from '../jobs/queue.ts';
import type { Intent } from '../sync/intent.ts';
import { type AccountState, type Accounts, type AnyAccount } from './accounts.ts';
import { externalOf, nameExternal } from './external.ts';
import { sendingTo, wakeWaiting } from './inbox.ts';
import type { Failure, Outcome } from './outbound.ts';
import { beginPart, outboundJob, type Part, partsOf, planParts, type PlannedPiece, settlePart, tryPartsAgain } from './parts.ts';

/** One message on its way, with what its vendor may want to know. */
export interface Outgoing {
  part: Part;
  message: Message;
  ticket: Ticket;
  files: Attachment[];
  /** the customer, as the vendor knows them */
  to: string;
  /** the message that it answers, by the vendor's id */
  replyTo: string | null;
  /** when the customer last wrote there, hub's ms; null: never */
  lastInboundAt: number | null;
}

/** How a vendor's channels are written to. */
export interface Way {
  /** whom it writes to, where a message does not say: the kind of their identity */
  identity: 'email' | 'messenger' | 'instagram' | 'zalo' | 'external';
  pieces(message: Message, files: Attachment[], account: AnyAccount): Promise<PlannedPiece[]>;
  send(outgoing: Outgoing, account: AnyAccount): Promise<Outcome>;
  /** Evidence that a part went out whose hub ended while it was handing it over: the vendor's id of it. May throw. */
  arrived?(part: Part, account: AnyAccount): Promise<string | null>;
}

export interface DispatchNeeds {
  db: Db;
  workspaceId: string;
  accounts: Accounts;
  apply(intent: Intent): Promise<Rejection | null>;
  clock(): number;
  log: Logger;
  /** by the account's vendor */
  ways: ReadonlyMap<string, Way>;
  /** ms between tries; after the last one it has failed */
  steps: readonly number[];
}

export class Dispatch {
  readonly #needs: DispatchNeeds;

  constructor(needs: DispatchNeeds) {
    this.#needs = needs;
  }

  /** Sends what waits on a ticket, in order, as far as it can be sent now. */
  async work(ticketId: string): Promise<void> {
    for (;;) {
      const message = await this.#next(ticketId);
      if (!message) return;
      const goesOn = await this.#deliver(message);
      if (goesOn === true) continue;
      if (goesOn !== false) await addJobs([outboundJob(ticketId, goesOn.at)]).execute(this.#needs.db);
      return;
    }
  }

  /** Takes up everything that waits for this channel: it has been mended. */
  async resume(channelId: string): Promise<void> {
    const { db, workspaceId } = this.#needs;
    const waiting = await sql<{ ticketId: string }>`select distinct ticket_id from message
      where workspace_id = ${workspaceId} and delivery in ('accepted', 'sending') and kind = 'reply'
        and extra->'via'->>'channelId' = ${channelId}`.execute(db);
    if (waiting.rows.length > 0) await addJobs(waiting.rows.map(({ ticketId }) => outboundJob(ticketId, null))).execute(db);
  }

  async #next(ticketId: string): Promise<Message | null> {
    const { db, workspaceId } = this.#needs;
    const found = await sql<{ row: Message }>`select ${sql.raw(asJson('message', 'm'))} as row from message m
      where m.workspace_id = ${workspaceId} and m.ticket_id = ${ticketId} and m.delivery in ('accepted', 'sending') and m.kind = 'reply'
        and m.extra->'via' is not null order by m.accepted_at, m.id limit 1`.execute(db);
    return found.rows[0]?.row ?? null;
  }

  /** True: on with the next one. False: what is next waits until somebody does something. `at`: until then (ms). */
  async #deliver(message: Message): Promise<boolean | { at: number }> {
    const { accounts, ways, clock } = this.#needs;
    const channelId = message.extra?.via?.channelId ?? '';
    const account = await accounts.find(channelId);
    const way = account && ways.get(account.vendor);
    // A channel that this hub can't write to: its answers wait, as they did before it could.
    if (!account || !way) return false;
    const state = await accounts.state(channelId);
    if (state.state !== 'ok') return false;
    if (state.resumeAt !== null && state.resumeAt > clock()) return { at: state.resumeAt };

    const known = await partsOf(this.#needs, message.id);
    const to = known[0]?.thread ?? (await this.#recipient(message, way.identity));
    if (to === null) return this.#fail(message, null, 'NO_RECIPIENT');
    const around = await this.#around(message);
    if (known.some((part) => part.state === 'failed' || part.state === 'unknown')) await tryPartsAgain(this.#needs, message.id);
    const parts =
      known.length > 0
        ? await partsOf(this.#needs, message.id)
        : await planParts(this.#needs, { messageId: message.id, channelId, thread: to }, await way.pieces(message, around.files, account));
    for (const part of parts) {
      if (part.state === 'sent') continue;
      if (part.state === 'sending') {
        const id = (await way.arrived?.(part, account).catch(() => null)) ?? null;
        if (id === null) return this.#lost(message, part, 'the hub ended while it was being handed over');
        await this.#settle(message, part, { state: 'sent', id }, state);
        continue;
      }
      await this.#mark(message, 'sending', null);
      await beginPart(this.#needs, part.id, clock());
      const outgoing = { part: { ...part, attempts: part.attempts + 1, startedAt: clock() }, message, to, ...around };
      const outcome = await way.send(outgoing, account).catch((error: unknown): Outcome => {
        this.#needs.log.error({ error, channelId }, 'handing a message over failed in a way that nobody thought of');
        return { state: 'unknown', reason: 'it failed in a way that nobody thought of' };
      });
      const goesOn = await this.#settle(message, outgoing.part, outcome, state);
      if (goesOn !== true || outcome.state !== 'sent') return goesOn;
    }
    await this.#mark(message, 'sent', null);
    return true;
  }

  async #settle(message: Message, part: Part, outcome: Outcome, state: AccountState): Promise<boolean | { at: number }> {
    const { accounts, clock, log } = this.#needs;
    const { channelId, thread } = part;
    switch (outcome.state) {
      case 'sent':
        await nameExternal(
          { ...this.#needs, channelId },
          { value: outcome.id, messageId: message.id, thread, mine: true, at: part.startedAt ?? clock() },
        );
        await settlePart(this.#needs, part.id, 'sent', null, clock());
        await accounts.sent(channelId, clock());
        await wakeWaiting(this.#needs, channelId, [outcome.id, sendingTo(thread)]);
        return true;
      case 'later': {
        const step = this.#needs.steps[part.attempts - 1];
        await settlePart(this.#needs, part.id, step === undefined && !outcome.everyone ? 'failed' : 'waiting', outcome.reason, clock());
        await wakeWaiting(this.#needs, channelId, [sendingTo(thread)]);
        if (step === undefined && !outcome.everyone) return this.#fail(message, null, 'GAVE_UP', outcome.reason);
        // Somewhere in the last fifth, so that a thousand threads do not come back at once.
        const least = outcome.afterMs ?? step ?? 60_000;
        const wait = Math.round(least + Math.min(least / 5, 60_000) * Math.random());
        if (outcome.everyone) await accounts.waitUntil(channelId, clock() + wait);
        return { at: clock() + wait };
      }
      case 'attention':
        await settlePart(this.#needs, part.id, 'waiting', outcome.reason, clock());
        await wakeWaiting(this.#needs, channelId, [sendingTo(thread)]);
        await this.#mark(message, 'accepted', null);
        if (state.state === 'ok') {
          log.warn({ channelId, code: outcome.code, reason: outcome.reason }, 'a channel needs attention; what goes out through it waits');
          await accounts.needsAttention(channelId, `${outcome.code}: ${outcome.reason}`, clock());
        }
        return false;
      case 'failed':
        return this.#fail(message, part, outcome.code, outcome.reason);
      case 'unknown':
        return this.#lost(message, part, outcome.reason);
    }
  }

  async #fail(message: Message, part: Part | null, code: Failure | 'GAVE_UP', reason = ''): Promise<true> {
    if (part) {
      await settlePart(this.#needs, part.id, 'failed', reason, this.#needs.clock());
      await wakeWaiting(this.#needs, part.channelId, [sendingTo(part.thread)]);
    }
    await this.#mark(message, 'failed', code);
    return true;
  }

  /** Evidence may have come already, or may yet come: an echo says that it has arrived. */
  async #lost(message: Message, part: Part, reason: string): Promise<true> {
    await settlePart(this.#needs, part.id, 'unknown', reason, this.#needs.clock());
    await this.#mark(message, 'unknown', null);
    await wakeWaiting(this.#needs, part.channelId, [sendingTo(part.thread)]);
    return true;
  }

  async #mark(message: Message, state: 'accepted' | 'sending' | 'sent' | 'failed' | 'unknown', error: string | null): Promise<void> {
    await this.#needs.apply({ name: 'message.delivery', args: { messageIds: [message.id], state, error } });
  }

  async #recipient(message: Message, kind: Way['identity']): Promise<string | null> {
    const { db, workspaceId } = this.#needs;
    const via = message.extra?.via;
    // 1. Whom the agent chose; 2. who wrote last in this ticket through this channel; 3. whom the customer is there.
    const found = await sql<{ value: string }>`
      select i.value from ticket t
      join identity i on i.workspace_id = t.workspace_id and i.customer_id = t.customer_id and i.kind = ${kind}
      left join lateral (select m.accepted_at from message m where m.workspace_id = t.workspace_id and m.ticket_id = t.id and m.kind = 'inbound'
        and m.extra->'via'->>'identityId' = i.id::text order by m.accepted_at desc limit 1) wrote on true
      where t.workspace_id = ${workspaceId} and t.id = ${message.ticketId}
        and (${via?.identityId ?? null}::uuid is null or i.id = ${via?.identityId ?? null}::uuid)
      order by wrote.accepted_at desc nulls last, i.id limit 1`.execute(db);
    return found.rows[0]?.value ?? null;
  }

  async #around(message: Message): Promise<Pick<Outgoing, 'ticket' | 'files' | 'replyTo' | 'lastInboundAt'>> {
    const { db, workspaceId } = this.#needs;
    const channelId = message.extra?.via?.channelId ?? '';
    const ticket = await sql<{ row: Ticket }>`select ${sql.raw(asJson('ticket', 't'))} as row from ticket t
      where t.workspace_id = ${workspaceId} and t.id = ${message.ticketId}`.execute(db);
    const files = await sql<{ row: Attachment }>`select ${sql.raw(asJson('attachment', 'a'))} as row from attachment a
      where a.workspace_id = ${workspaceId} and a.ticket_id = ${message.ticketId} and a.message_id = ${message.id} and a.state = 'ready'
      order by a.created_at, a.id`.execute(db);
    const wrote = await sql<{ at: number | null }>`select max(m.authored_at) as at from message m
      join ticket t on t.workspace_id = m.workspace_id and t.id = m.ticket_id
      where m.workspace_id = ${workspaceId} and m.kind = 'inbound' and m.extra->'via'->>'channelId' = ${channelId}
        and t.customer_id = ${ticket.rows[0]?.row.customerId ?? null}`.execute(db);
    const row = ticket.rows[0]?.row;
    if (!row) throw new Error(`message ${message.id} has no ticket`);
    const answers = message.extra?.replyToId;
    return {
      ticket: row,
      files: files.rows.map((one) => one.row),
      replyTo: answers === undefined ? null : await externalOf({ db, workspaceId, channelId }, answers),
      lastInboundAt: wrote.rows[0]?.at ?? null,
    };
  }
}
