/** What each thing that channels tell becomes: the one way from there into the hub's own changes. Doing it again changes nothing. */
import { v5 as uuidOf, v7 as uuid } from 'uuid';
import type { MessageExtra, MessageMedia, Proposal } from '../../../src/shared/domain.ts';
import type { Rejection } from '../../../src/shared/mutations/define.ts';
import { normalisePhone } from '../../../src/shared/phone.ts';
import type { Db } from '../db/database.ts';
import type { Intent } from '../sync/intent.ts';
import { handleApi } from './api/handle.ts';
import { buryExternal, findExternal, mineUpTo, nameExternal } from './external.ts';
import { cleanText, type Inbound, type Media, type Person } from './inbound.ts';
import { type Handled, sendingTo, type StoredEvent, wakeWaiting } from './inbox.ts';
import { hasBytes, type MediaFetcher } from './media.ts';
import { findPart, openParts, type Part, partsOf, settlePart } from './parts.ts';
import { samePhone } from './people.ts';
import { placeholder } from './profiles.ts';

export interface HandleNeeds {
  db: Db;
  workspaceId: string;
  apply(intent: Intent): Promise<Rejection | null>;
  clock(): number;
  media: MediaFetcher;
  /** whether a bot begins fresh conversations there */
  botServes(channelId: string): Promise<boolean>;
  /** looks up how somebody calls themselves there, some time later */
  meet(channelId: string, person: Person): Promise<void>;
  /** of a mail that lies in the file store */
  mail(channelId: string, stored: StoredEvent, raw: string): Promise<Handled>;
}

const done: Handled = { state: 'done' };
/** ms around an echo's moment in which a part without a known fate may be what it repeats */
const echoWindowMs = 10 * 60_000;

export function handler(needs: HandleNeeds): (channelId: string, stored: StoredEvent) => Promise<Handled> {
  return async (channelId, stored) => {
    const { event } = stored;
    switch (event.type) {
      case 'message':
        return message(needs, channelId, stored, event);
      case 'echo':
        return echo(needs, channelId, stored, event);
      case 'receipt':
        return receipt(needs, channelId, event);
      case 'reaction':
        return about(needs, channelId, event.of, (messageId) => ({ name: 'message.react', args: { messageId, emoji: event.emoji } }));
      case 'edit':
        return about(needs, channelId, event.of, (messageId) => ({
          name: 'message.edit',
          args: { messageId, body: cleanText(event.text), at: stored.at ?? stored.receivedAt },
        }));
      case 'unsend':
        return unsend(needs, channelId, stored, event);
      case 'follow':
        return settled(
          await needs.apply({
            name: 'identity.mark',
            args: { kind: event.from.kind, value: event.from.value, state: event.follows ? 'ok' : 'unfollowed' },
          }),
        );
      case 'details':
        return details(needs, channelId, stored, event);
      case 'unknown':
        return event.shown && event.from ? unsupported(needs, channelId, stored, event.from) : { state: 'kept' };
      case 'api':
        return handleApi(needs, channelId, stored, event);
      case 'mail':
        return needs.mail(channelId, stored, event.raw);
      case 'test':
        return done;
    }
  };
}

const settled = (rejection: Rejection | null): Handled =>
  rejection ? { state: 'aside', error: `${rejection.code}${rejection.field ? ` (${rejection.field})` : ''}` } : done;

async function message(
  needs: HandleNeeds,
  channelId: string,
  stored: StoredEvent,
  event: Extract<Inbound, { type: 'message' }>,
): Promise<Handled> {
  const where = { ...needs, channelId };
  const known = await findExternal(where, event.id);
  // Taken back before it came: it is never shown.
  if (known?.withdrawn) return done;
  const at = stored.at ?? stored.receivedAt;
  const answers = event.replyTo === null ? null : await findExternal(where, event.replyTo);
  const media = event.media.map(shownMedia);
  const rejection = await needs.apply({
    name: 'message.receive',
    args: {
      messageId: stored.messageId,
      ticketId: uuid(),
      channelId,
      body: cleanText(event.text),
      subject: event.text.trim() === '' && media.length > 0 ? mediaSubject(event.media) : null,
      ...somebody(event.from),
      authoredAt: at,
      extra: {
        ...(media.length > 0 ? { media } : {}),
        ...(answers?.messageId ? { replyToId: answers.messageId } : {}),
      } satisfies MessageExtra,
      ...((await needs.botServes(channelId)) ? { bot: true } : {}),
    },
  });
  if (rejection) return settled(rejection);
  await nameExternal(where, { value: event.id, messageId: stored.messageId, thread: stored.thread, mine: false, at });
  await needs.media.plan(channelId, stored.messageId, event.media);
  await needs.meet(channelId, event.from);
  await wakeWaiting(needs, channelId, [event.id]);
  return done;
}

/** Something was sent, whatever it is: it is shown as what can't be shown here. */
async function unsupported(needs: HandleNeeds, channelId: string, stored: StoredEvent, from: Person): Promise<Handled> {
  const media: MessageMedia = { kind: 'unsupported', name: null, url: null, attachmentId: null, state: 'none' };
  return settled(
    await needs.apply({
      name: 'message.receive',
      args: {
        messageId: stored.messageId,
        ticketId: uuid(),
        channelId,
        body: '',
        subject: 'Tin nhắn chưa hỗ trợ',
        ...somebody(from),
        authoredAt: stored.at ?? stored.receivedAt,
        extra: { media: [media] },
      },
    }),
  );
}

/**
 * Our side has said something.
 * 1. It carries our part's id, or is known by the vendor's: it is ours, whether the vendor's answer has come or not.
 * 2. Something is being handed over in this thread: the answer to that says which it is.
 * 3. A part of which nobody knew whether it arrived says the same: it has arrived.
 * 4. Else it was said elsewhere.
 */
async function echo(
  needs: HandleNeeds,
  channelId: string,
  stored: StoredEvent,
  event: Extract<Inbound, { type: 'echo' }>,
): Promise<Handled> {
  const where = { ...needs, channelId };
  const at = stored.at ?? stored.receivedAt;
  const thread = event.to.value;
  const part = event.outbound !== null && isUuid(event.outbound) ? await findPart(needs, event.outbound) : null;
  if (part) {
    await arrived(needs, channelId, part, event.id, at);
    return done;
  }
  const known = await findExternal(where, event.id);
  if (known) {
    if (known.mine && known.messageId !== null) {
      await nameExternal(where, { value: event.id, messageId: known.messageId, thread, mine: true, at });
    }
    return done;
  }
  const open = await openParts(needs, channelId, thread);
  if (open.some(({ state }) => state === 'sending')) return { state: 'kept', waitsFor: sendingTo(thread) };
  // Our mark is on it, so we said it, be it from before a backup was put back: never a new message.
  if (event.outbound !== null) return { state: 'kept', waitsFor: event.id };
  const same = open.find(
    ({ piece, startedAt }) =>
      piece.kind === 'text' && piece.text.trim() === event.text.trim() && Math.abs((startedAt ?? 0) - at) <= echoWindowMs,
  );
  if (same) {
    await arrived(needs, channelId, same, event.id, at);
    return done;
  }
  const media = event.media.map(shownMedia);
  const rejection = await needs.apply({
    name: 'message.answeredElsewhere',
    args: {
      messageId: stored.messageId,
      ticketId: uuid(),
      channelId,
      body: cleanText(event.text),
      ...somebody(event.to),
      authorName: elsewhere[event.to.kind] ?? 'Nơi khác',
      authoredAt: at,
      extra: media.length > 0 ? { media } : {},
    },
  });
  if (rejection) return settled(rejection);
  await nameExternal(where, { value: event.id, messageId: stored.messageId, thread, mine: true, at });
  await needs.media.plan(channelId, stored.messageId, event.media);
  await wakeWaiting(needs, channelId, [event.id]);
  return done;
}

/** Evidence that the vendor took a part. The message is sent when all of its parts are; else it goes on with the next one. */
async function arrived(needs: HandleNeeds, channelId: string, part: Part, value: string, at: number): Promise<void> {
  const { messageId, thread } = part;
  await nameExternal({ ...needs, channelId }, { value, messageId, thread, mine: true, at });
  // Whoever hands it over at this moment settles it; this only says that nobody need wonder any more.
  if (part.state === 'unknown' || part.state === 'failed') {
    await settlePart(needs, part.id, 'sent', null, needs.clock());
    const parts = await partsOf(needs, messageId);
    const whole = parts.every(({ state }) => state === 'sent');
    await needs.apply({ name: 'message.delivery', args: { messageIds: [messageId], state: whole ? 'sent' : 'accepted', error: null } });
  }
  await wakeWaiting(needs, channelId, [value]);
}

async function receipt(needs: HandleNeeds, channelId: string, event: Extract<Inbound, { type: 'receipt' }>): Promise<Handled> {
  const where = { ...needs, channelId };
  const ids = new Set<string>();
  let missing: string | null = null;
  for (const value of event.of) {
    const known = await findExternal(where, value);
    const part = known || !isUuid(value) ? null : await findPart(needs, value);
    if (known?.mine && known.messageId !== null) ids.add(known.messageId);
    else if (part) ids.add(part.messageId);
    else if (!known) missing ??= value;
  }
  if (event.until !== null && event.thread)
    for (const id of await mineUpTo(where, event.thread.value, event.until, event.state)) ids.add(id);
  if (ids.size > 0) {
    const messageIds = [...ids].slice(0, 200);
    const rejection = await needs.apply({ name: 'message.delivery', args: { messageIds, state: event.state, error: null } });
    if (rejection) return settled(rejection);
  }
  // Told before the vendor's answer to the message itself: until then nobody knows whose it is.
  return missing !== null && ids.size === 0 ? { state: 'kept', waitsFor: missing } : done;
}

async function about(needs: HandleNeeds, channelId: string, of: string, change: (messageId: string) => Intent): Promise<Handled> {
  const known = await findExternal({ ...needs, channelId }, of);
  if (known?.withdrawn) return done;
  return known?.messageId ? settled(await needs.apply(change(known.messageId))) : { state: 'kept', waitsFor: of };
}

async function unsend(
  needs: HandleNeeds,
  channelId: string,
  stored: StoredEvent,
  event: Extract<Inbound, { type: 'unsend' }>,
): Promise<Handled> {
  const where = { ...needs, channelId };
  const at = stored.at ?? stored.receivedAt;
  const known = await findExternal(where, event.of);
  await buryExternal(where, event.of, stored.thread, at);
  if (!known?.messageId) return done;
  await needs.media.drop(known.messageId);
  return settled(await needs.apply({ name: 'message.withdraw', args: { messageId: known.messageId, at } }));
}

/** The customer has filled in a form at the vendor's: what it says is put before an agent, never written over what is known. */
async function details(
  needs: HandleNeeds,
  channelId: string,
  stored: StoredEvent,
  event: Extract<Inbound, { type: 'details' }>,
): Promise<Handled> {
  const at = stored.at ?? stored.receivedAt;
  const one = (kind: Proposal['kind'], value: string, customerId: string | null = null): Proposal => ({
    id: uuidOf(`${stored.messageId}:${kind}:${value}`, uuidOf.URL),
    kind,
    value: cleanText(value).slice(0, 500),
    customerId,
    source: channelId,
    at,
  });
  const phone = event.phone === null ? null : normalisePhone(event.phone);
  const others = phone === null ? [] : await samePhone(needs, phone, event.from);
  const proposals = [
    ...(event.name === null ? [] : [one('name', event.name)]),
    ...(phone === null ? [] : [one('phone', phone)]),
    ...(event.address === null ? [] : [one('address', event.address)]),
    ...others.map((other) => one('same', other.name, other.id)),
  ];
  if (proposals.length === 0) return done;
  const { kind, value } = event.from;
  return settled(await needs.apply({ name: 'customer.propose', args: { of: { kind, value }, proposals } }));
}

const elsewhere: Partial<Record<string, string>> = {
  messenger: 'Hộp thư Facebook',
  instagram: 'Hộp thư Instagram',
  zalo: 'Zalo OA Manager',
};

/** Somebody as a channel knows them; how they are called until they have said their name. */
function somebody(person: Person): { customer: { id: string; name: string }; identity: object } {
  const { kind, value, name } = person;
  return {
    customer: { id: uuid(), name: cleanText(name ?? '').slice(0, 200) || placeholder(person) },
    // The vendor vouches for its own ids.
    identity: { id: uuid(), kind, value, verified: true },
  };
}

function shownMedia(one: Media): MessageMedia {
  const name = one.name === null ? null : cleanText(one.name).slice(0, 300);
  const page = hasBytes(one) || one.url === null || one.url.length > 2000 ? null : cleanText(one.url);
  return { kind: one.kind, name, url: page, attachmentId: null, state: hasBytes(one) ? 'fetching' : 'none' };
}

const words: Record<Media['kind'], string> = {
  image: 'Hình ảnh',
  audio: 'Tin thoại',
  video: 'Video',
  file: 'Tệp',
  sticker: 'Nhãn dán',
  location: 'Vị trí',
  link: 'Liên kết',
};
const mediaSubject = (media: Media[]): string => words[media[0]?.kind ?? 'file'];

const isUuid = (value: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
