/** What an agent does: drawn at random from what their own console shows at that moment. */
import { v7 as uuid } from 'uuid';
import type { CommandArgs, InboxRow, Reference } from '../../../src/shared/bridge.ts';
import type { Draw } from '../../harness/draw.ts';
import type { EngineProcess } from '../../harness/engine-process.ts';

type Kind =
  | 'note'
  | 'reply'
  | 'tag'
  | 'untag'
  | 'assign'
  | 'close'
  | 'reopen'
  | 'snooze'
  | 'subject'
  | 'priority'
  | 'move'
  | 'create'
  | 'call';

const weights: Record<Kind, number> = {
  note: 28,
  reply: 15,
  tag: 13,
  untag: 3,
  assign: 8,
  close: 6,
  reopen: 4,
  snooze: 3,
  subject: 6,
  priority: 2,
  move: 3,
  create: 7,
  call: 2,
};

/** What of an operation must be found in the hub's tables if it was accepted, and must not if it was not. */
export interface Trace {
  ticketId: string;
  messageId?: string;
  /** given by no other operation, and never taken away */
  tag?: string;
  subject?: string;
  createsTicket?: boolean;
}

export interface Operation {
  kind: Kind;
  trace: Trace;
  /** acknowledged: the window was told that it is kept; unanswered: the engine was killed in between */
  outcome: 'acknowledged' | 'declined' | 'unanswered';
  mutationId: number | null;
  /** the line was cut, or the hub gone, when it was written */
  offline: boolean;
}

type Command = { mutate: CommandArgs<'mutate'> } | { reply: CommandArgs<'reply.send'> };

/** What the agent sees: refreshed now and then, as eyes are. */
export interface Sight {
  tickets: InboxRow[];
  reference: Reference;
}

export async function look(engine: EngineProcess, draw: Draw): Promise<Sight | null> {
  const reference = await engine.query('reference', null);
  if (!reference) return null;
  const view = draw.weighted({ all: 6, mine: 2, unassigned: 2, closed: 1, snoozed: 1 });
  const filter = { channels: [], queueId: null, tag: null, text: '' };
  const { rows } = await engine.query('inbox.window', { view, sort: draw.chance(0.5) ? 'sla' : 'newest', filter, from: 0, count: 120 });
  return { tickets: rows, reference };
}

/** `label` is unique in the run: it goes into texts, tags and subjects. */
export function drawOperation(draw: Draw, sight: Sight, label: string): { kind: Kind; command: Command; trace: Trace } {
  const { reference } = sight;
  const seenTicket = draw.pick(sight.tickets);
  const kind = seenTicket ? draw.weighted(weights) : 'create';
  // An operation on a ticket that nobody chose would be one on the ticket to be made.
  const ticket = seenTicket as InboxRow;
  const ticketId = kind === 'create' ? uuid() : ticket.id;
  const messageId = uuid();
  const body = `việc ${label}${draw.chance(0.05) ? ' dài'.repeat(draw.between(200, 3000)) : ''}`;
  const colleague = () => (draw.chance(0.25) ? null : draw.chance(0.6) ? reference.me.id : (draw.pick(reference.users)?.id ?? null));
  const mutate = (command: CommandArgs<'mutate'>, trace: Omit<Trace, 'ticketId'> = {}) => ({
    kind,
    command: { mutate: command },
    trace: { ticketId, ...trace },
  });
  const call = {
    direction: draw.chance(0.5) ? ('inbound' as const) : ('outbound' as const),
    phone: `+8490${draw.between(1_000_000, 9_999_999)}`,
    durationSec: draw.between(0, 900),
    outcome: draw.chance(0.7) ? ('answered' as const) : ('missed' as const),
    at: Date.now() - draw.between(0, 60_000),
  };
  switch (kind) {
    case 'note':
      return mutate({ name: 'message.note', args: { messageId, ticketId, body } }, { messageId });
    case 'reply': {
      const seen = { inboundId: ticket.lastInboundId, replyId: ticket.lastReplyId, assigneeId: ticket.assigneeId };
      const reply = { ticketId, messageId, body, seen, startedAt: Date.now() - draw.between(0, 4000) };
      return { kind, command: { reply: reply as CommandArgs<'reply.send'> }, trace: { ticketId, messageId } };
    }
    case 'tag':
      return mutate({ name: 'ticket.tag', args: { ticketId, add: [label, 'chung'], remove: [] } }, { tag: label });
    case 'untag':
      return mutate({ name: 'ticket.tag', args: { ticketId, add: [], remove: ['chung'] } });
    case 'assign':
      return mutate({ name: 'ticket.assign', args: { ticketId, from: ticket.assigneeId, to: colleague() } });
    case 'close': {
      const disposition = draw.chance(0.9) ? 'resolved' : null;
      return mutate({ name: 'ticket.close', args: { ticketId, seenInboundId: ticket.lastInboundId, disposition } });
    }
    case 'reopen':
      return mutate({ name: 'ticket.reopen', args: { ticketId } });
    case 'snooze':
      return mutate({ name: 'ticket.snooze', args: { ticketId, until: Date.now() + draw.between(1000, 20_000) } });
    case 'subject':
      return mutate({ name: 'ticket.edit', args: { ticketId, subject: `chủ đề ${label}` } }, { subject: `chủ đề ${label}` });
    case 'priority':
      return mutate({
        name: 'ticket.edit',
        args: { ticketId, priority: draw.pick(['low', 'normal', 'high', 'urgent'] as const) ?? 'low' },
      });
    case 'move':
      return mutate({ name: 'ticket.move', args: { ticketId, queueId: draw.pick(reference.queues)?.id ?? ticket.queueId } });
    case 'call':
      return mutate({ name: 'call.log', args: { messageId, ticketId, body, call } }, { messageId });
    case 'create': {
      const queueId = draw.pick(reference.myQueues) ?? reference.queues[0]!.id;
      const value = `+8491${draw.between(100, 999)}0000`;
      // Few numbers, so that several consoles write down the same customer at once.
      const customer = draw.chance(0.7)
        ? { id: uuid(), name: `Khách ${label}`, identity: draw.chance(0.8) ? { id: uuid(), kind: 'phone' as const, value } : null }
        : { id: draw.pick(sight.tickets)?.customerId ?? uuid() };
      const args = {
        ticketId,
        queueId,
        channel: 'phone' as const,
        subject: `chủ đề ${label}`,
        priority: 'normal' as const,
        tags: [label],
        provisionalRef: label,
        customer,
        messageId,
        body,
        call: draw.chance(0.5) ? call : null,
        assignToMe: draw.chance(0.5),
      };
      return mutate({ name: 'ticket.create', args }, { messageId, createsTicket: true });
    }
  }
}
