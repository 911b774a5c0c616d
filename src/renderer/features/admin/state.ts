/** Where an administrator is, and what is being written: nothing of it is lost by looking at something else meanwhile. */
import { create } from 'zustand';
import type { RuleBot } from '../../../shared/bot-admin.ts';
import { setDesk } from '../../app/desk.ts';
import { forgetLink } from './centre/links.ts';
import { forgetService } from './service/edit.ts';
import { forgetWhatIf } from './whatif/play.ts';

export const adminTabs = ['channels', 'bot', 'webhooks', 'people', 'queues', 'skills', 'codes', 'calendars', 'policies', 'whatif'] as const;
export type AdminTab = (typeof adminTabs)[number];

interface AdminState {
  tab: AdminTab;
  /** what was set aside in all channels, as last heard */
  aside: number;
  /** the bot that is shown */
  botId: string | null;
  /** bots as they are being changed, by id, with the steps that lead back */
  drafts: Readonly<Record<string, BotDraft>>;
}

export interface BotDraft {
  /** as the hub has it; null: it does not have it yet */
  saved: RuleBot | null;
  bot: RuleBot;
  /** what it was before each change, oldest first */
  past: readonly RuleBot[];
  /** the kind of the last change: typing on in one field is one step */
  last: string | null;
}

const initial: AdminState = { tab: 'channels', aside: 0, botId: null, drafts: {} };
export const useAdmin = create<AdminState>(() => initial);
const set = useAdmin.setState;

export function openAdmin(tab: AdminTab): void {
  set({ tab });
  setDesk({ screen: 'channels' });
}

export function setAside(aside: number): void {
  if (useAdmin.getState().aside !== aside) set({ aside });
}

export function showBot(botId: string | null): void {
  set({ botId });
}

/** steps that lead back */
const mostSteps = 100;

export const isDirty = ({ saved, bot }: BotDraft): boolean => JSON.stringify(saved) !== JSON.stringify(bot);

/** What the hub has; what is being changed stays. */
export function heardBot(id: string, saved: RuleBot): void {
  set(({ drafts }) => {
    const known = drafts[id];
    const draft: BotDraft = known && isDirty(known) ? { ...known, saved } : { saved, bot: saved, past: known?.past ?? [], last: null };
    return { drafts: { ...drafts, [id]: draft } };
  });
}

export function beginBot(id: string, bot: RuleBot): void {
  set(({ drafts }) => ({ botId: id, drafts: { ...drafts, [id]: { saved: null, bot, past: [], last: null } } }));
}

/** `step`: changes of one name that follow each other are taken back together. */
export function changeBot(id: string, step: string, change: (bot: RuleBot) => RuleBot): void {
  set(({ drafts }) => {
    const known = drafts[id];
    if (!known) return {};
    const past = step === known.last ? known.past : [...known.past, known.bot].slice(-mostSteps);
    return { drafts: { ...drafts, [id]: { ...known, bot: change(known.bot), past, last: step } } };
  });
}

export function undoBot(id: string): void {
  set(({ drafts }) => {
    const known = drafts[id];
    const before = known?.past.at(-1);
    if (!known || !before) return {};
    return { drafts: { ...drafts, [id]: { ...known, bot: before, past: known.past.slice(0, -1), last: null } } };
  });
}

export function savedBot(id: string, saved: RuleBot): void {
  set(({ drafts }) => ({ drafts: { ...drafts, [id]: { saved, bot: saved, past: drafts[id]?.past ?? [], last: null } } }));
}

export function forgetAdmin(): void {
  forgetService();
  forgetWhatIf();
  forgetLink();
  set(initial, true);
}
