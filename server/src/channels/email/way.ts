/** The way out through a mailbox: an answer is one mail, known by the same Message-ID at every try. */
import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { FileStore } from '../../files/store.ts';
import type { Account, AnyAccount } from '../accounts.ts';
import type { Outgoing, Way } from '../dispatch.ts';
import { nameExternal } from '../external.ts';
import type { Outcome } from '../outbound.ts';
import type { Part } from '../parts.ts';
import { AccountWrong, domainOf, imapOf, type MailAccount, smtpOf } from './account.ts';
import { bounceAddress, plusAddress, replySubject } from './addresses.ts';
import { ownIdPrefix } from './automatic.ts';
import { composeMail, type ComposedMail, type DkimKey } from './compose.ts';
import { findByMessageId } from './imap-client.ts';
import type { MailTokens } from './oauth.ts';
import { sendMail } from './smtp.ts';
import { shownNumber } from './thread.ts';

export interface MailWayNeeds {
  db: Db;
  workspaceId: string;
  store: FileStore;
  tokens: MailTokens;
  /** of addresses that we sign */
  key: Buffer;
}

interface Parent {
  id: string | null;
  messageId: string;
  subject: string | null;
}

/** made up here for a mail without an id: nobody else knows it */
const synthetic = '@synthetic.invalid';

export function mailWay(needs: MailWayNeeds): Way {
  return {
    identity: 'email',
    pieces: async () => [{ kind: 'whole' }],
    send: (outgoing, account) => send(needs, outgoing, mailbox(account)),
    arrived: (part, account) => arrived(needs, part, mailbox(account)),
  };
}

async function send(needs: MailWayNeeds, outgoing: Outgoing, account: Account<'email'>): Promise<Outcome> {
  const { part, message, to } = outgoing;
  const { channelId } = account;
  const composed = await compose(needs, outgoing, account);
  // Before anybody can answer it, also when this hub ends before it hears that it was taken.
  const mine = { value: composed.messageId, messageId: message.id, thread: part.thread, mine: true, at: part.startedAt ?? Date.now() };
  await nameExternal({ ...needs, channelId }, mine);
  let refused: string | null = null;
  for (let again = 0; ; again += 1) {
    const token = await needs.tokens.current(account, refused);
    if (token.state === 'later') return { state: 'later', afterMs: null, everyone: true, reason: token.reason };
    if (token.state === 'sign-in-again') return { state: 'attention', code: 'SIGN_IN_AGAIN', reason: token.reason };
    const { outcome, refused: whom } = await handOver(account, token.access, composed);
    if (outcome.state === 'attention' && outcome.code === 'SIGN_IN_AGAIN' && token.access !== null && again === 0) {
      // It may have ended early: once more with another one.
      refused = token.access;
      continue;
    }
    const one = whom.find(({ address }) => address.toLowerCase() === to.toLowerCase());
    return outcome.state === 'sent' && one ? { state: 'failed', code: one.code, reason: one.reason } : outcome;
  }
}

async function handOver(account: MailAccount, access: string | null, mail: ComposedMail): ReturnType<typeof sendMail> {
  try {
    return await sendMail(smtpOf(account, access), mail);
  } catch (error) {
    if (!(error instanceof AccountWrong)) throw error;
    return { outcome: { state: 'attention', code: 'SIGN_IN_AGAIN', reason: error.message }, refused: [] };
  }
}

async function compose(needs: MailWayNeeds, outgoing: Outgoing, account: Account<'email'>): Promise<ComposedMail> {
  const { part, message, ticket, files, to } = outgoing;
  const { settings } = account;
  const parent = await parentOf(needs, account.channelId, ticket.id, message.extra?.replyToId ?? null);
  const number = shownNumber(ticket.number ?? 0);
  const inReplyTo = parent && isTheirs(parent.id) ? parent.id : null;
  return composeMail({
    messageId: idOf(part, account),
    from: { address: settings.address, name: settings.name === '' ? null : settings.name },
    to: [{ address: to, name: null }],
    cc: [],
    replyTo: settings.plusAddresses ? plusAddress(needs.key, settings.address, number) : null,
    bounces: settings.plusAddresses ? bounceAddress(needs.key, settings.address, part.id) : settings.address,
    subject: replySubject(parent?.subject || ticket.subject, number),
    text: message.body,
    files: files.map(({ id, name, type, size }) => ({ id, name, type, size, open: () => needs.store.read(id, 0, Math.max(0, size - 1)) })),
    inReplyTo,
    references: parent ? [...(await namedBy(needs, parent.messageId)), ...(inReplyTo === null ? [] : [inReplyTo])] : [],
    automatic: message.authorType !== 'agent' || message.extra?.automatic === true,
    loopDomain: domainOf(settings.address),
    date: message.acceptedAt ?? message.authoredAt,
    dkim: dkimOf(account),
  });
}

/** The mail that is answered: the one that was chosen, else the customer's last one of this ticket, else our own last one. */
async function parentOf(
  { db, workspaceId }: MailWayNeeds,
  channelId: string,
  ticketId: string,
  chosen: string | null,
): Promise<Parent | null> {
  const found = await sql<Parent>`select e.value as id, m.id as message_id, m.extra->'mail'->>'subject' as subject from message m
    join lateral (select value from external_id e where e.workspace_id = m.workspace_id and e.message_id = m.id
      and e.channel_id = ${channelId} order by e.at, e.value limit 1) e on true
    where m.workspace_id = ${workspaceId} and m.ticket_id = ${ticketId}
      and (m.kind = 'inbound' or m.delivery in ('sent', 'delivered', 'read'))
    order by m.id = ${chosen}::uuid desc nulls last, m.kind = 'inbound' desc, m.accepted_at desc limit 1`.execute(db);
  return found.rows[0] ?? null;
}

/** What a mail answers, oldest first. */
async function namedBy({ db, workspaceId }: MailWayNeeds, messageId: string): Promise<string[]> {
  const found = await sql<{ value: string }>`select value from mail_reference
    where workspace_id = ${workspaceId} and message_id = ${messageId} order by position`.execute(db);
  return found.rows.map(({ value }) => value).filter(isTheirs);
}

/** Found as being handed over when a hub ended: a copy that the server keeps proves that it went out. */
async function arrived({ tokens }: MailWayNeeds, part: Part, account: Account<'email'>): Promise<string | null> {
  if (!account.settings.keepsSent) return null;
  const token = await tokens.current(account);
  if (token.state !== 'ok') return null;
  const id = idOf(part, account);
  const found = await findByMessageId({ ...imapOf(account, token.access), timeoutMs: 30_000 }, id);
  return found ? id : null;
}

const idOf = (part: Part, { settings }: MailAccount) => `${ownIdPrefix}${part.id}@${domainOf(settings.address)}`;
const isTheirs = (id: string | null): id is string => id !== null && !id.endsWith(synthetic);

function dkimOf({ settings: { dkim }, secrets: { dkimKey } }: MailAccount): DkimKey | null {
  return dkim === null || dkimKey === null ? null : { ...dkim, privateKey: dkimKey };
}

function mailbox(account: AnyAccount): Account<'email'> {
  if (account.vendor !== 'email') throw new Error(`${account.channelId} is no mailbox`);
  return account;
}
