/** A customer at the chat widget, by the widget's own HTTP interface. */
import { createHmac } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { until } from './engine.ts';
import type { TestHub } from './hub.ts';
import { signIn } from './wire.ts';
import type { PublicFile, PublicMessage, SessionAnswer } from '../../src/shared/widget.ts';

/** What the demo's shop signs with. */
export const shopSecret = 'demo-widget-identity-secret-of-the-shop';

/** A token as a shop's server makes it; `claims` without `exp` end in five minutes. */
export function vouch(
  claims: Record<string, unknown>,
  secret = shopSecret,
  header: Record<string, unknown> = { alg: 'HS256', typ: 'JWT' },
): string {
  return signed(JSON.stringify(header), JSON.stringify({ exp: Math.floor(Date.now() / 1000) + 300, ...claims }), secret);
}

/** A token of exactly this header and these claims. */
export function signed(header: string, claims: string | Buffer, secret = shopSecret): string {
  const body = `${Buffer.from(header).toString('base64url')}.${Buffer.from(claims).toString('base64url')}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

export class Visitor {
  /** may be changed at any time: several hubs serve one widget */
  hubUrl: string;
  token = '';
  id = '';

  constructor(hubUrl: string) {
    this.hubUrl = hubUrl;
  }

  async open(): Promise<this> {
    await this.session();
    return this;
  }

  async session(page: string | null = null): Promise<SessionAnswer> {
    const answer = (await this.post('session', { channel: 'demo-widget', token: this.token || null, page })) as SessionAnswer;
    this.token = answer.token;
    this.id = answer.visitorId;
    return answer;
  }

  async say(body: string, id: string = uuid(), files: string[] = []): Promise<string> {
    await this.post('messages', { id, body, name: null, authoredAt: Date.now(), files });
    return id;
  }

  async send(bytes: Uint8Array, name: string, id: string = uuid()): Promise<PublicFile> {
    const answer = await this.ask(`files/${id}?name=${encodeURIComponent(name)}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(bytes),
    });
    if (!answer.ok) throw new Error(`files: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as PublicFile;
  }

  async messages(): Promise<PublicMessage[]> {
    return ((await (await this.ask('messages')).json()) as { messages: PublicMessage[] }).messages;
  }

  ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...(this.token ? { authorization: `Bearer ${this.token}` } : {}), ...(init.headers as Record<string, string>) };
    return fetch(`${this.hubUrl}/widget/api/${path}`, { ...init, headers });
  }

  /** Status, code and field of a refusal. */
  async refusal(path: string, body: unknown): Promise<[number, string, string | undefined]> {
    const answer = await this.ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const { code, field } = (await answer.json()) as { code: string; field?: string };
    return [answer.status, code, field];
  }

  async post(path: string, body: unknown): Promise<unknown> {
    const answer = await this.ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const value: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(value)}`);
    return value;
  }
}

const plain = {
  allowedDomains: [] as string[],
  preChat: null as object | null,
  consent: null as object | null,
  continueByMail: null as object | null,
};

/** As an administrator sets the demo's widget up; what is not named is as at first. Secrets that are not named stay. */
export async function setUpWidget(
  hub: { url: string },
  settings: Partial<typeof plain> = {},
  secrets: Record<string, string | null> = {},
): Promise<void> {
  const me = await signIn(hub.url, 'quan');
  const answer = await fetch(`${hub.url}/api/v1/channels/demo-widget/account`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${me.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ vendor: 'chat', settings: { ...plain, ...settings }, secrets }),
  });
  if (!answer.ok) throw new Error(`widget: ${answer.status} ${await answer.text()}`);
}

/** Whose identity this is. */
export async function customerOf(
  hub: { query: TestHub['query'] },
  kind: string,
  value: string,
): Promise<{ customer_id: string; verified: boolean } | undefined> {
  const found = await hub.query<{ customer_id: string; verified: boolean }>(
    'select customer_id, verified from identity where kind = $1 and value = $2',
    [kind, value],
  );
  return found[0];
}

/** The newest ticket of this visitor's customer, once there is one. */
export async function ticketOf(hub: { query: TestHub['query'] }, visitor: Visitor): Promise<{ id: string; customer_id: string }> {
  const find = () =>
    hub.query<{ id: string; customer_id: string }>(
      `select t.id, t.customer_id from ticket t join identity i on i.customer_id = t.customer_id and i.kind = 'visitor' and i.value = $1
       order by t.created_at desc limit 1`,
      [visitor.id],
    );
  await until(async () => (await find()).length > 0);
  return (await find())[0]!;
}
