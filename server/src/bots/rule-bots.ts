/** The hub's own bots: what administrators have set, kept and carried out. What they say is decided in src/shared/bot.ts. */
import { sql } from 'kysely';
import { v5 as uuidOf } from 'uuid';
import type { Ticket } from '../../../src/shared/domain.ts';
import { fold } from '../../../src/shared/fold.ts';
import { botState, botTurn, freshBotState } from '../../../src/shared/bot.ts';
import { type BotQuestion, type BotQuestions, type RuleBot, ruleBot } from '../../../src/shared/bot-admin.ts';
import type { Rejection } from '../../../src/shared/mutations/define.ts';
import type { Db } from '../db/database.ts';
import { type Intent, storable } from '../sync/intent.ts';
import { holdConversation, unheardIn } from './conversation.ts';

interface RuleBotNeeds {
  db: Db;
  workspaceId: string;
  apply(intent: Intent): Promise<Rejection | null>;
  clock(): number;
}

export class RuleBots {
  readonly #needs: RuleBotNeeds;

  constructor(needs: RuleBotNeeds) {
    this.#needs = needs;
  }

  /** The one that begins fresh conversations of this channel. */
  async serving(channelId: string): Promise<string | null> {
    const { db, workspaceId } = this.#needs;
    const found = await sql<{ id: string }>`select id from bot
      where workspace_id = ${workspaceId} and active and channels ? ${channelId} order by id limit 1`.execute(db);
    return found.rows[0]?.id ?? null;
  }

  async find(id: string): Promise<RuleBot | null> {
    const { db, workspaceId } = this.#needs;
    const found = await sql<RuleBot>`select name, channels, active, config from bot
      where workspace_id = ${workspaceId} and id = ${id}`.execute(db);
    return found.rows[0] ? ruleBot.parse(found.rows[0]) : null;
  }

  async put(id: string, { name, channels, active, config }: RuleBot): Promise<void> {
    const { db, workspaceId, clock } = this.#needs;
    await sql`insert into bot (workspace_id, id, name, channels, active, config, updated_at)
      values (${workspaceId}, ${id}, ${name}, ${JSON.stringify(channels)}::jsonb, ${active}, ${JSON.stringify(config)}::jsonb, ${clock()})
      on conflict (workspace_id, id) do update set name = excluded.name, channels = excluded.channels, active = excluded.active,
        config = excluded.config, updated_at = excluded.updated_at`.execute(db);
  }

  async list(): Promise<{ id: string; name: string; active: boolean; channels: string[] }[]> {
    const { db, workspaceId } = this.#needs;
    const found = await sql<{ id: string; name: string; active: boolean; channels: string[] }>`select id, name, active, channels from bot
      where workspace_id = ${workspaceId} order by name, id limit 200`.execute(db);
    return found.rows;
  }

  /** What it had no answer to, most asked first. Null: `after` is nothing that was told. */
  async questions(id: string, { after, limit }: { after?: string | undefined; limit: number }): Promise<BotQuestions | null> {
    const { db, workspaceId } = this.#needs;
    const place = after === undefined ? null : placeOf(after);
    if (after !== undefined && !place) return null;
    const further = place
      ? sql`and (-times, -last_at, folded) > (${-place.times}::integer, ${-place.lastAt}::bigint, ${place.folded}::text)`
      : sql``;
    const found = await sql<{ row: BotQuestion; folded: string }>`
      select json_build_object('text', text, 'times', times, 'last_at', last_at) as row, folded from bot_question
      where workspace_id = ${workspaceId} and bot_id = ${id} ${further} order by -times, -last_at, folded limit ${limit}`.execute(db);
    const last = found.rows.length < limit ? undefined : found.rows.at(-1);
    const next = last && Buffer.from(JSON.stringify([last.row.times, last.row.last_at, last.folded])).toString('base64url');
    return { questions: found.rows.map(({ row }) => row), next: next ?? null };
  }

  /**
   * Answers what is new in a conversation of its own. The ids of what it says follow from what was said to it, so that doing it again says
   * nothing twice. False: it is not there any more, and people have to answer.
   */
  async work(ticket: Ticket, botId: string, id: string): Promise<boolean> {
    const { apply, clock } = this.#needs;
    const bot = await this.find(id);
    if (!bot?.active) return false;
    const held = await holdConversation(this.#needs, ticket.id, botId);
    const known = botState.safeParse(held.state);
    let state = known.success ? known.data : freshBotState;
    const fresh = await unheardIn(this.#needs, ticket.id, held.toldId);
    if (fresh.length === 0) return true;
    const articles = bot.config.faq ? await this.#articles() : [];
    for (const message of fresh) {
      const said = { text: message.body, automatic: message.extra?.automatic === true };
      const turn = botTurn(bot.config, state, said, { now: clock(), articles });
      for (const [place, body] of turn.says.entries()) {
        const messageId = uuidOf(`${message.id}:bot:${place}`, uuidOf.URL);
        const rejection = await apply({ name: 'bot.say', args: { messageId, ticketId: ticket.id, botName: bot.name, body } });
        // Somebody has taken over meanwhile.
        if (rejection?.code === 'STALE_REPLY') return true;
        if (rejection) throw new Error(`what a bot said was refused: ${rejection.code}`);
      }
      if (turn.handOff) {
        const { reason, skill, priority } = turn.handOff;
        const summary = message.body.slice(0, 500).toWellFormed();
        const rejection = await apply({
          name: 'bot.handOff',
          args: {
            messageId: uuidOf(`${message.id}:bot:handoff`, uuidOf.URL),
            ticketId: ticket.id,
            botName: bot.name,
            reason,
            summary,
            collected: turn.state.collected,
            skill,
            priority,
          },
        });
        if (rejection) throw new Error(`a hand-off was refused: ${rejection.code}`);
      }
      state = turn.state;
      await this.#heard(ticket.id, id, message.id, state, turn.missed ? message.body : null, turn.handOff?.reason ?? null);
      if (turn.handOff) return true;
    }
    return true;
  }

  /** Where the conversation stands, and a question without an answer: counted once. */
  async #heard(ticketId: string, id: string, messageId: string, state: unknown, missed: string | null, over: string | null): Promise<void> {
    const { db, workspaceId, clock } = this.#needs;
    const question = missed?.trim().slice(0, 300).toWellFormed() ?? '';
    await db.transaction().execute(async (tx) => {
      const moved = await sql`update bot_conversation set told_id = ${messageId}, state = ${JSON.stringify(state)}::jsonb,
        epoch = epoch + ${over === null ? 0 : 1}, reason = coalesce(${over}, reason)
        where workspace_id = ${workspaceId} and ticket_id = ${ticketId} and told_id is distinct from ${messageId}::uuid returning 1`.execute(
        tx,
      );
      if (moved.rows.length === 0 || question === '') return;
      await sql`insert into bot_question (workspace_id, bot_id, folded, text, times, last_at)
        values (${workspaceId}, ${id}, ${fold(question)}, ${question}, 1, ${clock()})
        on conflict (workspace_id, bot_id, folded) do update set times = bot_question.times + 1, last_at = excluded.last_at`.execute(tx);
    });
  }

  async #articles(): Promise<{ title: string; body: string }[]> {
    const { db, workspaceId } = this.#needs;
    const found = await sql<{ title: string; body: string }>`select title, body from article
      where workspace_id = ${workspaceId} and kind <> 'script' order by id limit 5000`.execute(db);
    return found.rows;
  }
}

/** Where a page of questions ended. */
function placeOf(after: string): { times: number; lastAt: number; folded: string } | null {
  try {
    const told: unknown = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'));
    if (!Array.isArray(told)) return null;
    const [times, lastAt, folded] = told as unknown[];
    const whole = Number.isSafeInteger(times) && Number.isSafeInteger(lastAt) && typeof folded === 'string' && storable(folded);
    return whole ? { times: Math.min(times as number, 2 ** 31 - 1), lastAt: lastAt as number, folded } : null;
  } catch {
    return null;
  }
}
