/** The web chat channel: visitors, what they send, and what they may read. */
import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import type { Message } from '../../../../src/shared/domain.ts';
import type { Rejection } from '../../../../src/shared/mutations/define.ts';
import type { Change } from '../../../../src/shared/protocol.ts';
import type { PublicMessage, visitorMessage } from '../../../../src/shared/widget.ts';
import type { Db } from '../../db/database.ts';
import type { Committer } from '../../sync/committer.ts';

const visitorTtlMs = 365 * 24 * 3_600_000;

export interface Visitor {
  id: string;
  channelId: string;
  name: string | null;
}

type Stream = (message: PublicMessage) => void;

export class Chat {
  readonly #db: Db;
  readonly #workspaceId: string;
  readonly #committer: Committer;
  readonly #botServes: (channelId: string) => Promise<boolean>;
  readonly #streams = new Map<string, Set<Stream>>();

  /** `botServes`: whether a bot begins fresh conversations of a channel */
  constructor(db: Db, workspaceId: string, committer: Committer, botServes: (channelId: string) => Promise<boolean>) {
    this.#botServes = botServes;
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#committer = committer;
  }

  /** Resumes the visitor of this token, or opens a new one. Null when the channel does not take chats. */
  async open(channelId: string, token: string | null): Promise<{ visitor: Visitor; token: string } | null> {
    const known = token === null ? null : await this.visitor(token);
    if (known && known.channelId === channelId && token !== null) return { visitor: known, token };
    const channel = (await this.#committer.reference()).rows.channel.get(channelId);
    if (!channel?.active || channel.kind !== 'chat') return null;
    const fresh = randomBytes(32).toString('base64url');
    const visitor = { id: uuid(), channelId, name: null };
    const now = Date.now();
    await this.#db
      .insertInto('visitor')
      .values({ workspaceId: this.#workspaceId, ...visitor, tokenHash: digest(fresh), createdAt: now, expiresAt: now + visitorTtlMs })
      .execute();
    return { visitor, token: fresh };
  }

  async visitor(token: string): Promise<Visitor | null> {
    const found = await this.#db
      .selectFrom('visitor')
      .select(['id', 'channelId', 'name', 'expiresAt'])
      .where('workspaceId', '=', this.#workspaceId)
      .where('tokenHash', '=', digest(token))
      .executeTakeFirst();
    return found && found.expiresAt > Date.now() ? { id: found.id, channelId: found.channelId, name: found.name } : null;
  }

  /** Takes a visitor's message; it is durable when this returns. Sending it again changes nothing. */
  async receive(visitor: Visitor, message: z.infer<typeof visitorMessage>): Promise<Rejection | null> {
    if (message.name !== null && message.name !== visitor.name) {
      await this.#db
        .updateTable('visitor')
        .set({ name: clean(message.name) })
        .where('workspaceId', '=', this.#workspaceId)
        .where('id', '=', visitor.id)
        .execute();
    }
    return this.#committer.system({
      name: 'message.receive',
      args: {
        messageId: message.id,
        ticketId: uuid(),
        channelId: visitor.channelId,
        body: clean(message.body),
        subject: null,
        customer: { id: uuid(), name: clean(message.name ?? visitor.name ?? `Khách ${visitor.id.slice(-4).toUpperCase()}`) },
        // A visitor's browser vouches for nobody: the thread joins by channel, other tickets don't.
        identity: { id: uuid(), kind: 'visitor', value: visitor.id, verified: false },
        authoredAt: message.authoredAt,
        ...((await this.#botServes(visitor.channelId)) ? { bot: true } : {}),
      },
    });
  }

  /** What this visitor may see, newest 200, oldest first. */
  async conversation(visitorId: string): Promise<PublicMessage[]> {
    const found = await sql<PublicRow>`
      select m.id, m.kind, m.author_type, m.author_name, m.body, m.accepted_at, m.delivery
      from identity i
      join ticket t on t.workspace_id = i.workspace_id and t.customer_id = i.customer_id
      join message m on m.workspace_id = t.workspace_id and m.ticket_id = t.id
      where i.workspace_id = ${this.#workspaceId} and i.kind = 'visitor' and i.value = ${visitorId}
        and m.channel = 'chat' and (m.kind = 'inbound' or m.kind = 'reply' and m.delivery not in ('queued', 'failed'))
      order by m.accepted_at desc, m.id desc limit 200`.execute(this.#db);
    return found.rows.reverse().map(publicForm);
  }

  /** States go up only, and only on answers of this visitor's own conversation. */
  async receipts(visitorId: string, ids: string[], state: 'delivered' | 'read'): Promise<void> {
    if (ids.length === 0) return;
    const mine = await sql<{ id: string }>`
      select m.id from message m
      join ticket t on t.workspace_id = m.workspace_id and t.id = m.ticket_id
      join identity i on i.workspace_id = t.workspace_id and i.customer_id = t.customer_id
      where m.workspace_id = ${this.#workspaceId} and m.id = any(${ids}::uuid[]) and m.kind = 'reply' and m.channel = 'chat'
        and m.delivery not in ('queued', 'failed') and i.kind = 'visitor' and i.value = ${visitorId}`.execute(this.#db);
    if (mine.rows.length === 0) return;
    await this.#committer.system({ name: 'message.delivery', args: { messageIds: mine.rows.map((row) => row.id), state, error: null } });
  }

  listen(visitorId: string, stream: Stream): () => void {
    const streams = this.#streams.get(visitorId) ?? new Set();
    this.#streams.set(visitorId, streams.add(stream));
    return () => {
      streams.delete(stream);
      if (streams.size === 0 && this.#streams.get(visitorId) === streams) this.#streams.delete(visitorId);
    };
  }

  /** New public messages go to the pages that are open. */
  async changed(changes: Change[]): Promise<void> {
    if (this.#streams.size === 0) return;
    const said = new Map<string, Message>();
    for (const change of changes) {
      if (change.entity !== 'message' || change.op !== 'put') continue;
      const message = change.row as Message;
      // An answer that waits for its files is not said yet; one whose files never came never is.
      const unsaid = message.kind === 'reply' && (message.delivery === 'queued' || message.delivery === 'failed');
      if (message.channel === 'chat' && (message.kind === 'reply' || message.kind === 'inbound') && !unsaid) said.set(message.id, message);
    }
    if (said.size === 0) return;
    const tickets = [...new Set([...said.values()].map((message) => message.ticketId))];
    const visitors = await sql<{ ticketId: string; visitorId: string }>`
      select t.id as ticket_id, i.value as visitor_id from ticket t
      join identity i on i.workspace_id = t.workspace_id and i.customer_id = t.customer_id and i.kind = 'visitor'
      where t.workspace_id = ${this.#workspaceId} and t.id = any(${tickets}::uuid[])`.execute(this.#db);
    for (const { ticketId, visitorId } of visitors.rows) {
      for (const message of said.values()) {
        if (message.ticketId !== ticketId) continue;
        for (const stream of this.#streams.get(visitorId) ?? []) stream(publicForm({ ...message, acceptedAt: message.acceptedAt ?? 0 }));
      }
    }
  }
}

type PublicRow = Pick<Message, 'id' | 'kind' | 'authorType' | 'authorName' | 'body' | 'delivery'> & { acceptedAt: number };

function publicForm(row: PublicRow): PublicMessage {
  return {
    id: row.id,
    from: row.kind === 'inbound' ? 'customer' : row.authorType === 'bot' ? 'bot' : 'agent',
    author: row.authorName,
    body: row.body,
    at: row.acceptedAt,
    read: row.delivery === 'read',
  };
}

/** What the database can't keep is taken out of what strangers send: NUL and halves of surrogate pairs. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
