/**
 * How much of what one agent may have in hand at once. Source: SLA and routing page, capacity: a limit for each class of work, and a
 * matrix of what blocks what.
 */
import { type ChannelKind, type WorkClass, workClasses } from './words.ts';

export interface Capacity {
  most: Record<WorkClass, number>;
  /** while any of the key's work is in hand, none of these is given */
  blocks: Partial<Record<WorkClass, readonly WorkClass[]>>;
}

/** Of each class, how many. */
export type Load = Record<WorkClass, number>;

export const defaultCapacity: Capacity = {
  most: { call: 1, chat: 4, social: 6, email: 10 },
  blocks: { call: ['chat', 'social', 'email'] },
};

const classes: Readonly<Record<ChannelKind, WorkClass>> = {
  phone: 'call',
  chat: 'chat',
  messenger: 'social',
  instagram: 'social',
  zalo: 'social',
  api: 'social',
  email: 'email',
  counter: 'email',
  other: 'email',
};

export function classOf(channel: ChannelKind): WorkClass {
  return classes[channel];
}

/** From the row, in which what blocks what is a list of pairs. */
export function capacityOf(row: { most: Load; blocks: readonly (readonly [WorkClass, WorkClass])[] }): Capacity {
  const blocks: Partial<Record<WorkClass, WorkClass[]>> = {};
  for (const [held, blocked] of row.blocks) (blocks[held] ??= []).push(blocked);
  return { most: row.most, blocks };
}

export const noLoad = (): Load => ({ call: 0, chat: 0, social: 0, email: 0 });

/** Whether one more of this class fits. What an agent takes by hand may exceed the limit; then nothing fits until it is met again. */
export function hasRoom({ most, blocks }: Capacity, load: Load, wanted: WorkClass): boolean {
  if (load[wanted] >= most[wanted]) return false;
  for (const held of workClasses) if (load[held] > 0 && blocks[held]?.includes(wanted) === true) return false;
  return true;
}

/** ms without a word from either side after which a conversation frees its slot. It stays assigned. */
export const idleAfterMs = 600_000;

/** Work in an agent's hands: what it is, and when somebody last said something in it. */
export interface HeldWork {
  workClass: WorkClass;
  lastActivityAt: number;
}

/** A call holds its slot for as long as it lasts: it is the one kind of work that is not asynchronous. */
export function holdsSlot({ workClass, lastActivityAt }: HeldWork, now: number): boolean {
  return workClass === 'call' || now - lastActivityAt < idleAfterMs;
}

/** Slots in use: work that is not idle, and offers, which reserve theirs until they are answered. */
export function loadOf(work: readonly HeldWork[], offers: readonly WorkClass[], now: number): Load {
  const load = noLoad();
  for (const one of work) if (holdsSlot(one, now)) load[one.workClass] += 1;
  for (const offered of offers) load[offered] += 1;
  return load;
}
