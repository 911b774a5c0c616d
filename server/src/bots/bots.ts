/**
 * Bots, above all those outside of the hub: what customers say is told to them, and what they say reaches customers only while they hold the ticket. That
 * is the ticket's own status, looked at in the commit that would send. Source: channels reference, 8.
 */
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { v5 as uuidOf } from 'uuid';
import type { Message, Ticket } from '../../../src/shared/domain.ts';
import type { Rejection } from '../../../src/shared/mutations/define.ts';
import type { Account, Accounts } from '../channels/accounts.ts';
import type { Db } from '../db/database.ts';
import { asJson } from '../db/rows.ts';
import { addJobs } from '../jobs/queue.ts';
import type { Intent } from '../sync/intent.ts';
import { postWebhook } from '../webhooks/post.ts';
import { signWebhook } from '../webhooks/sign.ts';
import { holdConversation, unheardIn } from './conversation.ts';
import { botDeadline } from './job.ts';
import type { RuleBots } from './rule-bots.ts';
import type { BotAnswer, BotEvent, BotTold } from './schema.ts';

export interface BotNeeds {
  db: Db;
  workspaceId: string;
  accounts: Accounts;
  /** the hub's own */
  rules: RuleBots;
  apply(intent: Intent): Promise<Rejection | null>;
  clock(): number;
  log: Logger;
  allowHosts: ReadonlySet<string>;
}

/** `unknown`: it has no such conversation; `silenced`: people have it; `epoch`: it speaks from before it was silenced */
type Refusal = { refused: 'unknown' | 'silenced' | 'epoch' };

/** before the ids of the hub's own bots: one outside may have the same */
const ownPrefix = 'rule:';
/** UTF-16 code units of a customer's text that are told: a body stays below 20 kB */
const textMost = 4000;

export class Bots {
  readonly #needs: BotNeeds;

  constructor(needs: BotNeeds) {
    this.#needs = needs;
  }

  /** Whether a bot begins fresh conversations of this channel. One that needs attention does not: people are there. */
  async serves(channelId: string): Promise<boolean> {
    return (await this.#idOf(channelId)) !== null;
  }

  /** Tells the bot of a ticket what is new, in order, and sets its time. */
  async work(ticketId: string): Promise<void> {
    const { db, workspaceId, accounts, rules } = this.#needs;
    const ticket = await this.#ticket(ticketId);
    if (ticket?.status !== 'bot' || ticket.channelId === null) return;
    const known = await sql<{ botId: string }>`select bot_id from bot_conversation
      where workspace_id = ${workspaceId} and ticket_id = ${ticketId}`.execute(db);
    const botId = known.rows[0]?.botId ?? (await this.#idOf(ticket.channelId));
    if (botId?.startsWith(ownPrefix)) {
      if (!(await rules.work(ticket, botId, botId.slice(ownPrefix.length)))) await this.#giveUp(ticket, 'Bot', 'error');
      return;
    }
    const bot = botId === null ? null : await accounts.get(botId, 'bot');
    // Taken away while it held the ticket.
    if (botId === null || !bot) return this.#giveUp(ticket, 'Bot', 'error');
    const { epoch, toldId } = await holdConversation(this.#needs, ticketId, botId);
    const fresh = await unheardIn(this.#needs, ticketId, toldId);
    if (fresh.length === 0) return;
    // Its time runs also when this hub ends while it is told.
    if (ticket.unansweredSince !== null) {
      const args = this.#handOffArgs(ticket, bot.settings.name, 'timeout', ticket.unansweredSince);
      const at = ticket.unansweredSince + bot.settings.timeoutMs;
      await addJobs([botDeadline(workspaceId, ticketId, at, { ...args, owedSince: ticket.unansweredSince })]).execute(db);
    }
    for (const message of fresh) {
      if (!(await this.#tell(bot, ticket, epoch, message))) return this.#giveUp(ticket, bot.settings.name, 'error');
      await sql`update bot_conversation set told_id = ${message.id}
        where workspace_id = ${workspaceId} and ticket_id = ${ticketId}`.execute(db);
    }
  }

  /** What a bot says, under the id of its webhook: the same id is the same saying. Durable when this returns. */
  async take(bot: Account<'bot'>, webhookId: string, event: BotEvent): Promise<BotAnswer | Refusal> {
    const { db, workspaceId, apply } = this.#needs;
    const ticket = await this.#conversation(bot, event.conversation_id);
    if (!ticket) return { refused: 'unknown' };
    const messageId = uuidOf(`${bot.channelId}:${webhookId}`, uuidOf.URL);
    const state = event.event === 'message' ? 'sent' : 'handed_off';
    const said = await sql`select 1 from message where workspace_id = ${workspaceId} and id = ${messageId}`.execute(db);
    if (said.rows.length > 0) return { state, message_id: messageId, repeated: true };
    if (ticket.status !== 'bot') {
      return event.event === 'message' ? { refused: 'silenced' } : { state, message_id: messageId, repeated: true };
    }
    const { epoch } = await holdConversation(this.#needs, ticket.id, bot.channelId);
    if (event.epoch !== undefined && event.epoch !== epoch) return { refused: 'epoch' };
    if (event.event === 'message') {
      const rejection = await apply({
        name: 'bot.say',
        args: { messageId, ticketId: ticket.id, botName: bot.settings.name, body: event.text },
      });
      if (rejection?.code === 'STALE_REPLY') return { refused: 'silenced' };
      if (rejection) throw new Error(`what a bot said was refused: ${rejection.code}`);
      return { state, message_id: messageId, repeated: false };
    }
    const rejection = await apply({
      name: 'bot.handOff',
      args: {
        messageId,
        ticketId: ticket.id,
        botName: bot.settings.name,
        reason: event.reason,
        summary: event.summary,
        collected: textsOf(event),
        skill: event.skill ?? null,
        priority: event.priority ?? null,
      },
    });
    if (rejection) throw new Error(`a hand-off was refused: ${rejection.code}`);
    await sql`update bot_conversation set epoch = epoch + 1, reason = ${event.reason}, transcript_until = ${event.transcript_until ?? null}
      where workspace_id = ${workspaceId} and ticket_id = ${ticket.id} and epoch = ${epoch}`.execute(db);
    return { state, message_id: messageId, repeated: false };
  }

  async #tell(bot: Account<'bot'>, ticket: Ticket, epoch: number, message: Message): Promise<boolean> {
    const { clock, log, allowHosts } = this.#needs;
    const { webhookUrl, timeoutMs } = bot.settings;
    // It learns of it in another way.
    if (webhookUrl === null) return true;
    const at = clock();
    const data: BotTold['data'] = {
      conversation_id: ticket.id,
      epoch,
      message_id: message.id,
      channel_id: ticket.channelId,
      contact: { id: ticket.customerId, name: message.authorName },
      text: message.body.slice(0, textMost).toWellFormed(),
      files: message.extra?.media?.length ?? 0,
      sent_at: new Date(message.authoredAt).toISOString(),
    };
    const body = JSON.stringify({ type: 'message.created', timestamp: new Date(at).toISOString(), data } satisfies BotTold);
    const headers = signWebhook(bot.secrets.webhookSecrets, { id: message.id, at, body });
    const posted = await postWebhook(webhookUrl, headers, body, { timeoutMs, allowHosts });
    if (posted.state === 'answered' && posted.status >= 200 && posted.status < 300) return true;
    const reason = posted.state === 'answered' ? `it answers ${posted.status}` : posted.reason;
    log.warn({ bot: bot.channelId, reason }, 'a bot can not be told what its customer says; people take over');
    return false;
  }

  async #giveUp(ticket: Ticket, name: string, reason: 'error'): Promise<void> {
    await this.#needs.apply({ name: 'bot.handOff', args: this.#handOffArgs(ticket, name, reason, ticket.lastInboundAt ?? 0) });
  }

  #handOffArgs(ticket: Ticket, botName: string, reason: 'error' | 'timeout', since: number): object {
    const messageId = uuidOf(`${ticket.id}:${reason}:${since}`, uuidOf.URL);
    return { messageId, ticketId: ticket.id, botName, reason, summary: '', collected: {}, skill: null, priority: null };
  }

  async #idOf(channelId: string): Promise<string | null> {
    const { db, workspaceId } = this.#needs;
    const found = await sql<{ channelId: string }>`select channel_id from channel_account where workspace_id = ${workspaceId}
      and vendor = 'bot' and state = 'ok' and settings->'channelIds' ? ${channelId} order by channel_id limit 1`.execute(db);
    if (found.rows[0]) return found.rows[0].channelId;
    const own = await this.#needs.rules.serving(channelId);
    return own === null ? null : `${ownPrefix}${own}`;
  }

  async #ticket(ticketId: string): Promise<Ticket | null> {
    const { db, workspaceId } = this.#needs;
    const found = await sql<{ row: Ticket }>`select ${sql.raw(asJson('ticket', 't'))} as row from ticket t
      where t.workspace_id = ${workspaceId} and t.id = ${ticketId}`.execute(db);
    return found.rows[0]?.row ?? null;
  }

  /** A conversation of the bot's own channels, by our id or by the one of the program that it came from. */
  async #conversation(bot: Account<'bot'>, conversationId: string): Promise<Ticket | null> {
    const { db, workspaceId } = this.#needs;
    const { channelIds } = bot.settings;
    const isOurs = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(conversationId);
    const named = await sql<{ ticketId: string }>`select ticket_id from api_conversation where workspace_id = ${workspaceId}
      and channel_id = any(${channelIds}::text[]) and external_id = ${conversationId} limit 1`.execute(db);
    const ticketId = named.rows[0]?.ticketId ?? (isOurs ? conversationId : null);
    const ticket = ticketId === null ? null : await this.#ticket(ticketId);
    if (!ticket) return null;
    if (ticket.channelId !== null && channelIds.includes(ticket.channelId)) return ticket;
    const held = await sql`select 1 from bot_conversation
      where workspace_id = ${workspaceId} and ticket_id = ${ticket.id} and bot_id = ${bot.channelId}`.execute(db);
    return held.rows.length > 0 ? ticket : null;
  }
}

/** What a ticket keeps of it: texts under names. */
function textsOf(event: Extract<BotEvent, { event: 'handoff' }>): Record<string, string> {
  const { collected, intent, confidence } = event;
  const all = { ...collected, ...(intent === undefined ? {} : { intent }), ...(confidence === undefined ? {} : { confidence }) };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])));
}
