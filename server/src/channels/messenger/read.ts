/**
 * Messenger and Instagram: what Meta's webhooks bring. One request holds several entries, each with several events; those of which
 * nothing is known are kept under their name, and the others go on. Sources: channels reference, 1.2.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Inbound, type Item, type Media, parseJson, type Person, Unreadable } from '../inbound.ts';

const id = z.union([z.string().min(1).max(400), z.number()]).transform(String);
/** ms; Meta's own examples write it as text, and in seconds */
const time = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).transform((value) => (value < 1e11 ? value * 1000 : value));
const text = z.string().max(100_000);

const attachment = z.looseObject({
  type: z.string().max(100),
  title: text.optional(),
  url: z.string().max(4000).optional(),
  payload: z.looseObject({ url: z.string().max(4000).optional(), title: text.optional(), sticker_id: id.optional() }).nullish(),
});
const message = z.looseObject({
  mid: id,
  text: text.optional(),
  is_echo: z.boolean().optional(),
  is_deleted: z.boolean().optional(),
  metadata: z.string().max(1000).optional(),
  attachments: z.array(attachment).max(100).optional(),
  reply_to: z.looseObject({ mid: id.optional() }).optional(),
});
const party = z.looseObject({ id: id.optional(), user_ref: id.optional() });
const event = z.looseObject({
  sender: party.optional(),
  recipient: party.optional(),
  timestamp: time.optional(),
  message: message.optional(),
  message_edit: z.looseObject({ mid: id, text, num_edit: id.optional() }).optional(),
  delivery: z.looseObject({ mids: z.array(id).max(1000).optional(), watermark: time.optional() }).optional(),
  read: z.looseObject({ watermark: time.optional(), mid: id.optional() }).optional(),
  reaction: z
    .looseObject({ mid: id, action: z.string(), emoji: z.string().max(100).optional(), reaction: z.string().max(100).optional() })
    .optional(),
  postback: z.looseObject({ mid: id.optional(), title: text.optional(), payload: text.optional() }).optional(),
});
const envelope = z.looseObject({
  object: z.enum(['page', 'instagram']),
  entry: z
    .array(
      z.looseObject({
        id,
        messaging: z.array(z.unknown()).max(2000).optional(),
        standby: z.array(z.unknown()).max(2000).optional(),
        changes: z.array(z.unknown()).max(2000).optional(),
      }),
    )
    .max(2000),
});

/** What our own messages carry in `metadata`, so that their echo is known. */
export const outboundMark = 'out:';

type Event = z.infer<typeof event>;

/** Each thing of a request. One that can't be read becomes `unknown`; @throws Unreadable when nothing can be. */
export function readMessenger(body: Buffer): Item[] {
  const parsed = envelope.safeParse(parseJson(body));
  if (!parsed.success) throw new Unreadable(`${parsed.error.issues[0]?.path.join('.') ?? ''}: ${parsed.error.issues[0]?.message ?? ''}`);
  const { object, entry } = parsed.data;
  return entry.flatMap((one) => [
    ...(one.changes ?? []).map((raw): Item => ({ key: keyOf('test', raw), thread: 'test', at: null, event: { type: 'test' } })),
    ...[...(one.messaging ?? []), ...(one.standby ?? [])].map((raw) => readEvent(raw, object)),
  ]);
}

function readEvent(raw: unknown, object: 'page' | 'instagram'): Item {
  const parsed = event.safeParse(raw);
  if (!parsed.success) {
    return {
      key: keyOf('unknown', raw),
      thread: 'unknown',
      at: null,
      event: { type: 'unknown', name: nameOf(raw), from: null, shown: false },
    };
  }
  const person = (side: z.infer<typeof party> | undefined): Person | null => {
    const value = side?.id ?? side?.user_ref;
    // The two number people separately.
    return value === undefined ? null : { kind: object === 'page' ? 'messenger' : 'instagram', value, name: null };
  };
  const echo = parsed.data.message?.is_echo === true;
  const customer = person(echo ? parsed.data.recipient : parsed.data.sender);
  const at = parsed.data.timestamp ?? null;
  const told = customer && readKnown(parsed.data, customer, at);
  if (told) return { key: told.key, thread: customer.value, at, event: told.event };
  return {
    key: keyOf('unknown', raw),
    thread: customer?.value ?? 'unknown',
    at,
    event: { type: 'unknown', name: nameOf(raw), from: customer, shown: false },
  };
}

function readKnown(told: Event, from: Person, at: number | null): { key: string; event: Inbound } | null {
  if (told.message) {
    const { mid, is_deleted: deleted, is_echo: echo, metadata, reply_to: reply } = told.message;
    if (deleted) return { key: `unsend:${mid}`, event: { type: 'unsend', of: mid, from } };
    const said = { id: mid, text: (told.message.text ?? '').normalize('NFC'), media: mediaOf(told.message.attachments ?? []) };
    if (echo) {
      const outbound = metadata?.startsWith(outboundMark) ? metadata.slice(outboundMark.length) : null;
      return { key: `echo:${mid}`, event: { type: 'echo', ...said, to: from, outbound } };
    }
    return { key: `message:${mid}`, event: { type: 'message', ...said, from, replyTo: reply?.mid ?? null } };
  }
  if (told.message_edit) {
    const { mid, text: now, num_edit: count } = told.message_edit;
    return { key: `edit:${mid}:${count ?? at ?? ''}`, event: { type: 'edit', of: mid, text: now.normalize('NFC'), from } };
  }
  if (told.postback) {
    const { mid, title, payload } = told.postback;
    const said = title ?? payload ?? '';
    const key = mid ?? `${from.value}:${at ?? ''}:${said}`;
    return { key: `message:${key}`, event: { type: 'message', id: key, from, text: said.normalize('NFC'), media: [], replyTo: null } };
  }
  if (told.reaction) {
    const { mid, action, emoji, reaction } = told.reaction;
    return {
      key: `reaction:${mid}:${from.value}:${at ?? ''}:${action}`,
      event: { type: 'reaction', of: mid, emoji: action === 'react' ? (emoji ?? reaction ?? '') : null, from },
    };
  }
  if (told.delivery) {
    const { mids = [], watermark = null } = told.delivery;
    return {
      key: `delivered:${from.value}:${watermark ?? mids.join(',')}`,
      event: { type: 'receipt', state: 'delivered', of: mids, until: watermark, thread: from },
    };
  }
  if (told.read) {
    const { mid, watermark = null } = told.read;
    return {
      key: `read:${from.value}:${watermark ?? mid ?? ''}`,
      event: { type: 'receipt', state: 'read', of: mid === undefined ? [] : [mid], until: watermark, thread: from },
    };
  }
  return null;
}

const files: Readonly<Record<string, Media['kind']>> = {
  image: 'image',
  audio: 'audio',
  video: 'video',
  file: 'file',
  sticker: 'sticker',
  location: 'location',
};

/** For a time a sticker was told twice, as a picture and as itself: it is one thing. */
function mediaOf(attachments: z.infer<typeof attachment>[]): Media[] {
  const stickers = new Set(
    attachments.flatMap(({ type, payload }) => (type === 'sticker' && payload?.sticker_id ? [payload.sticker_id] : [])),
  );
  return attachments
    .filter(({ type, payload }) => !(type === 'image' && payload?.sticker_id !== undefined && stickers.has(payload.sticker_id)))
    .map(({ type, title, url, payload }) => {
      const kind = type === 'image' && payload?.sticker_id !== undefined ? 'sticker' : (files[type] ?? 'link');
      return { kind, url: payload?.url ?? url ?? null, name: kind === 'link' ? (title ?? payload?.title ?? null) : null, size: null };
    });
}

const envelopeKeys: ReadonlySet<string> = new Set(['sender', 'recipient', 'timestamp']);

function nameOf(raw: unknown): string {
  const keys = typeof raw === 'object' && raw !== null ? Object.keys(raw) : [];
  return (keys.find((key) => !envelopeKeys.has(key)) ?? 'nothing').slice(0, 100);
}

function keyOf(what: string, raw: unknown): string {
  return `${what}:${createHash('sha256').update(JSON.stringify(raw)).digest('hex')}`;
}
