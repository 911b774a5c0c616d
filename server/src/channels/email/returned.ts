/** Reports of mail servers on what became of a mail of ours. Nobody is answered, and no ticket is made of one. */
import { sql } from 'kysely';
import { v5 as uuidOf } from 'uuid';
import type { Account } from '../accounts.ts';
import { findExternal } from '../external.ts';
import type { Handled, StoredEvent } from '../inbox.ts';
import { findPart } from '../parts.ts';
import { outboundOf } from './addresses.ts';
import type { Bounce, BouncedRecipient, Mail } from './mail.ts';
import type { MailNeeds } from './receive.ts';

interface About {
  messageId: string;
  ticketId: string;
  /** whom it was sent to; null: not known any more */
  to: string | null;
}

export async function heardBack(
  needs: MailNeeds,
  account: Account<'email'>,
  stored: StoredEvent,
  mail: Mail,
  bounce: Bounce,
): Promise<Handled> {
  const { channelId } = account;
  const about = await whatItSpeaksOf(needs, account, mail, bounce);
  if (!about) {
    needs.log.info({ channelId, messageId: mail.messageId }, 'a report of a mail server speaks of no mail that is known here');
    return { state: 'kept' };
  }
  const { messageId, ticketId } = about;
  const failed = bounce.recipients.find((one) => one.action === 'failed' && !passes(one));
  const delayed = bounce.recipients.find((one) => one.action === 'delayed' || (one.action === 'failed' && passes(one)));
  if (failed) {
    await needs.apply({ name: 'message.delivery', args: { messageIds: [messageId], state: 'failed', error: 'BOUNCED' } });
    const address = (failed.address ?? about.to)?.toLowerCase() ?? null;
    // A report that names somebody else says nothing about them.
    if (address !== null && address === about.to?.toLowerCase() && isGone(failed)) {
      await needs.apply({ name: 'identity.mark', args: { kind: 'email', value: address, state: 'unreachable' } });
    }
  } else if (!delayed) {
    // It arrived, or went on to a server that reports no more.
    if (bounce.recipients.some((one) => one.action === 'delivered')) {
      await needs.apply({ name: 'message.delivery', args: { messageIds: [messageId], state: 'delivered', error: null } });
    }
    return { state: 'done' };
  }
  const body = wordsFor(failed ?? delayed ?? null, failed !== undefined, about.to);
  const noteId = uuidOf(`${stored.messageId}:returned`, uuidOf.URL);
  const rejection = await needs.apply({ name: 'message.systemNote', args: { messageId: noteId, ticketId, body } });
  return rejection ? { state: 'aside', error: rejection.code } : { state: 'done' };
}

/** By the mail that came back with it, else by the signed address that it was sent to. */
async function whatItSpeaksOf(needs: MailNeeds, account: Account<'email'>, mail: Mail, bounce: Bounce): Promise<About | null> {
  const { db, workspaceId, key } = needs;
  const where = { db, workspaceId, channelId: account.channelId };
  let messageId: string | null = null;
  if (bounce.originalMessageId !== null) {
    const known = await findExternal(where, bounce.originalMessageId);
    if (known?.mine) ({ messageId } = known);
  }
  for (const to of messageId === null ? mail.deliveredTo : []) {
    const id = outboundOf(key, account.settings.address, to);
    const part = id !== null && isUuid(id) ? await findPart(needs, id) : null;
    if (part?.channelId === account.channelId) messageId ??= part.messageId;
  }
  if (messageId === null) return null;
  const found = await sql<{ ticketId: string; to: string | null }>`select m.ticket_id,
      (select p.thread from outbound_part p where p.workspace_id = m.workspace_id and p.message_id = m.id order by p.position limit 1) as to
    from message m where m.workspace_id = ${workspaceId} and m.id = ${messageId}`.execute(db);
  const row = found.rows[0];
  return row ? { messageId, ...row } : null;
}

/** RFC 3463: what begins with 4 may still arrive. */
const passes = ({ status }: BouncedRecipient) => status?.startsWith('4.') === true;

/** Not when its mailbox is full, the mail too large, or its content unwelcome: the next one may arrive. */
const isGone = ({ status }: BouncedRecipient) => status === null || !/^5\.(?:2\.[^1]|3|6|7)/.test(status);

function wordsFor(one: BouncedRecipient | null, final: boolean, to: string | null): string {
  const address = one?.address ?? to ?? '';
  const why = [one?.status, one?.diagnostic].filter((word) => word !== null && word !== undefined && word !== '').join(': ');
  const what = final ? `Thư gửi ${address} bị trả lại` : `Thư gửi ${address} đến chậm, máy chủ thư còn thử lại`;
  return `${what.replaceAll('  ', ' ')}${why === '' ? '' : ` (${why.slice(0, 600)})`}.`;
}

const isUuid = (value: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
