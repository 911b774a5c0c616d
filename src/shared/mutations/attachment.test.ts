/** In which order answers that waited for files go out, at the edge of what is read at once. */
import { expect, test } from 'vitest';
import type { Attachment, Entity, Message, Rows } from '../domain.ts';
import { systemActor } from '../permissions.ts';
import { attachmentMutations } from './attachment.ts';
import type { Loaded } from './define.ts';

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const ticketId = id(1);

function message(n: number, acceptedAt: number, channel: Message['channel'] = 'chat'): Message {
  return {
    id: id(n),
    ticketId,
    kind: 'reply',
    channel,
    authorType: 'agent',
    authorId: id(2),
    authorName: 'Lan',
    body: 'x',
    call: null,
    authoredAt: acceptedAt,
    acceptedAt,
    delivery: 'queued',
    deliveryError: null,
    extra: null,
  };
}
const file = (n: number, messageId: string, createdAt: number): Attachment => ({
  id: id(n),
  messageId,
  ticketId,
  name: 'x',
  type: '',
  size: 1,
  sha256: '0'.repeat(64),
  state: 'pending',
  createdAt,
});

/** What the hub says to these messages and files: each message's new state, by its number. */
function said(
  name: keyof typeof attachmentMutations,
  fileNumber: number,
  messages: Message[],
  files: Attachment[],
): Record<string, string> {
  const all = new Map<string, Rows[Entity]>();
  for (const row of messages) all.set(`message:${row.id}`, row);
  for (const row of files) all.set(`attachment:${row.id}`, row);
  const rows: Loaded = {
    get: <E extends Entity>(entity: E, key: string) => all.get(`${entity}:${key}`) as Rows[E] | undefined,
    all: <E extends Entity>(entity: E, where: (row: Rows[E]) => boolean) =>
      [...all].flatMap(([key, row]) => (key.startsWith(`${entity}:`) && where(row as Rows[E]) ? [row as Rows[E]] : [])),
  };
  const outcome = attachmentMutations[name].apply(
    rows,
    { attachmentId: id(fileNumber) },
    { now: 9, actor: systemActor, side: 'hub', newId: () => crypto.randomUUID() },
  );
  if ('rejection' in outcome) throw new Error(outcome.rejection.code);
  return Object.fromEntries(
    outcome.changes.flatMap((change) =>
      change.op === 'put' && change.entity === 'message' ? [[String(Number(change.row.id.slice(-6))), change.row.delivery ?? '']] : [],
    ),
  );
}

test('up to the first that still waits, by acceptance and not by id; to each its channel', () => {
  const messages = [message(13, 100), message(12, 200, 'email'), message(11, 300), message(14, 400)];
  const files = [file(101, id(13), 100), file(102, id(11), 300)];
  expect(said('attachment.ready', 101, messages, files)).toEqual({ 13: 'sent', 12: 'accepted' });
  expect(said('attachment.ready', 102, messages, files)).toEqual({});
  expect(said('attachment.failed', 101, messages, files)).toEqual({ 13: 'failed', 12: 'accepted' });
  // The later one fails: what stands before it still waits.
  expect(said('attachment.failed', 102, messages, files)).toEqual({ 11: 'failed' });
});

test('another file of the same message holds it still; a file nobody named changes nothing', () => {
  const files = [file(101, id(11), 100), file(102, id(11), 100)];
  expect(said('attachment.ready', 101, [message(11, 100)], files)).toEqual({});
  expect(said('attachment.ready', 103, [message(11, 100)], files)).toEqual({});
  expect(said('attachment.failed', 103, [message(11, 100)], files)).toEqual({});
});

test('where more files may wait than were read, nothing beyond them goes out', () => {
  const notes = Array.from({ length: 199 }, (_, at) => file(1000 + at, id(500 + at), 150));
  const messages = [message(11, 100), message(12, 120), message(13, 160)];
  expect(said('attachment.ready', 101, messages, [file(101, id(11), 100), ...notes])).toEqual({ 11: 'sent', 12: 'sent' });
});
