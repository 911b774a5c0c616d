/** Rows as the hub would send them, with what a test says about them. */
import { v7 as uuid } from 'uuid';
import type { Rows } from '../../src/shared/domain.ts';
import { noClock } from '../../src/shared/sla.ts';

export const someTime = 1_790_000_000_000;

export function aTicket(fields: Partial<Rows['ticket']> & Pick<Rows['ticket'], 'queueId'>): Rows['ticket'] {
  return {
    id: uuid(),
    number: 1,
    provisionalRef: null,
    subject: 'Máy giặt kêu to',
    status: 'open',
    priority: 'normal',
    channel: 'chat',
    channelId: null,
    assigneeId: null,
    customerId: uuid(),
    tags: [],
    snoozedUntil: null,
    contactReason: null,
    disposition: null,
    createdAt: someTime,
    updatedAt: someTime,
    resolvedAt: null,
    lastMessageAt: someTime,
    lastMessageKind: 'inbound',
    lastMessagePreview: '',
    lastInboundId: null,
    lastInboundAt: null,
    lastReplyId: null,
    lastReplyBy: null,
    lastReplyAt: null,
    unansweredSince: null,
    ...noClock,
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
    ...fields,
  };
}

export function aMessage(fields: Partial<Rows['message']> & Pick<Rows['message'], 'ticketId'>): Rows['message'] {
  return {
    id: uuid(),
    kind: 'inbound',
    channel: 'chat',
    authorType: 'customer',
    authorId: null,
    authorName: 'Khách',
    body: 'Cho em hỏi ạ',
    call: null,
    authoredAt: someTime,
    acceptedAt: someTime,
    delivery: null,
    deliveryError: null,
    extra: null,
    ...fields,
  };
}
