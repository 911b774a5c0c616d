/** What a mail becomes: a message of its customer, news of a mail of ours, or nothing. Done again it changes nothing. */
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { v5 as uuidOf, v7 as uuid } from 'uuid';
import { limits, type MessageExtra, type MessageMedia } from '../../../../src/shared/domain.ts';
import type { MutationArgs } from '../../../../src/shared/mutations/registry.ts';
import type { Rejection } from '../../../../src/shared/mutations/define.ts';
import type { Db } from '../../db/database.ts';
import type { FileStore } from '../../files/store.ts';
import type { Intent } from '../../sync/intent.ts';
import type { Account, Accounts } from '../accounts.ts';
import { findExternal, nameExternal } from '../external.ts';
import { type Handled, type StoredEvent, wakeWaiting } from '../inbox.ts';
import { ownDomainsOf } from './account.ts';
import { storeSink } from './files.ts';
import { framed, htmlId } from './frame.ts';
import { type Mail, type MailFile, MailUnreadable } from './mail.ts';
import { parseMail } from './parse.ts';
import { heardBack } from './returned.ts';
import { ticketOfMail } from './thread.ts';

export interface MailNeeds {
  db: Db;
  workspaceId: string;
  apply(intent: Intent): Promise<Rejection | null>;
  accounts: Accounts;
  store: FileStore;
  log: Logger;
  clock(): number;
  /** of addresses that we sign */
  key: Buffer;
  /** gets a mail that could not be fetched before; false: it is not there any more */
  fetchAgain(channelId: string, raw: string): Promise<boolean>;
}

interface Raw {
  size: number;
  omitted: { name: string | null; type: string; size: number }[];
  receivedAt: number | null;
}

const done: Handled = { state: 'done' };
const noSubject = '(không có tiêu đề)';
const mostMedia = 50;
const mostPeople = 50;

/** `raw`: the mail, in the file store. */
export async function receiveMail(needs: MailNeeds, channelId: string, stored: StoredEvent, raw: string): Promise<Handled> {
  const { db, workspaceId, accounts, store, log, key } = needs;
  const account = await accounts.get(channelId, 'email');
  if (!account) return { state: 'aside', error: 'the channel has no mailbox any more' };
  if (!(await store.has(raw)) && !(await needs.fetchAgain(channelId, raw)))
    return { state: 'aside', error: 'the mail is not there any more' };
  const found = await sql<Raw>`select size, omitted, received_at from mail_raw where workspace_id = ${workspaceId} and id = ${raw}`.execute(
    db,
  );
  const row = found.rows[0];
  if (!row) return { state: 'aside', error: 'nothing is known of the mail' };
  const mail = await read(needs, account, stored, raw, row);
  if (typeof mail === 'string') return { state: 'aside', error: mail };

  const where = { db, workspaceId, channelId };
  const same = await findExternal(where, mail.messageId);
  if (mail.loop !== null || same?.mine === true) {
    log.info({ channelId, messageId: mail.messageId, by: mail.loop ?? 'known' }, 'a mail of our own came back and is dropped');
    return done;
  }
  if (mail.bounce) return heardBack(needs, account, stored, mail, mail.bounce);
  const joins = await ticketOfMail({ db, workspaceId, channelId, key, address: account.settings.address }, mail);
  const args = await messageOf(needs, channelId, stored, mail, row, joins);
  // Somebody uses an id twice, for different mails: both are kept.
  if (same && same.messageId !== null && same.messageId !== stored.messageId) args.extra?.mail?.warnings.push('same-id');
  const rejection = await needs.apply({ name: 'message.receive', args });
  if (rejection) return { state: 'aside', error: `${rejection.code}${rejection.field === undefined ? '' : ` (${rejection.field})`}` };
  await nameExternal(where, {
    value: mail.messageId,
    messageId: stored.messageId,
    thread: args.identity.value,
    mine: false,
    at: args.authoredAt,
  });
  await keepReferences(needs, channelId, stored.messageId, mail);
  await sql`update mail_raw set message_id = ${stored.messageId} where workspace_id = ${workspaceId} and id = ${raw}`.execute(db);
  // Whoever writes can be written to again.
  const lost = await sql`select 1 from identity where workspace_id = ${workspaceId} and kind = 'email' and value = ${args.identity.value}
    and state <> 'ok'`.execute(db);
  if (lost.rows.length > 0) await needs.apply({ name: 'identity.mark', args: { kind: 'email', value: args.identity.value, state: 'ok' } });
  await wakeWaiting(needs, channelId, [mail.messageId]);
  return done;
}

/** A text: why it can't be read. Files go into the store under ids that follow from the message's. */
async function read(needs: MailNeeds, account: Account<'email'>, stored: StoredEvent, raw: string, { size }: Raw): Promise<Mail | string> {
  const { store } = needs;
  const files = storeSink(store, (place) => uuidOf(`${stored.messageId}:file:${place}`, uuidOf.URL), limits.attachmentBytes);
  try {
    const source = store.read(raw, 0, Math.max(0, size - 1));
    return await parseMail(source, { mailbox: account.channelId, files, ownDomains: ownDomainsOf(account.settings) });
  } catch (error) {
    if (error instanceof MailUnreadable) return error.message;
    throw error;
  }
}

type Received = MutationArgs<'message.receive'>;
type File = NonNullable<Received['files']>[number];

async function messageOf(
  { store, clock }: MailNeeds,
  channelId: string,
  stored: StoredEvent,
  mail: Mail,
  row: Raw,
  joins: string | null,
): Promise<Received> {
  const { messageId } = stored;
  const text = clean(mail.text);
  const body = cut(text, limits.messageLength);
  const files: File[] = [];
  const media: MessageMedia[] = [];
  if (body.length < text.length) {
    const whole = await wholeText(store, messageId, text);
    files.push(whole);
    media.push({ kind: 'file', name: whole.name, url: null, attachmentId: whole.id, state: 'ready' });
  }
  for (const file of mail.files) {
    const id = file.size > 0 ? file.id : null;
    const { size, sha256 } = file;
    if (id !== null) files.push({ id, name: file.name.slice(0, 200), type: file.type.slice(0, 120), size, sha256 });
    media.push({ kind: kindOf(file), name: file.name.slice(0, 300), url: null, attachmentId: id, state: stateOf(file, id) });
  }
  for (const { name } of row.omitted)
    media.push({ kind: 'file', name: (name ?? '').slice(0, 300), url: null, attachmentId: null, state: 'failed' });
  if (mail.html !== null) await keepHtml(store, messageId, mail.html, mail.files);
  const from = mail.from ?? { address: 'nobody@unknown.invalid', name: null };
  const subject = cut(clean(mail.subject).trim(), limits.subjectLength);
  const omitted = row.omitted.length > 0 ? ['file-too-large'] : [];
  return {
    messageId,
    ticketId: uuidOf(`${messageId}:ticket`, uuidOf.URL),
    channelId,
    body,
    subject: subject || noSubject,
    customer: {
      id: uuid(),
      name:
        clean(from.name ?? '')
          .slice(0, 200)
          .trim() || from.address.slice(0, 200),
    },
    // Anybody can write any sender.
    identity: { id: uuid(), kind: 'email', value: from.address.slice(0, 320), verified: false },
    // A sender's clock that is ahead would put the mail below everything that is said afterwards.
    authoredAt: Math.min(mail.date ?? row.receivedAt ?? stored.receivedAt, clock()),
    extra: {
      ...(media.length > 0 ? { media: media.slice(0, mostMedia) } : {}),
      ...(mail.automatic === null ? {} : { automatic: true }),
      mail: {
        subject,
        from: mail.from && shown(mail.from),
        to: mail.to.slice(0, mostPeople).map(shown),
        cc: mail.cc.slice(0, mostPeople).map(shown),
        quotedFrom: mail.quotedFrom !== null && mail.quotedFrom < body.length ? mail.quotedFrom : null,
        html: mail.html !== null,
        warnings: [...new Set<string>([...mail.warnings, ...omitted])].slice(0, 18),
      },
    } satisfies MessageExtra,
    ...(joins === null ? {} : { joins }),
    ...(files.length > 0 ? { files: files.slice(0, mostMedia) } : {}),
  };
}

async function wholeText(store: FileStore, messageId: string, text: string): Promise<File> {
  const id = uuidOf(`${messageId}:text`, uuidOf.URL);
  const { size, sha256 } = await store.take(id, (write) => write(Buffer.from(text)));
  return { id, name: 'noi-dung-day-du.txt', type: 'text/plain', size, sha256 };
}

async function keepHtml(store: FileStore, messageId: string, html: string, files: readonly MailFile[]): Promise<void> {
  await store.take(htmlId(messageId), (write) => write(Buffer.from(framed(html, files))));
}

async function keepReferences({ db, workspaceId }: MailNeeds, channelId: string, messageId: string, mail: Mail): Promise<void> {
  const named = [...new Set([...mail.references, ...(mail.inReplyTo === null ? [] : [mail.inReplyTo])])];
  if (named.length === 0) return;
  await sql`insert into mail_reference (workspace_id, message_id, position, channel_id, value)
    select ${workspaceId}, ${messageId}, place, ${channelId}, value from unnest(${named}::text[]) with ordinality as one(value, place)
    on conflict (workspace_id, message_id, position) do nothing`.execute(db);
}

function kindOf({ type }: MailFile): MessageMedia['kind'] {
  const kind = type.split('/')[0];
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'file';
}

const stateOf = (file: MailFile, id: string | null): MessageMedia['state'] => (id !== null ? 'ready' : file.size === 0 ? 'none' : 'failed');
const shown = ({ address, name }: { address: string; name: string | null }) => ({
  address: address.slice(0, 320),
  name: clean(name ?? '').slice(0, 200),
});

/** What the database can't keep is taken out. */
const clean = (text: string) => text.toWellFormed().replaceAll('\0', '');
/** Never through the middle of a sign. */
const cut = (text: string, most: number) => (text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, ''));
