/**
 * The bot that ships: ordered rules, forms, answers from the knowledge base. Pure: what is said is a function of what was set, of what
 * was said before, and of the moment. Source: channels reference, 8.
 */
import { z } from 'zod';
import { type Priority, priority } from './domain.ts';
import { fold } from './fold.ts';
import { normalisePhone } from './phone.ts';

const text = (most: number) => z.string().trim().min(1).max(most);
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);

/** One thing that a form asks for. */
const botField = z.strictObject({
  name: text(60),
  ask: text(500),
  kind: z.enum(['text', 'order', 'phone', 'email', 'choice']),
  choices: z.array(text(80)).max(12).default([]),
});

const botRule = z
  .strictObject({
    id: text(60),
    /** the whole of what was said is one of these */
    exact: z.array(text(200)).max(50).default([]),
    /** every word of one of these was said */
    keywords: z
      .array(z.array(text(60)).min(1).max(10))
      .max(50)
      .default([]),
    say: text(2000).nullable(),
    /** asked for after that, one after another; then people take over */
    form: z.array(botField).max(10).default([]),
    /** people take over, those with this skill */
    handOff: z.boolean().default(false),
    skill: text(40).nullable().default(null),
    /** how urgent the ticket is for them; null: as it is */
    priority: priority.nullable().default(null),
  })
  .refine((rule) => rule.say !== null || rule.form.length > 0 || rule.handOff, { path: ['say'], error: 'a rule that does nothing' });

export const botRules = z.strictObject({
  /** said once, before the first answer of a conversation */
  greeting: text(1000).nullable().default(null),
  rules: z.array(botRule).max(200),
  /** whether articles of the knowledge base are answers */
  faq: z.boolean(),
  /** opening hours; outside of them `closed` is said once in a conversation. `day`: 0 is Sunday */
  hours: z
    .strictObject({
      zone: z.string().refine(isZone, 'not a time zone'),
      open: z.array(z.strictObject({ day: z.int().min(0).max(6), from: clock, until: clock })).max(50),
      closed: text(1000),
    })
    .nullable(),
  /** questions without an answer, and wrong answers to one question of a form, after which people take over */
  misses: z.int().min(1).max(5).default(2),
  /** said when nothing fits, and when people take over */
  missed: text(1000),
  handedOver: text(1000),
});
export type BotRules = z.infer<typeof botRules>;
export type BotRule = BotRules['rules'][number];
export type BotField = BotRule['form'][number];

/** What a conversation has come to. */
export const botState = z.strictObject({
  misses: z.int().nonnegative(),
  closedSaid: z.boolean(),
  /** of a conversation from before there were greetings: it has begun */
  greeted: z.boolean().default(true),
  form: z.strictObject({ rule: z.string(), field: z.int().nonnegative(), tries: z.int().nonnegative() }).nullable(),
  collected: z.record(z.string(), z.string()),
});
export type BotState = z.infer<typeof botState>;
export const freshBotState: BotState = { misses: 0, closedSaid: false, greeted: false, form: null, collected: {} };

export interface BotTurn {
  says: string[];
  state: BotState;
  handOff: { reason: 'user_request' | 'low_confidence' | 'policy'; skill: string | null; priority: Priority | null } | null;
  /** it had no answer: counted, so that somebody writes one */
  missed: boolean;
}

interface Known {
  /** ms */
  now: number;
  articles: readonly { title: string; body: string }[];
}

const answerLength = 1000;

/** What the bot does about something that was said. `automatic`: by a machine, which is never answered. */
export function botTurn(config: BotRules, before: BotState, said: { text: string; automatic: boolean }, known: Known): BotTurn {
  const nothing: BotTurn = { says: [], state: before, handOff: null, missed: false };
  if (said.automatic) return nothing;
  const words = wordsOf(said.text);
  const over: Over = (state, reason, rule = null, missed = false) => ({
    says: [config.handedOver],
    state: { ...state, form: null },
    handOff: { reason, skill: rule?.skill ?? null, priority: rule?.priority ?? null },
    missed,
  });
  if (asksForPeople(words)) return over({ ...before, greeted: true }, 'user_request');

  const greeting = before.greeted ? null : config.greeting;
  const closed = config.hours !== null && !before.closedSaid && !isOpenAt(config.hours, known.now) ? config.hours.closed : null;
  const start: BotState = { ...before, greeted: true, closedSaid: before.closedSaid || closed !== null };
  const turn = answer(config, start, said.text, words, known, over);
  return { ...turn, says: [...[greeting, closed].filter((line) => line !== null), ...turn.says] };
}

/** `rule`: which of them it follows from */
type Over = (
  state: BotState,
  reason: 'user_request' | 'low_confidence' | 'policy',
  rule?: Pick<BotRule, 'skill' | 'priority'> | null,
  missed?: boolean,
) => BotTurn;

function answer(config: BotRules, state: BotState, said: string, words: string[], known: Known, over: Over): BotTurn {
  const asked = state.form && config.rules.find((one) => one.id === state.form?.rule);
  if (state.form && asked) return fill(asked, state, state.form, said, config.misses, over);
  const whole = words.join(' ');
  // Exact ones first, wherever they stand: whoever wrote them meant just that.
  const rule =
    config.rules.find((one) => one.exact.some((line) => wordsOf(line).join(' ') === whole)) ??
    config.rules.find((one) => one.keywords.some((set) => set.every((word) => saysWord(words, word))));
  if (rule) return begin(rule, { ...state, misses: 0, form: null }, over);
  const article = config.faq ? bestArticle(words, known.articles) : null;
  if (article) return { says: [excerpt(article)], state: { ...state, misses: 0 }, handOff: null, missed: false };
  const misses = state.misses + 1;
  if (misses >= config.misses) return over({ ...state, misses }, 'low_confidence', null, true);
  return { says: [config.missed], state: { ...state, misses }, handOff: null, missed: true };
}

function begin(rule: BotRule, state: BotState, over: Over): BotTurn {
  const says = rule.say === null ? [] : [rule.say];
  const [first] = rule.form;
  if (first)
    return {
      says: [...says, askFor(first)],
      state: { ...state, form: { rule: rule.id, field: 0, tries: 0 } },
      handOff: null,
      missed: false,
    };
  if (!rule.handOff) return { says, state, handOff: null, missed: false };
  const turn = over(state, 'policy', rule);
  return { ...turn, says: [...says, ...turn.says] };
}

function fill(
  rule: BotRule,
  state: BotState,
  form: { field: number; tries: number },
  said: string,
  mostTries: number,
  over: Over,
): BotTurn {
  const field = rule.form[form.field];
  // What was collected is for people.
  const done = (next: BotState): BotTurn => over(next, 'policy', rule);
  // The form was changed meanwhile.
  if (!field) return done(state);
  const value = valueOf(field, said);
  if (value === null) {
    const tries = form.tries + 1;
    if (tries >= mostTries) return over(state, 'low_confidence', rule);
    return { says: [askFor(field)], state: { ...state, form: { ...form, rule: rule.id, tries } }, handOff: null, missed: false };
  }
  const filled = { ...state, collected: { ...state.collected, [field.name]: value } };
  const next = rule.form[form.field + 1];
  if (!next) return done(filled);
  return {
    says: [askFor(next)],
    state: { ...filled, form: { rule: rule.id, field: form.field + 1, tries: 0 } },
    handOff: null,
    missed: false,
  };
}

const askFor = ({ ask, kind, choices }: BotField): string =>
  kind === 'choice' ? [ask, ...choices.map((choice, place) => `${place + 1}. ${choice}`)].join('\n') : ask;

/** Null: that is no answer to it. */
function valueOf({ kind, choices }: BotField, said: string): string | null {
  const bare = said.trim();
  switch (kind) {
    case 'text':
      return bare === '' ? null : bare.slice(0, 500);
    case 'order':
      // DH10422, SM26-118675, 118675: letters and a year may stand before the number.
      return /(?<![\p{L}\d-])(?:[a-z]{1,6}\d{0,4}-)?[a-z]{0,6}\d{4,12}(?![\p{L}\d])/iu.exec(bare)?.[0].toUpperCase() ?? null;
    case 'phone':
      return normalisePhone(/\+?\d[\d\s.\-()]{7,18}\d/.exec(bare)?.[0] ?? bare);
    case 'email':
      return /[^\s@<>]{1,64}@[^\s@<>]+\.[a-z]{2,}/i.exec(bare)?.[0].toLowerCase() ?? null;
    case 'choice':
      return choices[Number(bare) - 1] ?? choices.find((choice) => wordsOf(choice).join(' ') === wordsOf(bare).join(' ')) ?? null;
  }
}

/** Folded, without punctuation. */
function wordsOf(said: string): string[] {
  return fold(said)
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== '');
}

/** A keyword of several syllables is said where they stand side by side. */
function saysWord(words: readonly string[], keyword: string): boolean {
  const wanted = wordsOf(keyword);
  return wanted.length > 0 && ` ${words.join(' ')} `.includes(` ${wanted.join(' ')} `);
}

const people = [
  'gap nhan vien',
  'gap nguoi that',
  'gap tu van',
  'gap tong dai',
  'gap quan ly',
  'noi chuyen voi nguoi',
  'noi chuyen voi nhan vien',
  'chat voi nhan vien',
  'ket noi nhan vien',
  'cho gap nguoi',
  'tu van vien',
  'talk to a person',
  'talk to a human',
  'human agent',
  'real person',
  'speak to an agent',
];
const asksForPeople = (words: readonly string[]): boolean => people.some((line) => saysWord(words, line));

/** Words that say nothing of what is asked. */
const empty = new Set(
  'la co khong thi ma va hay cho toi minh em anh chi ban shop oi a nhe voi duoc the nao gi sao ve cua the what how is the a to do i'.split(
    ' ',
  ),
);

/** The article that two thirds of the question's words, and two of them at least, are to be found in the title of; else none. */
function bestArticle<A extends { title: string; body: string }>(words: readonly string[], articles: readonly A[]): A | null {
  const asked = [...new Set(words.filter((word) => !empty.has(word)))];
  if (asked.length < 2) return null;
  let best: { article: A; share: number } | null = null;
  for (const article of articles) {
    const title = new Set(wordsOf(article.title));
    const common = asked.filter((word) => title.has(word)).length;
    const share = common / asked.length;
    if (common >= 2 && share >= 2 / 3 && share > (best?.share ?? 0)) best = { article, share };
  }
  return best?.article ?? null;
}

function excerpt({ title, body }: { title: string; body: string }): string {
  const whole = `${title}\n\n${body.trim()}`;
  if (whole.length <= answerLength) return whole;
  const cut = whole.slice(0, answerLength).toWellFormed();
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), answerLength / 2))}…`;
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== '';
  } catch {
    return false;
  }
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function isOpenAt({ zone, open }: NonNullable<BotRules['hours']>, now: number): boolean {
  const form = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const part = (type: string) => form.formatToParts(now).find((one) => one.type === type)?.value ?? '';
  const at = `${part('hour')}:${part('minute')}`;
  return open.some(({ day, from, until }) => day === days.indexOf(part('weekday')) && from <= at && at < until);
}
