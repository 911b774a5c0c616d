/** What is wrong with a bot before the hub is asked: the field, and what to do. */
import { ruleBot, type RuleBot } from '../../../shared/bot-admin.ts';
import { type BotRule, botTurn, freshBotState } from '../../../shared/bot.ts';

export const botFaults = ['empty', 'nothing', 'condition', 'long', 'choice', 'other'] as const;
export interface BotFault {
  /** as in what the hub is sent: `config.rules.2.say` */
  path: string;
  what: (typeof botFaults)[number];
}

/** The first thing that is wrong, or null. */
export function faultOf(bot: RuleBot): BotFault | null {
  for (const [at, rule] of bot.config.rules.entries()) {
    const path = `config.rules.${at}`;
    if (rule.exact.length === 0 && rule.keywords.length === 0) return { path: `${path}.exact`, what: 'condition' };
    if (rule.say === null && rule.form.length === 0 && !rule.handOff) return { path: `${path}.say`, what: 'nothing' };
    const field = rule.form.findIndex(({ kind, choices }) => kind === 'choice' && choices.length === 0);
    if (field >= 0) return { path: `${path}.form.${field}.choices`, what: 'choice' };
  }
  const parsed = ruleBot.safeParse(bot);
  if (parsed.success) return null;
  const [issue] = parsed.error.issues;
  const what = issue?.code === 'too_small' ? 'empty' : issue?.code === 'too_big' ? 'long' : 'other';
  return { path: issue?.path.join('.') ?? '', what };
}

export const emptyRule = (exact: string[] = []): BotRule => ({
  id: `r-${crypto.randomUUID().slice(0, 8)}`,
  exact,
  keywords: [],
  say: null,
  form: [],
  handOff: false,
  skill: null,
  priority: null,
});

/** Whether a question that was missed has a rule by now. The knowledge base is not asked. */
export function isAnswered(bot: RuleBot, question: string): boolean {
  const state = { ...freshBotState, greeted: true, closedSaid: true };
  return !botTurn(bot.config, state, { text: question, automatic: false }, { now: 0, articles: [] }).missed;
}

/** A path, or one inside of it. */
export const isAt = (fault: BotFault | null, path: string): boolean =>
  fault !== null && (fault.path === path || fault.path.startsWith(`${path}.`));
