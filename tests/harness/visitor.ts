/** A customer at the chat widget, by the widget's own HTTP interface. */
import { v7 as uuid } from 'uuid';
import type { PublicMessage } from '../../src/shared/widget.ts';

export class Visitor {
  readonly #hubUrl: string;
  token = '';

  constructor(hubUrl: string) {
    this.#hubUrl = hubUrl;
  }

  async open(): Promise<this> {
    const answer = (await this.post('session', { channel: 'demo-widget', token: this.token || null })) as { token: string };
    this.token = answer.token;
    return this;
  }

  async say(body: string, id: string = uuid()): Promise<string> {
    await this.post('messages', { id, body, name: null, authoredAt: Date.now() });
    return id;
  }

  async messages(): Promise<PublicMessage[]> {
    const answer = await fetch(`${this.#hubUrl}/widget/api/messages`, { headers: { authorization: `Bearer ${this.token}` } });
    return ((await answer.json()) as { messages: PublicMessage[] }).messages;
  }

  async post(path: string, body: unknown): Promise<unknown> {
    const answer = await fetch(`${this.#hubUrl}/widget/api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(this.token ? { authorization: `Bearer ${this.token}` } : {}) },
      body: JSON.stringify(body),
    });
    const value: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(value)}`);
    return value;
  }
}
