/** A ticket's life on a virtual clock, through the very mutations that the hub runs, with its watch over clocks that run out. */
import { v7 as uuid } from 'uuid';
import type { CalendarHours, HoursRange } from '../../src/shared/calendar.ts';
import type { ClockKind, Entity, Priority, Rows, SlaClock, Ticket } from '../../src/shared/domain.ts';
import { type Loaded, type Outcome, put, type RowChange } from '../../src/shared/mutations/define.ts';
import { type MutationArgs, type MutationName, mutations } from '../../src/shared/mutations/registry.ts';
import { settle } from '../../src/shared/mutations/settle.ts';
import { type Actor, systemActor } from '../../src/shared/permissions.ts';
import type { EscalationStep, SlaTargets } from '../../src/shared/service-rows.ts';
import { defaultEscalation, isOpen } from '../../src/shared/sla.ts';

const range = (text: string): HoursRange[] =>
  text === ''
    ? []
    : text.split(' ').map((part) => {
        const [from = 0, to = 0] = part.split('-').map((clock) => {
          const [h = 0, m = 0] = clock.split(':').map(Number);
          return h * 60 + m;
        });
        return { from, to };
      });

/** `days`: "2026-02-16" -> "8:00-12:00", or "" for closed */
export function hours(zone: string, week: string[], days: Record<string, string> = {}): CalendarHours {
  return {
    zone,
    week: week.map(range),
    days: Object.entries(days).map(([date, open]) => ({ date, name: date, hours: range(open) })),
  };
}

const work = '8:00-12:00 13:00-17:30';
/** Monday to Friday with a lunch break, Saturday mornings. */
export const office = hours('Asia/Ho_Chi_Minh', [work, work, work, work, work, '8:00-12:00', '']);

export const ids = {
  calendar: uuid(),
  other: uuid(),
  policy: uuid(),
  lan: uuid(),
  minh: uuid(),
  thu: uuid(),
  quan: uuid(),
  team: uuid(),
  sales: uuid(),
  warranty: uuid(),
  customer: uuid(),
  identity: uuid(),
};

export const minute = 60_000;
/** "90s", "5m", "4h", "2d" (24 hours each) */
export function span(text: string): number {
  const unit = { s: 1000, m: minute, h: 60 * minute, d: 24 * 60 * minute }[text.at(-1) as 's' | 'm' | 'h' | 'd'];
  return Math.round(Number(text.slice(0, -1)) * unit);
}

export interface Terms {
  calendar?: CalendarHours | null;
  /** of every priority, unless `of` says otherwise */
  targets?: Partial<Record<ClockKind, string>>;
  of?: Partial<Record<Priority, Partial<Record<ClockKind, string>>>>;
  thirdPartyPauses?: boolean;
  escalation?: EscalationStep[];
  channel?: 'chat' | 'email';
}

const targetsOf = (said: Partial<Record<ClockKind, string>> = {}): SlaTargets => {
  const one = (kind: ClockKind) => (said[kind] === undefined ? null : span(said[kind]));
  return { frt: one('frt'), nrt: one('nrt'), rt: one('rt'), assign: one('assign') };
};

export class World implements Loaded {
  readonly rows = new Map<string, Rows[Entity]>();
  now = 0;
  ticketId = uuid();
  #number = 1000;
  #people: Record<'lan' | 'minh' | 'thu' | 'quan', Actor>;

  constructor(terms: Terms = {}) {
    const { calendar = null, channel = 'email' } = terms;
    const queues = new Set([ids.sales, ids.warranty]);
    const person = (key: 'lan' | 'minh' | 'thu' | 'quan', role: 'agent' | 'lead' | 'admin'): Actor => {
      const row = { id: ids[key], name: key, email: `${key}@x.test`, role, locale: 'vi' as const, active: true, capacity: null };
      this.write([put('user', row), put('teamMember', { id: `${ids.team}:${row.id}`, teamId: ids.team, userId: row.id })]);
      for (const queueId of queues) this.write([put('queueMember', { id: `${queueId}:${row.id}`, queueId, userId: row.id })]);
      return { userId: row.id, name: key, role, queues };
    };
    this.#people = {
      lan: person('lan', 'agent'),
      minh: person('minh', 'agent'),
      thu: person('thu', 'lead'),
      quan: person('quan', 'admin'),
    };
    const queue = (id: string, name: string) =>
      put('queue', { id, name, purpose: 'sales', teamId: ids.team, requiresDisposition: false, position: 1, routing: null });
    this.write([
      queue(ids.sales, 'Bán hàng'),
      queue(ids.warranty, 'Bảo hành'),
      put('channel', { id: 'in', kind: channel, name: 'Vào', queueId: ids.sales, active: true, rules: null, health: 'ok' }),
      put('channel', { id: 'chat', kind: 'chat', name: 'Chat', queueId: ids.sales, active: true, rules: null, health: 'ok' }),
    ]);
    if (calendar) this.calendar(calendar);
    if (terms.targets || terms.of) this.policy(terms);
  }

  calendar(calendar: CalendarHours, id = ids.calendar): void {
    this.write([put('calendar', { id, name: 'Giờ làm', ...calendar, updatedAt: this.now })]);
  }

  policy(terms: Terms, more: Partial<Rows['slaPolicy']> = {}): void {
    const { targets, of = {}, thirdPartyPauses = false, escalation } = terms;
    const before = this.get('slaPolicy', more.id ?? ids.policy);
    const at = (priority: Priority) => targetsOf({ ...targets, ...of[priority] });
    this.write([
      put('slaPolicy', {
        id: ids.policy,
        name: 'Cam kết',
        position: 1,
        active: true,
        version: (before?.version ?? 0) + 1,
        calendarId: terms.calendar ? ids.calendar : null,
        match: { channels: [], queueIds: [], priorities: [], segments: [], tags: [] },
        targets: { low: at('low'), normal: at('normal'), high: at('high'), urgent: at('urgent') },
        thirdPartyPauses,
        escalation: escalation ?? [...defaultEscalation],
        updatedAt: this.now,
        ...more,
      }),
    ]);
  }

  get<E extends Entity>(entity: E, id: string): Rows[E] | undefined {
    return this.rows.get(`${entity}:${id}`) as Rows[E] | undefined;
  }

  all<E extends Entity>(entity: E, where: (row: Rows[E]) => boolean = () => true): Rows[E][] {
    return [...this.rows].flatMap(([key, row]) => (key.startsWith(`${entity}:`) && where(row as Rows[E]) ? [row as Rows[E]] : []));
  }

  write(changes: RowChange[]): void {
    for (const change of changes) {
      if (change.op === 'put') this.rows.set(`${change.entity}:${change.row.id}`, change.row);
      else this.rows.delete(`${change.entity}:${change.id}`);
    }
  }

  get ticket(): Ticket {
    const ticket = this.get('ticket', this.ticketId);
    if (!ticket) throw new Error('there is no ticket yet');
    return ticket;
  }

  /** the newest clock of the kind */
  clock(kind: ClockKind, ticketId = this.ticketId): SlaClock | undefined {
    const of = this.all('slaClock', (clock) => clock.ticketId === ticketId && clock.kind === kind);
    return of.toSorted((a, b) => b.startedAt - a.startedAt)[0];
  }

  run<N extends MutationName>(name: N, args: MutationArgs<N>, who: 'lan' | 'minh' | 'thu' | 'quan' | 'hub' = 'hub'): Outcome {
    const actor = who === 'hub' ? systemActor : this.#people[who];
    const apply = mutations[name].apply as (rows: Loaded, args: unknown, ctx: object) => Outcome;
    const outcome = apply(this, args, { now: this.now, actor, side: 'hub', newId: () => uuid() });
    if ('changes' in outcome)
      this.write(settle(outcome.changes, this, { now: this.now, nextNumber: () => (this.#number += 1), newId: () => uuid() }));
    return outcome;
  }

  /** Time goes on to `at`; what is due in between happens at its moment. */
  until(at: number): void {
    for (;;) {
      const due = this.all('slaClock', isOpen).flatMap((clock) => {
        if (clock.state === 'running' && clock.dueAt !== null) return [{ clock, at: clock.dueAt, breach: true }];
        return clock.escalateAt === null ? [] : [{ clock, at: clock.escalateAt, breach: false }];
      });
      const next = due.filter((one) => one.at <= at).toSorted((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.now = Math.max(this.now, next.at);
      const { id: clockId, ticketId, dueAt, escalated } = next.clock;
      if (next.breach) this.run('sla.breach', { ticketId, clockId, dueAt: dueAt ?? 0 });
      else this.run('sla.escalate', { ticketId, clockId, step: escalated });
    }
    this.now = Math.max(this.now, at);
  }

  /** What happens to the ticket at this moment, in a word; see the cases. Throws when the rules refuse it. */
  act(word: string): void {
    const [what = '', more = ''] = word.split(':');
    const { ticketId } = this;
    const messageId = uuid();
    const seen = () => {
      const { lastInboundId: inboundId, lastReplyId: replyId, assigneeId } = this.ticket;
      return { inboundId, replyId, assigneeId };
    };
    const from = {
      customer: { id: ids.customer, name: 'Khách' },
      identity: { id: ids.identity, kind: 'email' as const, value: 'khach@x.test', verified: true },
    };
    const inbound = { messageId, ticketId, channelId: more === 'chat' ? 'chat' : 'in', body: 'Alo', subject: 'Alo', ...from };
    const joins = this.rows.has(`ticket:${ticketId}`) ? { joins: ticketId } : {};
    const call = (outcome: 'answered' | 'missed', at: number) => ({
      messageId,
      ticketId,
      body: 'Gọi',
      call: { direction: 'inbound' as const, phone: '0901', durationSec: 60, outcome, at },
    });
    const acts: Record<string, () => Outcome> = {
      customer: () => this.run('message.receive', { ...inbound, ...joins, authoredAt: this.now }),
      automatic: () => this.run('message.receive', { ...inbound, ...joins, authoredAt: this.now, extra: { automatic: true } }),
      toBot: () => this.run('message.receive', { ...inbound, ...joins, authoredAt: this.now, bot: true }),
      botSays: () => this.run('bot.say', { messageId, ticketId, botName: 'Bot', body: 'Chào' }),
      handOff: () =>
        this.run('bot.handOff', {
          messageId,
          ticketId,
          botName: 'Bot',
          reason: 'user_request',
          summary: '',
          collected: {},
          skill: null,
          priority: null,
        }),
      reply: () =>
        this.run('message.reply', { messageId, ticketId, body: 'Dạ', seen: seen(), live: true }, more === 'minh' ? 'minh' : 'lan'),
      elsewhere: () =>
        this.run('message.answeredElsewhere', {
          messageId,
          ticketId,
          channelId: 'in',
          body: 'Dạ',
          ...from,
          authorName: 'Hộp thư',
          authoredAt: this.now,
        }),
      note: () => this.run('message.note', { messageId, ticketId, body: 'Ghi' }, 'lan'),
      noReply: () =>
        this.run('ticket.noReply', { ticketId, messageId, seenInboundId: this.ticket.lastInboundId, reason: 'Khách cảm ơn' }, 'lan'),
      close: () => this.run('ticket.close', { ticketId, seenInboundId: this.ticket.lastInboundId, disposition: null }, 'lan'),
      closeNoReply: () =>
        this.run(
          'ticket.close',
          { ticketId, seenInboundId: this.ticket.lastInboundId, disposition: null, noReply: { messageId, reason: 'Khách cảm ơn' } },
          'lan',
        ),
      reopen: () => this.run('ticket.reopen', { ticketId }, 'lan'),
      final: () => this.run('ticket.finalise', { ticketId, resolvedAt: this.ticket.resolvedAt ?? 0 }),
      status: () => this.run('ticket.setStatus', { ticketId, status: more as 'open' }, 'lan'),
      snooze: () => this.run('ticket.snooze', { ticketId, until: this.now + span(more) }, 'lan'),
      assign: () =>
        this.run('ticket.assign', { ticketId, from: this.ticket.assigneeId, to: more === 'nobody' ? null : ids[more as 'lan'] }, 'thu'),
      lease: () => this.run('ticket.lease', { ticketId, until: this.now + span(more) }, 'lan'),
      queue: () => this.run('ticket.move', { ticketId, queueId: ids[more as 'warranty'] }, 'thu'),
      priority: () => this.run('ticket.edit', { ticketId, priority: more as Priority }, 'thu'),
      answered: () => this.run('call.log', call('answered', more === '' ? this.now : this.now - span(more)), 'lan'),
      missed: () => this.run('call.log', call('missed', this.now), 'lan'),
      rematch: () => this.run('sla.rematch', { ticketIds: [ticketId] }),
    };
    const outcome = acts[what]?.();
    if (!outcome) throw new Error(`nobody knows how to "${what}"`);
    if ('rejection' in outcome) throw new Error(`${word}: ${JSON.stringify(outcome.rejection)}`);
  }
}

/** "2026-11-23 08:00" in Vietnam, or with an offset of its own */
export function moment(text: string, offset = '+07:00'): number {
  return Date.parse(`${text.replace(' ', 'T')}:00${offset}`);
}
