/**
 * How the demo's conversations are written: `c` a customer writes, `s` the staff answers, `n` an internal note,
 * `call` a call and what was noted of it. `{a|b}` is one of the two; `{sp}` and the like are the words of `words.ts`.
 */
import type { Priority } from '../../../src/shared/domain.ts';
import type { QueueKey } from './accounts.ts';
import type { Kind } from './goods.ts';
import type { Call, DemoChannel } from './script.ts';

export const hour = 60;
export const day = 24 * hour;

interface Spoken {
  text: string;
  gap?: number;
}

export type Line = (Spoken & { by: 'customer' | 'staff' | 'note' }) | (Spoken & { by: 'call'; call: Call });

/** `gap`: minutes since the line before, where the usual pace of the channel does not do */
const line =
  (by: 'customer' | 'staff' | 'note') =>
  (text: string, gap?: number): Line =>
    gap === undefined ? { by, text } : { by, text, gap };
export const c = line('customer');
export const s = line('staff');
export const n = line('note');

const outcomes = {
  in: { direction: 'inbound', outcome: 'answered' },
  out: { direction: 'outbound', outcome: 'answered' },
  missed: { direction: 'inbound', outcome: 'missed' },
  voicemail: { direction: 'inbound', outcome: 'voicemail' },
  noAnswer: { direction: 'outbound', outcome: 'no_answer' },
} as const;

export function call(how: keyof typeof outcomes, durationSec: number, text: string, gap?: number): Line {
  return { by: 'call', call: { ...outcomes[how], durationSec }, text, ...(gap === undefined ? {} : { gap }) };
}

export interface Conversation {
  on: DemoChannel[];
  queue: QueueKey;
  /** what it may be about */
  about: Kind[];
  subject: string;
  lines: Line[];
  tags?: string[];
  priority?: Priority;
  disposition?: string;
}

export const mail: DemoChannel[] = ['demo-mail'];
export const phone: DemoChannel[] = ['demo-cti'];
export const zalo: DemoChannel[] = ['demo-zalo'];
export const web: DemoChannel[] = ['demo-widget'];
export const webOrZalo: DemoChannel[] = ['demo-widget', 'demo-zalo'];
export const anyChat: DemoChannel[] = ['demo-widget', 'demo-zalo', 'demo-messenger'];
