/** The phone note while it is written. It outlives its screen, so that an agent can look something up during the call. */
import { v7 as newId } from 'uuid';
import { create } from 'zustand';
import type { CustomerHit } from '../../../shared/bridge.ts';
import type { CallDetails } from '../../../shared/domain.ts';
import type { MutationArgs } from '../../../shared/mutations/registry.ts';
import { hubNow } from '../../app/clock.ts';
import { provisionalRef } from '../../ui/parts.ts';
import { toE164 } from '../../ui/phone.ts';
import { callTime, parseCallTime } from '../../ui/time.ts';

export interface CallForm {
  /** the call that the exchange tells of; null: written by hand */
  callId: string | null;
  phone: string;
  /** a customer who was picked; else one is made of name and number */
  known: CustomerHit | null;
  name: string;
  queueId: string | null;
  subject: string;
  body: string;
  direction: CallDetails['direction'];
  outcome: CallDetails['outcome'];
  /** as typed; null while the form counts by itself */
  duration: string | null;
  assignToMe: boolean;
  ref: string;
  startedAt: number;
  /** write it onto the ticket that is open */
  onto: boolean;
}

const random = () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;

export function blank(): CallForm {
  return {
    callId: null,
    phone: '',
    known: null,
    name: '',
    queueId: null,
    subject: '',
    body: '',
    direction: 'inbound',
    outcome: 'answered',
    duration: null,
    assignToMe: true,
    ref: provisionalRef(random),
    startedAt: hubNow(),
    onto: false,
  };
}

/** Null: no note is being written. */
export const useCallForm = create<{ form: CallForm | null }>(() => ({ form: null }));

export function fill(part: Partial<CallForm>): void {
  useCallForm.setState(({ form }) => ({ form: { ...(form ?? blank()), ...part } }));
}

export function clear(): void {
  useCallForm.setState({ form: null });
}

export type Problem = 'phoneBad' | 'nameNeeded' | 'queueNeeded' | 'subjectNeeded' | 'bodyNeeded' | 'durationBad';

export function durationOf(form: CallForm, now: number): string {
  return form.duration ?? callTime(form.outcome === 'answered' ? Math.max(0, Math.floor((now - form.startedAt) / 1000)) : 0);
}

/** What keeps the note from being saved, by field. */
export function problems(form: CallForm, now: number): Set<Problem> {
  const found = new Set<Problem>();
  if (toE164(form.phone) === null) found.add('phoneBad');
  if (!form.onto && form.known === null && form.name.trim() === '') found.add('nameNeeded');
  if (!form.onto && form.queueId === null) found.add('queueNeeded');
  if (!form.onto && form.subject.trim() === '') found.add('subjectNeeded');
  if (form.body.trim() === '') found.add('bodyNeeded');
  if (parseCallTime(durationOf(form, now)) === null) found.add('durationBad');
  return found;
}

function callOf(form: CallForm, now: number): CallDetails {
  return {
    direction: form.direction,
    phone: toE164(form.phone) ?? form.phone,
    durationSec: parseCallTime(durationOf(form, now)) ?? 0,
    outcome: form.outcome,
    at: Math.round(form.startedAt),
    ...(form.callId === null ? {} : { callId: form.callId }),
  };
}

export function logArgs(form: CallForm, ticketId: string, now: number): MutationArgs<'call.log'> {
  return { messageId: newId(), ticketId, body: form.body.trim(), call: callOf(form, now) };
}

export function createArgs(form: CallForm, queueId: string, now: number): MutationArgs<'ticket.create'> {
  const value = toE164(form.phone) ?? form.phone;
  return {
    ticketId: newId(),
    queueId,
    channel: 'phone',
    subject: form.subject.trim(),
    priority: 'normal',
    tags: [],
    provisionalRef: form.ref,
    customer: form.known ? { id: form.known.id } : { id: newId(), name: form.name.trim(), identity: { id: newId(), kind: 'phone', value } },
    messageId: newId(),
    body: form.body.trim(),
    call: callOf(form, now),
    assignToMe: form.assignToMe,
  };
}
