/** A small floor on a real hub: agents who are at work, queues that give their work out, customers who write. */
import { v7 as uuid } from 'uuid';
import { defaultQueueRouting } from '../../src/shared/routing-rules.ts';
import type { QueueRouting } from '../../src/shared/routing-rows.ts';
import { act } from './acts.ts';
import type { TestHub } from './hub.ts';
import { ticketOf, Visitor } from './visitor.ts';
import { type SignedIn, signIn, wire, type WireClient } from './wire.ts';

export const routing = (more: Partial<QueueRouting> = {}): QueueRouting => {
  const { order, strategy, ringsMs, preferredMs, offerMs, needs, overflow } = defaultQueueRouting;
  return {
    order,
    strategy,
    ringsMs: [...ringsMs],
    preferredMs,
    offerMs,
    needs: [...needs],
    overflow,
    cherryPick: true,
    wrapUpMs: { call: 0, chat: 0, social: 0, email: 0 },
    calendarId: null,
    ...more,
  };
};

export class Floor {
  readonly hub: TestHub;
  readonly admin: SignedIn;
  readonly queues: Record<'sales' | 'complaint' | 'warranty', string>;
  readonly #lines: WireClient[] = [];

  private constructor(hub: TestHub, admin: SignedIn, queues: Floor['queues']) {
    this.hub = hub;
    this.admin = admin;
    this.queues = queues;
  }

  /** The demo's own tickets are put away: what waits is what the test brings. */
  static async open(hub: TestHub): Promise<Floor> {
    const admin = await signIn(hub.url, 'quan');
    const found = await hub.query<{ id: string; purpose: 'sales' | 'complaint' | 'warranty' }>('select id, purpose from queue');
    await hub.query(`update ticket set status = 'closed', assignee_id = null, enqueued_at = null`);
    return new Floor(hub, admin, Object.fromEntries(found.map(({ id, purpose }) => [purpose, id])) as Floor['queues']);
  }

  async route(queue: keyof Floor['queues'], how: QueueRouting | null): Promise<void> {
    const refused = await act(this.hub.url, this.admin, 'queue.route', { queueId: this.queues[queue], routing: how });
    if (refused) throw new Error(JSON.stringify(refused));
  }

  /** Somebody of the demo begins their shift: a console that is connected, and available. */
  async comes(key: string): Promise<WireClient & { me: SignedIn }> {
    const client = await wire(this.hub.url, key);
    this.#lines.push(client);
    const refused = await this.is(client.me, 'available');
    if (refused) throw new Error(JSON.stringify(refused));
    return client;
  }

  is(who: SignedIn, state: 'available' | 'break' | 'offline') {
    return act(this.hub.url, who, 'presence.set', { userId: who.userId, state, reason: null });
  }

  /** A customer writes in the chat of the shop's site (queue: sales). Returns the ticket's id. */
  async chat(text = `Xin chào ${uuid()}`): Promise<string> {
    const visitor = await new Visitor(this.hub.url).open();
    await visitor.say(text);
    return (await ticketOf(this.hub, visitor)).id;
  }

  async ticket(ticketId: string): Promise<Record<string, unknown>> {
    return (await this.hub.query<Record<string, unknown>>('select * from ticket where id = $1', [ticketId]))[0] ?? {};
  }

  /** of the ticket, oldest first */
  offers(ticketId: string) {
    return this.hub.query<{ id: string; user_id: string; state: string; at: number; until: number }>(
      'select * from offer where ticket_id = $1 order by at, id',
      [ticketId],
    );
  }

  presence(who: SignedIn): Promise<{ state: string; missed: number; since: number }[]> {
    return this.hub.query('select state, missed, since from presence where id = $1', [who.userId]);
  }

  close(): void {
    for (const line of this.#lines) line.close();
  }
}
