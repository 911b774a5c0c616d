/** What an agent does with their shift: how they are, offers, the next ticket. None of it waits in the outbox: the hub says yes or no. */
import type { MutationArgs, MutationName } from '../../shared/mutations/registry.ts';
import type { PresenceState } from '../../shared/routing-rows.ts';
import type { WorkClass } from '../../shared/words.ts';
import { i18n } from '../i18n/i18n.ts';
import { openTicket } from './desk.ts';
import { EngineError, execute, mutate, valueOf } from './engine.ts';
import { errorText } from './tickets.ts';
import { say } from './toasts.ts';

/** States that somebody may choose for themselves, in the order in which they are offered. */
export const choices = ['available', 'busy', 'break', 'meal', 'meeting', 'training', 'offline'] as const satisfies readonly PresenceState[];

/** True when the hub has done it; else it is said why not. */
export async function actNow<N extends MutationName>(name: N, args: MutationArgs<N>, otherwise?: string): Promise<boolean> {
  try {
    await execute('act', { name, args });
    return true;
  } catch (error) {
    const why = errorText(error instanceof EngineError ? error.error : { code: 'INTERNAL' });
    say(otherwise ?? i18n.t('shift.failed', { why }), { tone: 'danger' });
    return false;
  }
}

export function enter(state: (typeof choices)[number]): Promise<boolean> {
  const me = valueOf('reference', null)?.me.id;
  return me === undefined ? Promise.resolve(false) : actNow('presence.set', { userId: me, state, reason: null });
}

export function switchWork(off: WorkClass[]): Promise<boolean> {
  return actNow('presence.channels', { off });
}

/** A yes opens the ticket; one that has ended meanwhile says so. */
export async function answerOffer(offer: { id: string; ticketId: string }, accept: boolean): Promise<void> {
  try {
    await execute('act', { name: 'offer.answer', args: { offerId: offer.id, accept } });
    if (accept) openTicket(offer.ticketId);
  } catch (error) {
    const rejected = error instanceof EngineError && error.error.code === 'REJECTED';
    say(i18n.t(rejected ? 'offer.gone' : 'offer.offline'), { tone: 'danger' });
  }
}

/** The offer that ends first. */
export function firstOffer() {
  return valueOf('shift', null)?.offers[0];
}

export async function takeNext(): Promise<void> {
  try {
    const { ticketId } = await execute('next', null);
    if (ticketId === null) say(i18n.t('offer.noneNext'));
    else openTicket(ticketId);
  } catch (error) {
    say(errorText(error instanceof EngineError ? error.error : { code: 'INTERNAL' }), { tone: 'danger' });
  }
}

export function seen(noticeIds: string[]): void {
  if (noticeIds.length > 0) void mutate('notice.seen', { noticeIds }).catch(() => undefined);
}
