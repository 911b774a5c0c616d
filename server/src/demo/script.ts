/** The form in which the demo's conversations are written down. */
import type { CallDetails, Priority } from '../../../src/shared/domain.ts';
import type { AgentKey, QueueKey } from './accounts.ts';

export type DemoChannel = 'demo-widget' | 'demo-mail' | 'demo-zalo' | 'demo-messenger' | 'demo-cti';

export interface Person {
  name: string;
  /** how the staff address them */
  address: 'anh' | 'chị' | 'cô' | 'chú' | 'bác';
  phone: string;
  email: string;
  city: string;
  tier: 'Kim cương' | 'Vàng' | 'Bạc' | null;
  points: number;
  /** how they type where nobody minds: without diacritics, in abbreviations, with emoji */
  typing: 'plain' | 'short' | 'emoji' | null;
}

export type Call = Pick<CallDetails, 'direction' | 'durationSec' | 'outcome'>;

export type Turn =
  /** minutes since the turn before, who speaks, what they say; `note`: internal */
  | { after: number; by: 'customer'; text: string }
  | { after: number; by: AgentKey; text: string; note?: true }
  /** a call that nobody took is written down by the switchboard */
  | { after: number; by: AgentKey | 'switchboard'; call: Call; text: string };

export interface Script {
  channel: DemoChannel;
  queue: QueueKey;
  /** index into the people */
  person: number;
  /** minutes before now at which the first turn takes place */
  startedAgo: number;
  subject: string;
  turns: Turn[];
  assignee?: AgentKey;
  priority?: Priority;
  tags?: string[];
  /** what becomes of it after the last turn */
  end?: 'resolved' | { snoozeMinutes: number };
  disposition?: string;
}
