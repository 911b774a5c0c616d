/** What an agent does to a ticket, from wherever it is asked: a key, a button, the palette. */
import { v7 as newId } from 'uuid';
import type { BridgeError, TicketDetail } from '../../shared/bridge.ts';
import type { Priority } from '../../shared/domain.ts';
import type { MutationArgs, MutationName } from '../../shared/mutations/registry.ts';
import { i18n } from '../i18n/i18n.ts';
import { afterLeaving, desk, openMenu, select } from './desk.ts';
import { EngineError, execute, mutate, valueOf } from './engine.ts';
import { isSettled } from './limits.ts';
import { refOf } from './refs.ts';
import { showPhone } from '../ui/phone.ts';
import { clockTime } from '../ui/time.ts';
import { say } from './toasts.ts';

export function ticketOpen(): TicketDetail | null {
  const { selectedId, screen } = desk();
  return selectedId === null || screen !== 'inbox' ? null : (valueOf('ticket.get', { ticketId: selectedId }) ?? null);
}

export function errorText(error: BridgeError): string {
  if (error.rejection) return `${i18n.t(`refused.${error.rejection.code}`)}. ${i18n.t(`remedy.${error.rejection.code}`)}`;
  switch (error.code) {
    case 'STORAGE':
    case 'BAD_REQUEST':
    case 'NOT_SIGNED_IN':
    case 'HUB_UNREACHABLE':
      return i18n.t(`failed.${error.code}`);
    default:
      return i18n.t('failed.INTERNAL');
  }
}

/** True if the change was made here; else it is said why not. */
export async function change<M extends MutationName>(name: M, args: MutationArgs<M>): Promise<boolean> {
  try {
    await mutate(name, args);
    return true;
  } catch (error) {
    say(errorText(error instanceof EngineError ? error.error : { code: 'INTERNAL' }), { tone: 'danger' });
    return false;
  }
}

export async function assign(ticket: TicketDetail, to: string | null): Promise<void> {
  if (ticket.assigneeId === to) return;
  if (!(await change('ticket.assign', { ticketId: ticket.id, from: ticket.assigneeId, to }))) return;
  const reference = valueOf('reference', null);
  const name = reference?.users.find((user) => user.id === to)?.name ?? '';
  const text =
    to === null ? i18n.t('toast.unassigned') : to === reference?.me.id ? i18n.t('toast.taken') : i18n.t('toast.assigned', { name });
  const undo = () => void change('ticket.assign', { ticketId: ticket.id, from: to, to: ticket.assigneeId });
  say(text, { action: { label: i18n.t('act.undo'), run: undo } });
}

export function assignToMe(ticket: TicketDetail): void {
  const me = valueOf('reference', null)?.me.id;
  if (me !== undefined) void assign(ticket, me);
}

export function asksDisposition(ticket: TicketDetail): boolean {
  if (ticket.disposition !== null) return false;
  return valueOf('reference', null)?.queues.find((queue) => queue.id === ticket.queueId)?.requiresDisposition ?? false;
}

/** Closes at once, or opens the question for a disposition where the queue wants one. */
export async function close(ticket: TicketDetail, disposition: string | null = null): Promise<void> {
  if (isSettled(ticket.status)) return;
  if (disposition === null && asksDisposition(ticket)) return openMenu('close');
  openMenu(null);
  const next = afterLeaving(ticket.id);
  if (!(await change('ticket.close', { ticketId: ticket.id, seenInboundId: ticket.lastInboundId, disposition }))) return;
  if (next !== null && desk().selectedId === ticket.id) select(next);
  const undo = () => {
    void change('ticket.reopen', { ticketId: ticket.id }).then((done) => done && select(ticket.id));
  };
  say(i18n.t('ticket.closed', { ref: refOf(ticket) ?? '' }), { action: { label: i18n.t('act.undo'), run: undo } });
}

export async function reopen(ticket: TicketDetail): Promise<void> {
  if (await change('ticket.reopen', { ticketId: ticket.id })) say(i18n.t('ticket.reopened'));
}

export async function snooze(ticket: TicketDetail, until: number | null, words: string): Promise<void> {
  openMenu(null);
  const next = afterLeaving(ticket.id);
  if (!(await change('ticket.snooze', { ticketId: ticket.id, until }))) return;
  if (until !== null && next !== null && desk().view !== 'snoozed' && desk().selectedId === ticket.id) select(next);
  const undo = () => {
    void change('ticket.snooze', { ticketId: ticket.id, until: ticket.snoozedUntil }).then((done) => done && select(ticket.id));
  };
  say(until === null ? i18n.t('toast.woken') : i18n.t('ticket.snoozed', { at: words }), {
    action: { label: i18n.t('act.undo'), run: undo },
  });
}

export async function hold(ticket: TicketDetail, until: number): Promise<void> {
  if (!(await change('ticket.lease', { ticketId: ticket.id, until }))) return;
  say(i18n.t('lease.held', { at: clockTime(until) }), {
    action: { label: i18n.t('act.undo'), run: () => void change('ticket.release', { ticketId: ticket.id }) },
  });
}

export async function release(ticket: TicketDetail): Promise<void> {
  if (await change('ticket.release', { ticketId: ticket.id })) say(i18n.t('lease.released'));
}

export async function setStatus(ticket: TicketDetail, status: MutationArgs<'ticket.setStatus'>['status']): Promise<void> {
  openMenu(null);
  if (status === ticket.status) return;
  const next = status === 'spam' ? afterLeaving(ticket.id) : null;
  if (!(await change('ticket.setStatus', { ticketId: ticket.id, status }))) return;
  if (next !== null && desk().selectedId === ticket.id) select(next);
  const before = ticket.status;
  const back = before === 'open' || before === 'waiting_customer' || before === 'waiting_third_party' ? before : 'open';
  const undo = () => void change('ticket.setStatus', { ticketId: ticket.id, status: back });
  say(i18n.t('handle.statusSet', { status: i18n.t(`status.${status}`) }), { action: { label: i18n.t('act.undo'), run: undo } });
}

/** What the customer said last is owed no answer. */
export async function noReply(ticket: TicketDetail, reason: string): Promise<void> {
  openMenu(null);
  const args = { ticketId: ticket.id, seenInboundId: ticket.lastInboundId, messageId: newId(), reason };
  if (await change('ticket.noReply', args)) say(i18n.t('handle.noReplyDone'));
}

export async function transfer(
  ticket: TicketDetail,
  to: MutationArgs<'ticket.transfer'>['to'],
  words: { reason: string; summary: string },
  name: string,
): Promise<void> {
  openMenu(null);
  const next = afterLeaving(ticket.id);
  if (!(await change('ticket.transfer', { ticketId: ticket.id, messageId: newId(), from: ticket.assigneeId, to, ...words }))) return;
  if (next !== null && desk().selectedId === ticket.id) select(next);
  say(i18n.t('handle.transferred', { name }));
}

export async function consult(ticket: TicketDetail, userId: string, text: string, name: string): Promise<void> {
  openMenu(null);
  if (await change('ticket.consult', { ticketId: ticket.id, messageId: newId(), userId, text })) say(i18n.t('handle.asked', { name }));
}

export function tag(ticket: TicketDetail, add: string[], remove: string[]): void {
  void change('ticket.tag', { ticketId: ticket.id, add, remove });
}

export function setPriority(ticket: TicketDetail, priority: Priority): void {
  void change('ticket.edit', { ticketId: ticket.id, priority });
}

export async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  say(i18n.t('act.copied', { text }));
}

/** The exchange calls for the agent; where none does, their own phone may. */
export async function dial(phone: string): Promise<void> {
  const value = showPhone(phone);
  try {
    const { dialled } = await execute('call.dial', { phone });
    if (dialled) say(i18n.t('dial.calling', { value }));
    // Asks before it opens anything.
    else window.open(`tel:${phone}`);
  } catch {
    say(i18n.t('dial.failed'), { tone: 'danger' });
  }
}
