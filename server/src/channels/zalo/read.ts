/** Zalo Official Account: what its webhook brings, one event a request. Sources: channels reference, 2.2. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { plainName } from '../../../../src/shared/file-kind.ts';
import { type Inbound, type Item, type Media, parseJson, type Person, Unreadable } from '../inbound.ts';

const id = z.union([z.string().min(1).max(200), z.number()]).transform(String);
const text = z.string().max(100_000);
const time = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]);
const count = z.union([z.number(), z.string()]).transform((value) => (/^\d{1,15}$/.test(String(value)) ? Number(value) : null));

const attachment = z.looseObject({
  type: z.string().max(100),
  payload: z
    .looseObject({
      url: z.string().max(4000).optional(),
      name: text.optional(),
      size: count.optional(),
      description: text.optional(),
      coordinates: z.looseObject({ latitude: z.union([z.string(), z.number()]), longitude: z.union([z.string(), z.number()]) }).optional(),
    })
    .nullish(),
});
const event = z.looseObject({
  event_name: z.string().min(1).max(100),
  timestamp: time,
  sender: z.looseObject({ id }).optional(),
  recipient: z.looseObject({ id }).optional(),
  follower: z.looseObject({ id }).optional(),
  message: z
    .looseObject({
      msg_id: id.optional(),
      msg_ids: z.array(id).max(1000).optional(),
      text: text.optional(),
      quote_msg_id: id.optional(),
      delivery_time: time.optional(),
      tracking_id: z.string().max(200).optional(),
      attachments: z.array(attachment).max(100).optional(),
    })
    .optional(),
  info: z
    .looseObject({
      name: text.optional(),
      phone: id.optional(),
      address: text.optional(),
      ward: text.optional(),
      district: text.optional(),
      city: text.optional(),
      full_address: z.looseObject({ user_address: text.optional(), user_ward: text.optional(), user_city: text.optional() }).optional(),
    })
    .optional(),
});
type Event = z.infer<typeof event>;

/** @throws Unreadable */
export function readZalo(body: Buffer): Item {
  const raw = parseJson(body);
  const parsed = event.safeParse(raw);
  if (!parsed.success) throw new Unreadable(`${parsed.error.issues[0]?.path.join('.') ?? ''}: ${parsed.error.issues[0]?.message ?? ''}`);
  const told = parsed.data;
  const known = readKnown(told);
  if (known) return { at: told.timestamp, ...known };
  const from = told.event_name.startsWith('user_') ? personOf(told.sender?.id) : null;
  return {
    key: `unknown:${told.message?.msg_id ?? createHash('sha256').update(body).digest('hex')}`,
    thread: from?.value ?? 'unknown',
    at: told.timestamp,
    // Something was sent, whatever it is; of the rest only the name is kept.
    event: { type: 'unknown', name: told.event_name, from, shown: told.event_name.startsWith('user_send_') && from !== null },
  };
}

const sent = /^user_send_(text|image|link|audio|video|sticker|location|file|gif|business_card)$/;
const echoed = /^oa_send_/;
const following: Readonly<Record<string, boolean>> = { follow: true, user_follow: true, unfollow: false, user_unfollow: false };

function readKnown(told: Event): { key: string; thread: string; event: Inbound } | null {
  const { event_name: name, message, timestamp } = told;
  const customer = personOf(told.sender?.id);
  if ((sent.test(name) || name === 'anonymous_send_text') && message?.msg_id !== undefined && customer) {
    return {
      key: `message:${message.msg_id}`,
      thread: customer.value,
      event: { type: 'message', id: message.msg_id, from: customer, ...said(message), replyTo: message.quote_msg_id ?? null },
    };
  }
  const reader = personOf(told.recipient?.id);
  if (echoed.test(name) && message?.msg_id !== undefined && reader) {
    return {
      key: `echo:${message.msg_id}`,
      thread: reader.value,
      event: { type: 'echo', id: message.msg_id, to: reader, ...said(message), outbound: null },
    };
  }
  const follows = following[name];
  const follower = personOf(told.follower?.id ?? told.sender?.id);
  if (follows !== undefined && follower) {
    return { key: `${name}:${follower.value}:${timestamp}`, thread: follower.value, event: { type: 'follow', from: follower, follows } };
  }
  if (name === 'user_received_message' && message?.msg_id !== undefined) {
    // The same name for templates, which go to a phone number: by what they carry, never by whom they name.
    const of = [message.msg_id, ...(message.tracking_id === undefined ? [] : [message.tracking_id])];
    return {
      key: `delivered:${message.msg_id}`,
      thread: message.msg_id,
      event: { type: 'receipt', state: 'delivered', of, until: null, thread: null },
    };
  }
  const seen = message?.msg_ids ?? (message?.msg_id === undefined ? [] : [message.msg_id]);
  if (name === 'user_seen_message' && seen.length > 0) {
    return {
      key: `read:${seen.join(',')}`,
      thread: customer?.value ?? 'receipts',
      event: { type: 'receipt', state: 'read', of: seen, until: null, thread: null },
    };
  }
  if (name === 'user_submit_info' && told.info && customer) {
    const { info } = told;
    const parts = info.full_address
      ? [info.full_address.user_address, info.full_address.user_ward, info.full_address.user_city]
      : [info.address, info.ward, info.district, info.city];
    const address = parts.filter((part) => part !== undefined && part.trim() !== '').join(', ');
    return {
      key: `details:${customer.value}:${timestamp}`,
      thread: customer.value,
      event: {
        type: 'details',
        from: customer,
        name: info.name?.normalize('NFC').trim() || null,
        phone: info.phone ?? null,
        address: address === '' ? null : address.normalize('NFC'),
      },
    };
  }
  return null;
}

const personOf = (value: string | undefined): Person | null => (value === undefined ? null : { kind: 'zalo', value, name: null });

const kinds: Readonly<Record<string, Media['kind']>> = {
  image: 'image',
  gif: 'image',
  audio: 'audio',
  voice: 'audio',
  video: 'video',
  sticker: 'sticker',
  file: 'file',
  location: 'location',
};

function said(message: NonNullable<Event['message']>): { text: string; media: Media[] } {
  const media = (message.attachments ?? []).map(({ type, payload }): Media => {
    const { url, name, size, coordinates, description } = payload ?? {};
    const place = coordinates ? `${coordinates.latitude},${coordinates.longitude}` : null;
    return {
      kind: kinds[type] ?? 'link',
      url: url ?? null,
      name: place ?? (name === undefined ? (description ?? null) : plainName(name)),
      size: size ?? null,
    };
  });
  return { text: (message.text ?? '').normalize('NFC'), media };
}
