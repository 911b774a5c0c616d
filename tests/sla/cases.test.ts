/** The worked cases, through the very mutations that the hub runs. */
import { expect, test } from 'vitest';
import type { ClockKind } from '../../src/shared/domain.ts';
import { businessTime, consumedAt } from '../../src/shared/sla.ts';
import { type Case, cases } from './cases.ts';
import { calendarCases } from './cases-calendar.ts';
import { minute, moment, span, World } from './world.ts';

const all = [...calendarCases, ...cases];

/** The moment of "09:00", "24 09:00" or "2026-12-01 09:00", seconds allowed. */
function at(text: string, one: Case): number {
  const base = one.day ?? '2026-11-23';
  const [first = '', second] = text.split(' ');
  const date = second === undefined ? base : first.length === 2 ? `${base.slice(0, 8)}${first}` : first;
  const [h = '', m = '', s = '0'] = (second ?? first).split(':');
  return moment(`${date} ${h}:${m}`, one.offset) + Number(s) * 1000;
}

test('there are sixty of them at least', () => expect(all.length).toBeGreaterThanOrEqual(60));

test.each(all.map((one) => [one.name, one] as const))('%s', (_name, one) => {
  const world = new World(one.terms);
  for (const line of one.life) {
    const [, when = '', what = ''] = /^(.*\d) (\S+)$/.exec(line) ?? [];
    world.until(at(when, one));
    world.act(what);
  }
  const kinds = Object.keys(one.ends) as ClockKind[];
  const found = kinds.map((kind) => [kind, ...shown(world, kind)]);
  expect(found).toEqual(kinds.map((kind) => [kind, ...told(one.ends[kind] ?? '', one)]));
});

/** A clock as the cases tell of it: its state, and the moment or the span that goes with it. */
function shown(world: World, kind: ClockKind): [state: string, of: string] {
  const clock = world.clock(kind);
  if (!clock) return ['none', ''];
  const date = (moment: number | null) => (moment === null ? 'never' : new Date(moment).toISOString());
  if (clock.state === 'running') return ['due', date(clock.dueAt)];
  if (clock.state === 'breached') return ['breached', date(clock.breachedAt)];
  if (clock.state !== 'paused' || clock.dueAt !== null) return [clock.state, ''];
  const time = businessTime(clock.calendarId === null ? undefined : world.get('calendar', clock.calendarId));
  return ['paused', `${consumedAt(clock, time, world.now) / minute} min`];
}

function told(text: string, one: Case): [state: string, of: string] {
  const [state = '', ...rest] = text.split(' ');
  const of = rest.join(' ');
  if (state === 'due' || state === 'breached') return [state, new Date(at(of, one)).toISOString()];
  return [state, state === 'paused' ? `${span(of) / minute} min` : ''];
}
