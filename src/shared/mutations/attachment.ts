/**
 * What becomes of a file once the hub has its bytes, or has waited for them long enough; and the order in which answers that
 * waited for files go out. Only the hub decides it.
 */
import { z } from 'zod';
import { type Attachment, id, type Message } from '../domain.ts';
import { type Loaded, mutation, put, type Read, type RowChange } from './define.ts';

/** How many waiting files and messages of a ticket are read at once; where there are as many, there may be more. */
const pendingRead = 200;

/** `deliveryError` of an answer whose file never came. */
export const fileMissing = 'FILE_MISSING';

/** Chat is handed to its channel by the commit itself: the widget reads the hub. Other channels take it from `accepted`. */
export function handedOver(message: Message): Message {
  return { ...message, delivery: message.channel === 'chat' ? 'sent' : 'accepted' };
}

/** Whether the hub holds this message back: accepted, and not handed to its channel. */
export function isHeld(message: Message): boolean {
  return message.delivery === 'queued' && message.acceptedAt !== null;
}

const inOrder = (a: Message, b: Message) => (a.acceptedAt ?? 0) - (b.acceptedAt ?? 0) || (a.id < b.id ? -1 : 1);

/** Held messages of the ticket that nothing holds any more, in their order up to the first that still waits for a file. */
function released(rows: Loaded, ticketId: string, settled: Attachment, except: string | null): RowChange[] {
  const pending = rows.all('attachment', (row) => row.ticketId === ticketId && row.state === 'pending');
  const waiting = new Set(pending.filter((row) => row.id !== settled.id).map((row) => row.messageId));
  // Beyond what was read there may be more: nothing that was accepted later goes out yet.
  const until = pending.length < pendingRead ? Infinity : Math.max(...pending.map((row) => row.createdAt));
  const changes: RowChange[] = [];
  for (const message of rows.all('message', (row) => row.ticketId === ticketId && isHeld(row) && row.id !== except).sort(inOrder)) {
    if (waiting.has(message.id) || (message.acceptedAt ?? 0) >= until) break;
    changes.push(put('message', handedOver(message)));
  }
  return changes;
}

const ofTicket = (rows: Loaded, attachmentId: string): Read[] => {
  const attachment = rows.get('attachment', attachmentId);
  if (!attachment) return [];
  const { ticketId, messageId } = attachment;
  return [
    { entity: 'ticket', id: ticketId },
    { entity: 'message', id: messageId },
    { entity: 'message', queuedOf: ticketId },
    { entity: 'attachment', pendingOf: ticketId },
  ];
};

const args = z.strictObject({ attachmentId: id });

export const attachmentMutations = {
  /** The file is whole. Run again it changes nothing but what is still to be released. */
  'attachment.ready': mutation({
    args,
    by: 'system',
    reads: ({ attachmentId }) => [{ entity: 'attachment', id: attachmentId }],
    more: ({ attachmentId }, rows) => ofTicket(rows, attachmentId),
    apply(rows, { attachmentId }) {
      const attachment = rows.get('attachment', attachmentId);
      // Uploaded before its message was pushed: the message finds it.
      if (!attachment) return { changes: [] };
      const changes = released(rows, attachment.ticketId, attachment, null);
      return { changes: attachment.state === 'ready' ? changes : [put('attachment', { ...attachment, state: 'ready' }), ...changes] };
    },
  }),

  /** The file has not come in time: its message fails, and what waited behind it goes out. */
  'attachment.failed': mutation({
    args,
    by: 'system',
    reads: ({ attachmentId }) => [{ entity: 'attachment', id: attachmentId }],
    more: ({ attachmentId }, rows) => ofTicket(rows, attachmentId),
    apply(rows, { attachmentId }) {
      const attachment = rows.get('attachment', attachmentId);
      if (attachment?.state !== 'pending') return { changes: [] };
      const message = rows.get('message', attachment.messageId);
      const changes: RowChange[] = [put('attachment', { ...attachment, state: 'failed' })];
      if (message && isHeld(message)) changes.push(put('message', { ...message, delivery: 'failed', deliveryError: fileMissing }));
      return { changes: [...changes, ...released(rows, attachment.ticketId, attachment, attachment.messageId)] };
    },
  }),
} as const;
