/** When the demo's conversations take place, with whom, and how far each has come. */
import { accounts, type AgentKey } from './accounts.ts';
import { complaintChats } from './conversations-complaint.ts';
import { longOnes } from './conversations-long.ts';
import { complaintLetters, salesLetters, warrantyLetters } from './conversations-mail.ts';
import { calls, missedCalls } from './conversations-phone.ts';
import { salesChats } from './conversations-sales.ts';
import { warrantyChats } from './conversations-warranty.ts';
import { journeyOfNhung } from './journey.ts';
import { people } from './people.ts';
import type { DemoChannel, Script, Turn } from './script.ts';
import { fill, localTime, numbers, personAt, pick, sentences, typed, wordsOf } from './words.ts';
import { type Conversation, day, hour, type Line } from './writing.ts';

const minuteMs = 60_000;

export const conversations: Conversation[] = [
  ...salesChats,
  ...warrantyChats,
  ...complaintChats,
  ...salesLetters,
  ...warrantyLetters,
  ...complaintLetters,
  ...calls,
  ...missedCalls,
  ...longOnes,
];

type Holder = 'lan' | 'minh' | 'hoa' | null;

/** A place in the schedule that a conversation is to fill. `ago`: minutes since what its state says. */
type Slot = { channel: DemoChannel; ago: number } & (
  | { state: 'owing'; holder: Holder; urgent?: true }
  | { state: 'answered'; holder: Holder }
  | { state: 'snoozed'; holder: Holder; minutes: number }
  | { state: 'resolved' }
);

const [web, mail, zalo, messenger, cti] = ['demo-widget', 'demo-mail', 'demo-zalo', 'demo-messenger', 'demo-cti'] as const;

/** `count` values from `from` to `to`, evenly. */
function spread(count: number, from: number, to: number): number[] {
  return Array.from({ length: count }, (_, index) => from + ((to - from) * index) / Math.max(1, count - 1));
}

function times<T>(value: T, count: number): T[] {
  return Array.from({ length: count }, () => value);
}

/** Customers who wait for an answer: 8 too long (one of them in the journey), 6 nearly, 46 not yet. */
function owing(): Slot[] {
  const slot = (channel: DemoChannel, holder: Holder, ago: number): Slot => ({ state: 'owing', channel, holder, ago });
  const urgent = (holder: Holder, ago: number): Slot => ({ state: 'owing', channel: mail, holder, ago, urgent: true });
  const some = (channel: DemoChannel, holders: Holder[], from: number, to: number) =>
    spread(holders.length, from, to).map((ago, index) => slot(channel, holders[index] ?? null, ago));
  const late = 4 * hour;
  return [
    slot(web, null, 8),
    slot(web, 'minh', 26),
    slot(zalo, 'hoa', 11),
    slot(mail, null, late + 12),
    slot(mail, 'lan', late + 47),
    slot(mail, null, late + 95),
    slot(cti, null, late + 110),
    slot(web, 'lan', 3.1),
    slot(web, 'lan', 4.6),
    slot(zalo, null, 3.6),
    slot(mail, 'lan', late - 38),
    slot(mail, 'hoa', late - 16),
    urgent('minh', 9.5),
    urgent('lan', 2),
    urgent(null, 5),
    ...some(
      mail,
      ['lan', ...times(null, 5), 'minh', 'lan', ...times(null, 5), 'hoa', ...times(null, 4), 'lan', 'minh', ...times(null, 4), 'lan'],
      6,
      176,
    ),
    ...some(cti, [...times(null, 4), 'lan', ...times(null, 4)], 5, 165),
    ...some(web, ['lan', null, 'minh', null, 'lan'], 0.4, 2.2),
    ...some(zalo, [null, 'lan', null, null], 0.5, 2.1),
    slot(messenger, null, 1.4),
  ];
}

/** What the staff has answered, and waits for the customer: 53 with the journey's one. */
function answered(random: () => number): Slot[] {
  const holders: Holder[] = shuffled([...times('lan', 20), ...times('minh', 20), ...times('hoa', 12)] as Holder[], random);
  const moments: [DemoChannel, number][] = [
    ...spread(13, 20, 4 * day).map((ago): [DemoChannel, number] => [mail, ago]),
    ...spread(9, 4, 18 * hour).map((ago): [DemoChannel, number] => [web, ago]),
    ...spread(16, 6, 2 * day).map((ago): [DemoChannel, number] => [zalo, ago]),
    ...spread(12, 15, 3 * day).map((ago): [DemoChannel, number] => [cti, ago]),
    ...spread(2, 35, 7 * hour).map((ago): [DemoChannel, number] => [messenger, ago]),
  ];
  return moments.map(([channel, ago], index) => ({ state: 'answered', channel, ago, holder: holders[index] ?? null }));
}

function snoozed(now: number): Slot[] {
  const today = localTime(now);
  const morning = today.midnight + 8.5 * hour * minuteMs;
  const inDays = (days: number) => (morning - now) / minuteMs + days * day;
  const quarter = 15 * minuteMs;
  const laterToday = (hours: number) => (Math.ceil((now + hours * hour * minuteMs) / quarter) * quarter - now) / minuteMs;
  const monday = (8 - today.weekday) % 7 || 7;
  const untils = [...[1, 1.5, 2.5, 3].map(laterToday), ...times(inDays(1), 4), ...times(inDays(monday), 4)];
  const channels = [zalo, cti, mail, cti, zalo, mail, cti, zalo, cti, mail, zalo, cti];
  const holders: Holder[] = ['lan', 'minh', 'hoa', 'lan', 'minh', 'lan', 'hoa', 'lan', 'minh', 'lan', 'hoa', 'minh'];
  const agos = spread(12, 25, 30 * hour);
  return untils.map((minutes, index) => ({
    state: 'snoozed',
    minutes,
    channel: channels[index] ?? zalo,
    holder: holders[index] ?? null,
    ago: agos[index] ?? hour,
  }));
}

/** 169 with the journey's six: 30 that may still be reopened, the others final. */
function resolved(random: () => number): Slot[] {
  const channels = shuffled(
    [...times(web, 54), ...times(zalo, 51), ...times(mail, 30), ...times(cti, 29), ...times(messenger, 5)] as DemoChannel[],
    random,
  );
  const agos = [...spread(30, 45, 60 * hour), ...spread(139, 74 * hour, 29.4 * day)];
  return agos.map((ago, index) => ({ state: 'resolved', channel: channels[index] ?? web, ago }));
}

function shuffled<T>(values: T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

/** What was left at night was in fact left by day. */
function byDay(ago: number, now: number): number {
  if (ago < 8 * hour) return ago;
  const { hours } = localTime(now - ago * minuteMs);
  return hours >= 8 && hours < 21 ? ago : ago + 11 * hour;
}

/** Whether somebody owes the customer an answer after this line. */
function owesAfter(line: Line, before: boolean): boolean {
  if (line.by === 'call') return line.call.outcome !== 'answered' && (before || isMissed(line));
  return line.by === 'customer' || (line.by === 'note' && before);
}

function isMissed(line: Line): boolean {
  return line.by === 'call' && line.call.direction === 'inbound' && line.call.outcome !== 'answered';
}

/** How many lines of it may have taken place for the slot's state to hold. */
function lengthsFor({ lines }: Conversation, slot: Slot): number[] {
  if (slot.state === 'resolved') return [lines.length];
  const lengths: number[] = [];
  let owes = false;
  let touched = false;
  for (const [index, line] of lines.entries()) {
    owes = owesAfter(line, owes);
    touched ||= line.by !== 'customer' && !isMissed(line);
    if (owes === (slot.state === 'owing') && !(touched && slot.holder === null)) lengths.push(index + 1);
  }
  return lengths;
}

function fits(conversation: Conversation, slot: Slot): boolean {
  if (!conversation.on.includes(slot.channel)) return false;
  if (slot.state === 'owing' && (slot.urgent ?? false) !== (slot.channel === mail && conversation.priority === 'urgent')) return false;
  if (slot.state !== 'resolved' && slot.holder !== null && !accounts[slot.holder].queues.includes(conversation.queue)) return false;
  return lengthsFor(conversation, slot).length > 0;
}

/** Minutes from the line before to this one. */
function gapOf(line: Line, before: Line | undefined, channel: DemoChannel, urgent: boolean, random: () => number): number {
  if (before === undefined) return 0;
  const between = (from: number, to: number) => from + random() * (to - from);
  if (line.gap !== undefined) return line.gap * between(0.9, 1.1);
  const slow = random() < 0.08;
  if (channel === cti) return line.by === 'note' ? between(1, 6) : between(60, 600);
  if (channel === mail) {
    if (line.by === 'note') return between(5, 30);
    if (line.by === 'staff' && urgent) return slow ? between(16, 30) : between(4, 13);
    return line.by === 'staff' ? (slow ? between(250, 400) : between(25, 200)) : between(40, 280);
  }
  if (line.by === 'note') return between(0.3, 1);
  if (line.by === 'staff') return slow ? between(6, 14) : between(0.6, 3.4);
  return before.by === 'customer' ? between(0.3, 0.8) : between(1, 5);
}

/** All 300, for a hub that starts `now`: the same every time but for the dates. */
export function scripts(now: number): Script[] {
  const random = numbers(2024);
  const told = journeyOfNhung(0);
  const slots = [...owing(), ...answered(random), ...snoozed(now), ...resolved(random)];
  const uses = new Map<Conversation, number>(longOnes.map((long) => [long, 1]));
  const opened = new Set<string>();
  const seats = new Seating(told);

  return [...told, ...slots.map(take)];

  function take(slot: Slot, serial: number): Script {
    const conversation = leastUsed(slot);
    uses.set(conversation, (uses.get(conversation) ?? 0) + 1);
    const length = pick(lengthsFor(conversation, slot), random);
    const lines = conversation.lines.slice(0, length);
    const gaps = lines.map((line, index) => gapOf(line, lines[index - 1], slot.channel, conversation.priority === 'urgent', random));
    // The line that `ago` counts from: the oldest one unanswered, or the last.
    let anchor = length - 1;
    if (slot.state === 'owing') {
      let owes = false;
      for (const [index, line] of lines.entries()) {
        if (!owes && owesAfter(line, owes)) anchor = index;
        owes = owesAfter(line, owes);
      }
    }
    const ago = byDay(slot.ago, now);
    const after = gaps.slice(anchor + 1).reduce((sum, gap) => sum + gap, 0);
    const squeeze = Math.min(1, (ago * 0.8) / Math.max(0.001, after));
    const startedAgo = ago + gaps.slice(0, anchor + 1).reduce((sum, gap) => sum + gap, 0);
    const until = slot.state === 'resolved' ? ago - 3 * day : -Infinity;
    const person = seats.take(slot.channel, startedAgo, until, random);
    const holder =
      slot.state === 'resolved'
        ? pick(conversation.queue === 'complaint' ? (['lan', 'hoa', 'hoa'] as const) : (['lan', 'minh'] as const), random)
        : slot.holder;
    const write = wording(conversation, slot.channel, person, serial, now - startedAgo * minuteMs, holder);
    const { queue, tags, priority, disposition } = conversation;
    return {
      channel: slot.channel,
      queue,
      person,
      startedAgo,
      subject: write.subject,
      turns: lines.map((line, index) =>
        turnOf(line, write.texts[index] ?? '', (gaps[index] ?? 0) * (index > anchor ? squeeze : 1), holder),
      ),
      ...(holder ? { assignee: holder } : {}),
      ...(priority ? { priority } : {}),
      ...(tags ? { tags } : {}),
      ...(slot.state === 'resolved' ? { end: 'resolved' } : {}),
      ...(slot.state === 'resolved' && disposition ? { disposition } : {}),
      ...(slot.state === 'snoozed' ? { end: { snoozeMinutes: slot.minutes } } : {}),
    };
  }

  function leastUsed(slot: Slot): Conversation {
    const fitting = conversations.filter((conversation) => fits(conversation, slot));
    const least = Math.min(...fitting.map((conversation) => uses.get(conversation) ?? 0));
    return pick(
      fitting.filter((conversation) => (uses.get(conversation) ?? 0) === least),
      random,
    );
  }

  /** Words that no other conversation begins with. */
  function wording(
    conversation: Conversation,
    channel: DemoChannel,
    seat: number,
    serial: number,
    at: number,
    holder: Holder,
  ): { subject: string; texts: string[] } {
    const person = personAt(seat);
    const agent = holder ? (accounts[holder].name.split(' ').at(-1) ?? '') : '';
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const draw = numbers(serial * 101 + attempt * 7919);
      const words = wordsOf({ person, kinds: conversation.about, serial, at, agent, random: draw });
      const subject = capital(fill(conversation.subject, words, draw));
      const texts = conversation.lines.map((line) => {
        const text = fill(line.text, words, draw);
        return line.by === 'customer' ? typed(text, person, channel, draw) : sentences(text);
      });
      if (opened.has(texts[0] ?? '')) continue;
      opened.add(texts[0] ?? '');
      return { subject, texts };
    }
    throw new Error(`demo: no fresh words left for ${conversation.subject}`);
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function turnOf(line: Line, text: string, after: number, holder: AgentKey | null): Turn {
  if (line.by === 'customer') return { after, by: 'customer', text };
  if (line.by === 'call' && isMissed(line)) return { after, by: 'switchboard', call: line.call, text };
  if (holder === null) throw new Error('demo: nobody is there to answer');
  if (line.by === 'call') return { after, by: holder, call: line.call, text };
  return line.by === 'note' ? { after, by: holder, text, note: true } : { after, by: holder, text };
}

/** Who comes when: at most seven tickets each, and never two at once on a channel that would join them into one. */
class Seating {
  readonly #load = new Map<number, number>();
  readonly #taken = new Map<string, { from: number; to: number }[]>();

  constructor(told: Script[]) {
    for (const { person } of told) this.#load.set(person, (this.#load.get(person) ?? 0) + 1);
  }

  /** From and to in minutes before now; a later moment is a smaller number. */
  take(channel: DemoChannel, from: number, to: number, random: () => number): number {
    const first = Math.floor(random() * people.length);
    for (let step = 0; step < people.length; step += 1) {
      const seat = (first + step) % people.length;
      const key = `${channel}:${seat}`;
      const taken = this.#taken.get(key) ?? [];
      const load = this.#load.get(seat) ?? 0;
      if (load >= 7 || (channel !== cti && taken.some((other) => other.from >= to && from >= other.to))) continue;
      this.#taken.set(key, [...taken, { from, to }]);
      this.#load.set(seat, load + 1);
      return seat;
    }
    throw new Error(`demo: nobody is free on ${channel}`);
  }
}
