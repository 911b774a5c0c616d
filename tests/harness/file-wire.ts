/** Files on the wire, announced and sent by a bare client: Lan, who serves the queue. */
import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import type { TestHub } from './hub.ts';
import { Visitor } from './visitor.ts';
import { type SignedIn, wire, type WireClient } from './wire.ts';

export interface Sample {
  id: string;
  bytes: Buffer;
  named: { id: string; name: string; type: string; size: number; sha256: string };
}

export function sample(bytes: Buffer | number, fields: Record<string, unknown> = {}): Sample {
  const content = typeof bytes === 'number' ? randomBytes(bytes) : bytes;
  const id = uuid();
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { id, bytes: content, named: { id, name: 'hoá đơn.pdf', type: 'application/pdf', size: content.length, sha256, ...fields } };
}

export const json = async (answer: Response) => [answer.status, await answer.json()];

export interface Talk {
  customer: Visitor;
  ticketId: string;
  inboundId: string;
}

export class FileWire {
  readonly hub: TestHub;
  lan: WireClient & { me: SignedIn };

  private constructor(hub: TestHub, lan: WireClient & { me: SignedIn }) {
    this.hub = hub;
    this.lan = lan;
  }

  static async to(hub: TestHub): Promise<FileWire> {
    return new FileWire(hub, await wire(hub.url, 'lan'));
  }

  /** After the hub has closed the connection. */
  async again(): Promise<void> {
    this.lan.close();
    this.lan = await wire(this.hub.url, 'lan');
  }

  async conversation(): Promise<Talk> {
    const customer = await new Visitor(this.hub.url).open();
    const text = `Gửi tôi hoá đơn ${uuid()}`;
    await customer.say(text);
    const [row] = await this.hub.query<{ id: string; last_inbound_id: string }>(
      'select id, last_inbound_id from ticket where last_message_preview = $1',
      [text],
    );
    return { customer, ticketId: row!.id, inboundId: row!.last_inbound_id };
  }

  call(path: string, init: RequestInit & { me?: SignedIn } = {}): Promise<Response> {
    const { me = this.lan.me, ...rest } = init;
    return fetch(this.hub.url + path, {
      ...rest,
      headers: { authorization: `Bearer ${me.token}`, ...(init.headers as Record<string, string> | undefined) },
    });
  }

  announce(ticketId: string, file: Sample, me = this.lan.me): Promise<Response> {
    return this.call('/api/v1/files', {
      me,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...file.named, ticketId }),
    });
  }

  patch(id: string, offset: number | string, body: Buffer, me = this.lan.me): Promise<Response> {
    return this.call(`/api/v1/files/${id}/upload`, {
      me,
      method: 'PATCH',
      headers: { 'content-type': 'application/octet-stream', 'upload-offset': String(offset) },
      body: new Uint8Array(body),
    });
  }

  /** Announced and sent in one go. */
  async whole(ticketId: string, file: Sample): Promise<void> {
    const announced = await this.announce(ticketId, file);
    const sent = await this.patch(file.id, 0, file.bytes);
    const { offset } = (await sent.json()) as { offset?: number };
    if (!announced.ok || offset !== file.bytes.length) throw new Error(`not taken: ${announced.status}, ${sent.status}`);
  }

  async reply(talk: Talk, body: string, files: Sample[] = []): Promise<string> {
    const messageId = uuid();
    const [ticket] = await this.hub.query<{ last_reply_id: string | null; assignee_id: string | null }>(
      'select last_reply_id, assignee_id from ticket where id = $1',
      [talk.ticketId],
    );
    const seen = { inboundId: talk.inboundId, replyId: ticket!.last_reply_id, assigneeId: ticket!.assignee_id };
    const attachments = files.length > 0 ? { attachments: files.map((file) => file.named) } : {};
    const args = { messageId, ticketId: talk.ticketId, body, seen, live: true, ...attachments };
    const result = await this.lan.push('message.reply', args);
    if (!result.ok) throw new Error(`the reply was refused: ${JSON.stringify(result.rejection)}`);
    return messageId;
  }

  async deliveryOf(id: string): Promise<string> {
    return (await this.hub.query<{ delivery: string }>('select delivery from message where id = $1', [id]))[0]!.delivery;
  }

  async stateOf(id: string): Promise<string | undefined> {
    return (await this.hub.query<{ state: string }>('select state from attachment where id = $1', [id]))[0]?.state;
  }
}

/** What the customer has been told. */
export const shown = async (customer: Visitor) =>
  (await customer.messages()).filter(({ from }) => from === 'agent').map(({ body }) => body);
