/** A conversation as it is read: days, channel hops, the unanswered mark, and what one person said in one go. Pure. */
import type { TimelineMessage } from '../../../shared/bridge.ts';
import type { ChannelKind } from '../../../shared/domain.ts';

export type Entry =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'hop'; key: string; channel: ChannelKind }
  | { kind: 'unread'; key: string }
  | { kind: 'group'; key: string; side: 'in' | 'out'; messages: TimelineMessage[] }
  | { kind: 'alone'; key: string; message: TimelineMessage };

/** One person's messages within this time stand together. */
const togetherMs = 5 * 60_000;

export function timeOf(message: TimelineMessage): number {
  // What was said on our side stands where the hub put it, though it was written before that, without a line.
  return message.call?.at ?? (message.kind === 'inbound' ? message.authoredAt : (message.acceptedAt ?? message.authoredAt));
}

/** `unansweredSince`: from the first customer message at or after it on, nobody has answered. */
export function entriesOf(messages: readonly TimelineMessage[], unansweredSince: number | null): Entry[] {
  const entries: Entry[] = [];
  let day: string | null = null;
  let channel: ChannelKind | null = null;
  let marked = unansweredSince === null;
  for (const message of messages) {
    const at = timeOf(message);
    const today = new Date(at).toDateString();
    if (today !== day) entries.push({ kind: 'day', key: `day ${today} ${message.id}`, at });
    day = today;
    // Notes are no conversation with the customer, so they hop nowhere.
    if (message.kind !== 'note' && message.kind !== 'system') {
      if (channel !== null && channel !== message.channel)
        entries.push({ kind: 'hop', key: `hop ${message.id}`, channel: message.channel });
      channel = message.channel;
    }
    if (!marked && message.kind === 'inbound' && (message.acceptedAt ?? at) >= (unansweredSince ?? 0) - 1000) {
      entries.push({ kind: 'unread', key: `unread ${message.id}` });
      marked = true;
    }
    if (message.kind !== 'inbound' && message.kind !== 'reply') {
      entries.push({ kind: 'alone', key: message.id, message });
      continue;
    }
    const side = message.kind === 'inbound' ? 'in' : 'out';
    const last = entries.at(-1);
    const before = last?.kind === 'group' ? last.messages.at(-1) : undefined;
    if (
      last?.kind === 'group' &&
      before &&
      last.side === side &&
      before.authorId === message.authorId &&
      before.authorType === message.authorType &&
      before.authorName === message.authorName &&
      at - timeOf(before) < togetherMs
    ) {
      last.messages.push(message);
    } else {
      entries.push({ kind: 'group', key: message.id, side, messages: [message] });
    }
  }
  return entries;
}
