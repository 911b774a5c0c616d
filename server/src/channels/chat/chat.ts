/** The web chat channel: what visitors send, and what they may read. */
import { sql } from 'kysely';
import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import type { Attachment, Message } from '../../../../src/shared/domain.ts';
import { isPicture, type FileKind } from '../../../../src/shared/file-kind.ts';
import type { Rejection } from '../../../../src/shared/mutations/define.ts';
import type { Change } from '../../../../src/shared/protocol.ts';
import type { PublicMessage, typing, visitorMessage } from '../../../../src/shared/widget.ts';
import type { Db } from '../../db/database.ts';
import { asJson } from '../../db/rows.ts';
import type { Intent } from '../../sync/intent.ts';
import { cleanText } from '../inbound.ts';
import type { VisitorFiles } from './files.ts';
import { digest, madeUpName, type Visitor, type Visitors } from './visitors.ts';

/** What a page that is open hears. */
export interface Listener {
  message(message: PublicMessage): void;
  typing(who: z.infer<typeof typing>): void;
  /** there is nothing more to hear */
  end(): void;
}

export interface ChatNeeds {
  db: Db;
  workspaceId: string;
  visitors: Visitors;
  files: VisitorFiles;
  apply(intent: Intent): Promise<Rejection | null>;
  /** whether a bot begins fresh conversations of a channel */
  botServes(channelId: string): Promise<boolean>;
  heard(channelId: string, now: number): Promise<void>;
  clock(): number;
  /** conversations that one visitor may begin in an hour; from one address ten times as many */
  openingsPerHour: number;
}

const mostShown = 200;
/** pages of one visitor that hear at a time; a further one takes the place of the oldest */
const mostListeners = 10;
const hourMs = 3_600_000;

export class Chat {
  readonly #needs: ChatNeeds;
  readonly #listeners = new Map<string, Set<{ visitor: Visitor; listener: Listener }>>();

  constructor(needs: ChatNeeds) {
    this.#needs = needs;
  }

  /**
   * Takes a visitor's message; it is durable when this resolves. Sending it again changes nothing. `address`: from where it comes.
   * `TOO_MANY`: they have begun enough conversations for now.
   */
  async receive(visitor: Visitor, message: z.infer<typeof visitorMessage>, address: string): Promise<Rejection | 'TOO_MANY' | null> {
    const { visitors, files, apply, botServes, heard, clock } = this.#needs;
    const now = clock();
    if (message.name !== null && message.name !== visitor.name && visitor.userId === null) await visitors.rename(visitor, message.name);
    if (!(await this.#mayBegin(visitor, address, now))) return 'TOO_MANY';
    const brought = await files.of(visitor, message.files);
    if (brought.length < message.files.length) return { code: 'NOT_FOUND', field: 'files' };
    const ticketId = uuid();
    const name = (visitor.userId === null ? message.name : null) ?? visitor.name ?? madeUpName(visitor.id);
    const rejection = await apply({
      name: 'message.receive',
      args: {
        messageId: message.id,
        ticketId,
        channelId: visitor.channelId,
        body: cleanText(message.body),
        subject: message.body === '' ? (brought[0]?.name ?? null) : null,
        customer: { id: uuid(), name: cleanText(name) },
        // A browser vouches for nobody: only where the shop does, other tickets are joined.
        identity: { id: uuid(), kind: 'visitor', value: visitor.id, verified: await visitors.isVouchedFor(visitor) },
        authoredAt: message.authoredAt,
        files: brought,
        ...((await botServes(visitor.channelId)) ? { bot: true } : {}),
      },
    });
    if (rejection) return rejection;
    await this.#began(visitor, ticketId, address, now);
    await visitors.propose(visitor);
    await heard(visitor.channelId, now);
    return null;
  }

  /**
   * What this visitor may see, newest 200, oldest first: for whom the shop vouches, all chats of the customer; else what was said in this
   * browser, and the answers to that. Another browser of the same customer may be somebody else's.
   */
  async conversation(visitor: Visitor): Promise<PublicMessage[]> {
    const rows = await this.#said(visitor, null);
    return rows.slice(-mostShown).map(publicForm);
  }

  /** The file, if it belongs to a message that this visitor may see. */
  async file(visitor: Visitor, id: string): Promise<Attachment | null> {
    const { db, workspaceId } = this.#needs;
    const found = await sql<{ row: Attachment }>`select ${sql.raw(asJson('attachment', 'a'))} as row from attachment a
      where a.workspace_id = ${workspaceId} and a.id = ${id} and a.state = 'ready'`.execute(db);
    const row = found.rows[0]?.row;
    return row && (await this.#said(visitor, [row.messageId])).length > 0 ? row : null;
  }

  /** States go up only, and only on answers that this visitor may see. */
  async receipts(visitor: Visitor, ids: string[], state: 'delivered' | 'read'): Promise<void> {
    if (ids.length === 0) return;
    const mine = (await this.#said(visitor, ids)).filter(({ kind }) => kind === 'reply').map(({ id }) => id);
    if (mine.length > 0) await this.#needs.apply({ name: 'message.delivery', args: { messageIds: mine, state, error: null } });
  }

  /** The visitor's open conversation, where they write now. */
  async ticketOf(visitor: Visitor): Promise<{ id: string; queueId: string; assigneeId: string | null } | null> {
    const { db, workspaceId } = this.#needs;
    const found = await sql<{ id: string; queueId: string; assigneeId: string | null }>`
      select t.id, t.queue_id, t.assignee_id from identity i join ticket t on t.workspace_id = i.workspace_id and t.customer_id = i.customer_id
      where i.workspace_id = ${workspaceId} and i.kind = 'visitor' and i.value = ${visitor.id}
        and (t.channel_id = ${visitor.channelId} or t.threads ? ${visitor.channelId}) and t.status not in ('closed', 'spam')
      order by t.last_message_at desc limit 1`.execute(db);
    return found.rows[0] ?? null;
  }

  /** Whether a page of theirs hears, of those that this hub serves. */
  isHeard(visitor: Visitor): boolean {
    return this.#listeners.has(visitor.id);
  }

  listen(visitor: Visitor, listener: Listener): () => void {
    const listeners = this.#listeners.get(visitor.id) ?? new Set();
    const one = { visitor, listener };
    this.#listeners.set(visitor.id, listeners.add(one));
    if (listeners.size > mostListeners) [...listeners][0]?.listener.end();
    return () => {
      listeners.delete(one);
      if (listeners.size === 0 && this.#listeners.get(visitor.id) === listeners) this.#listeners.delete(visitor.id);
    };
  }

  /** The browser is somebody else's now: what is still open of it hears nothing more. */
  hangUp(visitorId: string): void {
    for (const { listener } of this.#listeners.get(visitorId) ?? []) listener.end();
  }

  /** New public messages go to the pages that are open. */
  async changed(changes: Change[]): Promise<void> {
    if (this.#listeners.size === 0) return;
    const said = new Map<string, Message>();
    for (const change of changes) {
      if (change.entity !== 'message' || change.op !== 'put') continue;
      const message = change.row as Message;
      // An answer that waits for its files is not said yet; one whose files never came never is.
      const unsaid = message.kind === 'reply' && (message.delivery === 'queued' || message.delivery === 'failed');
      if (message.channel === 'chat' && (message.kind === 'reply' || message.kind === 'inbound') && !unsaid) said.set(message.id, message);
    }
    if (said.size === 0) return;
    for (const visitorId of await this.#visitorsOf([...new Set([...said.values()].map(({ ticketId }) => ticketId))])) {
      for (const { visitor, listener } of this.#listeners.get(visitorId) ?? []) {
        for (const row of await this.#said(visitor, [...said.keys()])) listener.message(publicForm(row));
      }
    }
  }

  /** An agent writes an answer on the ticket. */
  async writes(ticketId: string, name: string): Promise<void> {
    if (this.#listeners.size === 0) return;
    for (const visitorId of await this.#visitorsOf([ticketId])) {
      for (const { listener } of this.#listeners.get(visitorId) ?? []) listener.typing({ name });
    }
  }

  async #visitorsOf(tickets: string[]): Promise<string[]> {
    const { db, workspaceId } = this.#needs;
    const found = await sql<{ value: string }>`
      select distinct i.value from ticket t
      join identity i on i.workspace_id = t.workspace_id and i.customer_id = t.customer_id and i.kind = 'visitor'
      where t.workspace_id = ${workspaceId} and t.id = any(${tickets}::uuid[])`.execute(db);
    return found.rows.map(({ value }) => value).filter((value) => this.#listeners.has(value));
  }

  /** Chat messages that the visitor may see, oldest first; of `ids` only, where they are named. */
  async #said(visitor: Visitor, ids: string[] | null): Promise<ChatRow[]> {
    const { db, workspaceId, visitors } = this.#needs;
    const all = await visitors.isVouchedFor(visitor);
    // Whose an answer is: of the one it names, else of the one who had written last before it.
    const found = await sql<ChatRow>`
      with me as (select i.id, i.customer_id, (select count(*) from identity o where o.workspace_id = i.workspace_id
          and o.customer_id = i.customer_id and o.kind = 'visitor') = 1 as alone
        from identity i where i.workspace_id = ${workspaceId} and i.kind = 'visitor' and i.value = ${visitor.id})
      select m.id, m.kind, m.author_type, m.author_name, m.body, m.accepted_at, m.delivery, m.extra,
        (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'size', a.size, 'type', a.type) order by a.created_at, a.id), '[]')
          from attachment a where a.workspace_id = m.workspace_id and a.ticket_id = m.ticket_id and a.message_id = m.id and a.state = 'ready') as files
      from me join ticket t on t.workspace_id = ${workspaceId} and t.customer_id = me.customer_id
      join message m on m.workspace_id = t.workspace_id and m.ticket_id = t.id
      where m.channel = 'chat' and (m.kind = 'inbound' or m.kind = 'reply' and m.delivery not in ('queued', 'failed'))
        and (${ids}::uuid[] is null or m.id = any(${ids}::uuid[]))
        and (${all} or me.alone or me.id::text = coalesce(m.extra->'via'->>'identityId',
          (select l.extra->'via'->>'identityId' from ticket lt join message l on l.workspace_id = lt.workspace_id and l.ticket_id = lt.id
            where lt.workspace_id = t.workspace_id and lt.customer_id = t.customer_id and l.channel = 'chat' and l.kind = 'inbound'
              and l.accepted_at < m.accepted_at order by l.accepted_at desc limit 1)))
      order by m.accepted_at desc, m.id desc limit ${mostShown}`.execute(db);
    return found.rows.reverse();
  }

  async #mayBegin(visitor: Visitor, address: string, now: number): Promise<boolean> {
    const { db, workspaceId, openingsPerHour } = this.#needs;
    if (await this.ticketOf(visitor)) return true;
    const found = await sql<{ own: number; all: number }>`select
        (select count(*)::integer from visitor_opening where workspace_id = ${workspaceId} and visitor_id = ${visitor.id} and at > ${now - hourMs}) as own,
        (select count(*)::integer from visitor_opening where workspace_id = ${workspaceId} and address = ${digest(address)} and at > ${now - hourMs}) as all`.execute(
      db,
    );
    const { own = 0, all = 0 } = found.rows[0] ?? {};
    return own < openingsPerHour && all < openingsPerHour * 10;
  }

  async #began(visitor: Visitor, ticketId: string, address: string, now: number): Promise<void> {
    const { db, workspaceId } = this.#needs;
    await sql`insert into visitor_opening (workspace_id, ticket_id, visitor_id, address, at)
      select workspace_id, id, ${visitor.id}::uuid, ${digest(address)}, ${now} from ticket where workspace_id = ${workspaceId} and id = ${ticketId}
      on conflict do nothing`.execute(db);
  }

  /** Openings that no limit asks for any more. */
  async forget(): Promise<void> {
    const { db, workspaceId, clock, files, visitors } = this.#needs;
    await sql`delete from visitor_opening where workspace_id = ${workspaceId} and at < ${clock() - hourMs}`.execute(db);
    await files.forget(clock());
    await visitors.forget();
  }
}

type ChatRow = Pick<Message, 'id' | 'kind' | 'authorType' | 'authorName' | 'body' | 'delivery' | 'extra'> & {
  acceptedAt: number;
  files: { id: string; name: string; size: number; type: string }[];
};

function publicForm(row: ChatRow): PublicMessage {
  const gone = row.extra?.deletedAt !== undefined;
  return {
    id: row.id,
    from: row.kind === 'inbound' ? 'customer' : row.authorType === 'bot' ? 'bot' : 'agent',
    author: row.authorName,
    body: row.body,
    at: row.acceptedAt,
    read: row.delivery === 'read',
    files: gone ? [] : row.files.map(({ id, name, size, type }) => ({ id, name, size, picture: isPicture(type as FileKind) })),
  };
}
