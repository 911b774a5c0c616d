/**
 * What telephone exchanges push: sipgate.io, Zammad's generic CTI, Placetel; as a form or as JSON, on one address.
 * Sources: channels reference, 3.1.
 */
import { z } from 'zod';
import { parseJson, Unreadable } from '../inbound.ts';

/** One leg of a call rings, is taken, or ends. */
export interface CallEvent {
  event: 'ring' | 'answer' | 'hangup';
  callId: string;
  /** the leg that this one comes from, after a transfer or a forward */
  origCallId: string | null;
  /** null: this exchange tells it at the beginning only */
  direction: 'in' | 'out' | null;
  from: string | null;
  to: string | null;
  /** names, as the exchange has them: who is rung, or who has taken it */
  users: string[];
  queue: string | null;
  cause: Cause | null;
}

export const causes = [
  'normalClearing',
  'busy',
  'cancel',
  'noAnswer',
  'congestion',
  'notFound',
  'forwarded',
  'voicemail',
  'blocked',
  'unknown',
] as const;
export type Cause = (typeof causes)[number];

/** characters; an exchange's id means nothing to anybody else */
const id = z.string().min(1).max(250);
const name = z.string().max(200);

const generic = z.object({
  event: z.enum(['newCall', 'answer', 'hangup', 'dtmf']),
  callId: id,
  origCallId: id.optional(),
  direction: z.enum(['in', 'out']).optional(),
  from: name.optional(),
  to: name.optional(),
  user: z.array(name).max(200).default([]),
  /** the documentation's examples of `answer` */
  caller: z.array(name).max(200).default([]),
  queue: name.optional(),
  cause: z.string().max(100).optional(),
});

const placetel = z.object({
  event: z.enum(['IncomingCall', 'OutgoingCall', 'CallAccepted', 'HungUp']),
  call_id: id,
  direction: z.enum(['in', 'out']).optional(),
  from: name.optional(),
  to: name.optional(),
  peer: name.optional(),
  type: z.string().max(100).optional(),
});
const placetelEvents = { IncomingCall: 'ring', OutgoingCall: 'ring', CallAccepted: 'answer', HungUp: 'hangup' } as const;
const placetelCauses: Readonly<Record<string, Cause>> = {
  missed: 'cancel',
  voicemail: 'voicemail',
  blocked: 'blocked',
  accepted: 'normalClearing',
  unavailable: 'notFound',
};

/** Null: a kind of event that says nothing about the call's state (a key pressed). @throws Unreadable */
export function readCall(contentType: string | undefined, body: Buffer): CallEvent | null {
  const fields = contentType?.startsWith('application/json') ? fromJson(body) : fromForm(body);
  if (fields['call_id'] !== undefined) {
    const { event, call_id: callId, direction, from, to, peer, type } = parsed(placetel, fields);
    return {
      event: placetelEvents[event],
      callId,
      origCallId: null,
      direction: event === 'IncomingCall' ? 'in' : event === 'OutgoingCall' ? 'out' : (direction ?? null),
      from: from ?? null,
      to: to ?? null,
      users: peer === undefined ? [] : [peer],
      queue: null,
      cause: event === 'HungUp' ? (placetelCauses[type ?? ''] ?? 'unknown') : null,
    };
  }
  const told = parsed(generic, fields);
  if (told.event === 'dtmf') return null;
  return {
    event: told.event === 'newCall' ? 'ring' : told.event,
    callId: told.callId,
    origCallId: told.origCallId ?? null,
    direction: told.direction ?? null,
    from: told.from ?? null,
    to: told.to ?? null,
    users: told.user.length > 0 ? told.user : told.caller,
    queue: told.queue ?? null,
    cause: told.event === 'hangup' ? (causes.find((cause) => cause === told.cause) ?? 'unknown') : null,
  };
}

type Fields = Record<string, unknown>;

function parsed<S extends z.ZodType>(schema: S, fields: Fields): z.infer<S> {
  const read = schema.safeParse(fields);
  if (read.success) return read.data;
  throw new Unreadable(`${read.error.issues[0]?.path.join('.') ?? ''}: ${read.error.issues[0]?.message ?? ''}`);
}

const lists: ReadonlySet<string> = new Set(['user', 'caller']);

/** `user[]=Mai&user[]=Hùng`: lists are lists, also of one; of anything else the first counts. */
function fromForm(body: Buffer): Fields {
  const fields: Fields = Object.create(null) as Fields;
  for (const [key, value] of new URLSearchParams(body.toString('utf8'))) put(fields, key.replace(/\[\]$/, ''), value);
  return fields;
}

function fromJson(body: Buffer): Fields {
  const json = parseJson(body);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Unreadable('the body is not an object');
  const fields: Fields = Object.create(null) as Fields;
  for (const [key, value] of Object.entries(json)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      // Exchanges write numbers as they please.
      if (typeof one === 'string' || typeof one === 'number') put(fields, key, String(one));
    }
  }
  return fields;
}

function put(fields: Fields, key: string, value: string): void {
  if (lists.has(key)) ((fields[key] ??= []) as string[]).push(value);
  else fields[key] ??= value;
}
