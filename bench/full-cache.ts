/**
 * A workstation's whole cache, as the hub would send it: 100,000 tickets of 30,000 customers with a million messages in Vietnamese,
 * always the same ones. Ids have the form of UUIDv7, so that they grow with time.
 */
import { conversations } from '../server/src/demo/schedule.ts';
import { people } from '../server/src/demo/people.ts';
import { fill, numbers, personAt, pick, sentences, wordsOf } from '../server/src/demo/words.ts';
import { channelKinds, type Entity, type Rows } from '../src/shared/domain.ts';
import type { SnapshotLine } from '../src/shared/protocol.ts';

export interface Size {
  tickets: number;
  messagesPerTicket: number;
  customers: number;
}
export const fullSize: Size = { tickets: 100_000, messagesPerTicket: 10, customers: 30_000 };

export const end = 1_790_000_000_000;
const year = 365 * 86_400_000;
/** one in so many tickets is still open */
const openOneIn = 3;

const digits = (index: number, salt: number, length: number): string => {
  const random = numbers(index * 16 + salt);
  let text = '';
  while (text.length < length)
    text += Math.floor(random() * 0x1000_0000)
      .toString(16)
      .padStart(7, '0');
  return text.slice(0, length);
};

/** Made at the moment `at`, by the thing's index: the same thing has the same id each time. */
export function idAt(at: number, index: number, salt: number): string {
  const time = at.toString(16).padStart(12, '0');
  const rest = digits(index, salt, 18);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(6, 18)}`;
}

export const me = idAt(end - 2 * year, 1, 9);
export const queues = [1, 2, 3, 4].map((index) => idAt(end - 2 * year, index, 8));
const team = idAt(end - 2 * year, 1, 7);
const workspace = idAt(end - 2 * year, 1, 6);
const agents = [me, ...Array.from({ length: 40 }, (_, index) => idAt(end - 2 * year, index + 2, 9))];
const tags = ['máy lạnh', 'bảo hành', 'đổi trả', 'giao trễ', 'trả góp', 'khách sỉ', 'lắp đặt', 'hóa đơn'];

/** What people write and what it is about, from the demo's conversations with other words in each. */
export function phrases(count: number): { bodies: string[]; subjects: string[] } {
  const random = numbers(2026);
  const bodies: string[] = [];
  const subjects: string[] = [];
  for (let serial = 1; bodies.length < count; serial += 1) {
    const talk = pick(conversations, random);
    const words = wordsOf({
      person: personAt(serial % 60),
      kinds: [...talk.about],
      serial,
      at: end - serial * 60_000,
      agent: 'Lan',
      random,
    });
    subjects.push(fill(talk.subject, words, random));
    for (const line of talk.lines) bodies.push(sentences(fill(line.text, words, random)));
  }
  return { bodies, subjects };
}

/** The rows of the cache by their index. */
export class FullCache {
  readonly size: Size;
  readonly #phrases = phrases(20_000);
  readonly #families = people.map(({ name }) => name.split(' ').slice(0, -1).join(' '));
  readonly #given = people.map(({ name }) => name.split(' ').at(-1) ?? '');

  constructor(size: Size = fullSize) {
    this.size = size;
  }

  get messages(): number {
    return this.size.tickets * this.size.messagesPerTicket;
  }

  customerAt(index: number): number {
    return end - 2 * year + index * 1000;
  }

  customerId(index: number): string {
    return idAt(this.customerAt(index), index, 1);
  }

  customer(index: number): Rows['customer'] {
    const at = this.customerAt(index);
    const name = `${this.#families[index % 59] ?? ''} ${this.#given[index % 60] ?? ''}`;
    return {
      id: this.customerId(index),
      name,
      segment: null,
      loyaltyTier: 'Vàng',
      loyaltyPoints: index,
      proposals: [],
      merged: null,
      city: 'Hà Nội',
      note: null,
      createdAt: at,
      updatedAt: at,
    };
  }

  identity(index: number): Rows['identity'] {
    const value = `+849${String(10_000_000 + index * 7).padStart(8, '0')}`;
    return {
      id: idAt(this.customerAt(index), index, 2),
      customerId: this.customerId(index),
      kind: 'phone',
      value,
      verified: true,
      state: 'ok',
    };
  }

  ticketAt(index: number): number {
    return Math.floor(end - year + (index * year) / this.size.tickets);
  }

  ticketId(index: number): string {
    return idAt(this.ticketAt(index), index, 3);
  }

  #customerOf(ticket: number): number {
    return Math.floor(numbers(ticket)() * this.size.customers);
  }

  ticket(index: number, change = 0): Rows['ticket'] {
    const at = this.ticketAt(index);
    const last = Math.min(end, at + 3_600_000) + change;
    const random = numbers(index + 7);
    const settled = index % openOneIn !== 0;
    const { bodies, subjects } = this.#phrases;
    const due = settled ? null : end + Math.floor(random() * 14_400_000);
    return {
      id: this.ticketId(index),
      number: 100_000 + index,
      provisionalRef: null,
      subject: `${subjects[Math.floor(random() * subjects.length)] ?? ''}${change === 0 ? '' : `, lần ${change}`}`,
      status: settled ? 'closed' : 'open',
      priority: 'normal',
      channel: channelKinds[index % 5] ?? 'chat',
      channelId: null,
      queueId: queues[index % queues.length] ?? '',
      assigneeId: index % 4 === 0 ? null : (agents[Math.floor(random() * agents.length)] ?? null),
      customerId: this.customerId(this.#customerOf(index)),
      tags: [tags[index % tags.length] ?? ''],
      snoozedUntil: null,
      contactReason: null,
      disposition: null,
      createdAt: at,
      updatedAt: last,
      resolvedAt: settled ? last : null,
      lastMessageAt: last,
      lastMessageKind: 'inbound',
      lastMessagePreview: (bodies[Math.floor(random() * bodies.length)] ?? '').slice(0, 160),
      lastInboundId: null,
      lastInboundAt: last,
      lastReplyId: null,
      lastReplyBy: null,
      lastReplyAt: null,
      unansweredSince: settled ? null : last,
      slaKind: settled ? null : 'frt',
      slaState: settled ? null : 'running',
      slaStartedAt: settled ? null : last,
      slaDueAt: due,
      slaTargetMs: due === null ? null : due - last,
      slaConsumedMs: due === null ? null : 0,
      slaRunningSince: due === null ? null : last,
      slaCalendarId: null,
      enqueuedAt: null,
      queuedSince: null,
      offeredTo: null,
      needs: [],
      followUpOf: null,
      leaseBy: null,
      leaseUntil: null,
      threads: [],
      hops: 0,
      joined: [],
      merged: null,
    };
  }

  message(index: number): Rows['message'] {
    const at = Math.floor(end - year + ((index + 10) * year) / this.messages);
    const random = numbers(index + 1_000_003);
    // Conversations run side by side.
    const ticket = Math.max(0, Math.floor(index / this.size.messagesPerTicket) - Math.floor(random() * 40));
    const inbound = random() < 0.5;
    const { bodies } = this.#phrases;
    const body = bodies[Math.floor(random() * bodies.length)] ?? '';
    return {
      id: idAt(at, index, 4),
      ticketId: this.ticketId(ticket),
      kind: inbound ? 'inbound' : 'reply',
      channel: channelKinds[ticket % 5] ?? 'chat',
      authorType: inbound ? 'customer' : 'agent',
      authorId: inbound ? null : me,
      authorName: inbound ? 'Khách hàng' : 'Lan',
      body: index % 7 === 0 ? `${body} Mã đơn DH${400_000 + index}.` : body,
      call: null,
      authoredAt: at,
      acceptedAt: at,
      delivery: inbound ? null : 'delivered',
      deliveryError: null,
      extra: null,
    };
  }

  journey(index: number): Rows['journey'] {
    const { id, customerId, number, subject, channel, queueId, status, createdAt, lastMessageAt } = this.ticket(index);
    return { id, customerId, number, subject, channel, queueId, status, createdAt, lastMessageAt };
  }

  #clock(index: number): Rows['slaClock'] {
    const { id, createdAt, slaDueAt } = this.ticket(index * openOneIn);
    const startedAt = createdAt;
    return {
      id: idAt(createdAt, index, 5),
      ticketId: id,
      kind: 'frt',
      targetMs: 14_400_000,
      consumedMs: 0,
      startedAt,
      runningSince: startedAt,
      dueAt: slaDueAt,
      state: 'running',
      breachedAt: null,
      endedAt: null,
      policyId: null,
      policyVersion: null,
      calendarId: null,
      waitedFrom: startedAt,
      escalated: 0,
      escalateAt: null,
    };
  }

  /** Each kind of row in the hub's order, with how many there are. */
  kinds(): { entity: Entity; count: number; row: (index: number) => Rows[Entity] }[] {
    const one = <E extends Entity>(entity: E, rows: Rows[E][]) => ({
      entity,
      count: rows.length,
      row: (index: number) => rows[index] as Rows[Entity],
    });
    const { tickets, customers } = this.size;
    const staff = agents.map((id, index) => ({
      id,
      name: index === 0 ? 'Lan' : `Nhân viên ${index}`,
      email: `nv${index}@bench.truc.test`,
      role: 'agent' as const,
      locale: 'vi' as const,
      active: true,
      capacity: null,
    }));
    return [
      one('workspace', [{ id: workspace, name: 'Đo', locale: 'vi' }]),
      one('team', [{ id: team, name: 'Đo' }]),
      one('user', staff),
      one(
        'queue',
        queues.map((id, position) => ({
          id,
          name: `Hàng đợi ${position}`,
          purpose: 'sales',
          teamId: team,
          requiresDisposition: false,
          position,
          routing: null,
        })),
      ),
      one(
        'queueMember',
        queues.map((queueId) => ({ id: `${queueId}:${me}`, queueId, userId: me })),
      ),
      { entity: 'customer', count: customers, row: (index) => this.customer(index) },
      { entity: 'identity', count: customers, row: (index) => this.identity(index) },
      { entity: 'ticket', count: tickets, row: (index) => this.ticket(index) },
      { entity: 'message', count: this.messages, row: (index) => this.message(index) },
      { entity: 'slaClock', count: Math.floor(tickets / openOneIn), row: (index) => this.#clock(index) },
      { entity: 'journey', count: tickets, row: (index) => this.journey(index) },
    ];
  }
}

export const scopes = ['workspace', ...queues.map((id) => `queue:${id}`), `user:${me}`];

/** characters of a page, as the hub makes them */
const pageLength = 512 * 1024;

/** The lines of a snapshot. `making` hears when rows are made, which is the sender's time, and how many there are. */
export async function* snapshotLines(
  cache: FullCache,
  making: { begin(): void; end(entity: Entity, rows: number): void },
): AsyncGenerator<string> {
  const line = (value: SnapshotLine) => JSON.stringify(value);
  const kinds = cache.kinds();
  const total = kinds.reduce((sum, { count }) => sum + count, 0);
  yield line({ t: 'begin', cursor: 1, epoch: 'bench', scopes, lastMutationId: 0, total, historyFrom: 0, resumed: false });
  const counts: Record<string, number> = {};
  for (const { entity, count, row } of kinds) {
    counts[entity] = count;
    let from: string | null = null;
    for (let index = 0; index < count;) {
      making.begin();
      const lines: string[] = [];
      let last = '';
      for (let length = 0; length < pageLength && index < count; index += 1) {
        const made = row(index);
        const text = line({ t: 'row', entity, ver: 1, row: made });
        last = made.id;
        length += text.length;
        lines.push(text);
      }
      making.end(entity, lines.length);
      yield* lines;
      const to: string | null = index < count ? last : null;
      yield line({ t: 'page', entity, from, to });
      from = to;
    }
  }
  yield line({ t: 'end', counts });
}
