/** The demo's conversations, and their replay through the real mutations. */
import { describe, expect, test } from 'vitest';
import { entities } from '../../../src/shared/domain.ts';
import { normalisePhone } from '../../../src/shared/phone.ts';
import { roundTheClock } from '../../../src/shared/calendar.ts';
import { slaAt } from '../../../src/shared/sla.ts';
import { accounts } from './accounts.ts';
import { articles } from './articles.ts';
import { people } from './people.ts';
import { replay } from './replay.ts';
import { conversations, scripts } from './schedule.ts';
import { buildShop } from './shop.ts';

const hour = 3_600_000;
const now = Date.UTC(2024, 10, 20, 3, 30);
const all = scripts(now);

function count<T>(values: T[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}

describe('the people', () => {
  test('are sixty, each with a mobile number and an address of their own', () => {
    expect(people).toHaveLength(60);
    expect(new Set(people.map(({ name }) => name)).size).toBe(60);
    expect(new Set(people.map(({ email }) => email)).size).toBe(60);
    expect(new Set(people.map(({ phone }) => phone)).size).toBe(60);
    for (const { phone, email } of people) {
      expect(phone).toMatch(/^\+84[35789]\d{8}$/);
      expect(normalisePhone(phone)).toBe(phone);
      expect(email).toMatch(/^[a-z0-9.]+@example\.com$/);
    }
  });
});

test('the articles are of every kind, each with a title of its own and several paragraphs', () => {
  const rows = articles(now);
  expect(new Set(rows.map(({ title }) => title)).size).toBe(rows.length);
  expect(Object.keys(count(rows.map(({ kind }) => kind))).toSorted()).toEqual(['article', 'policy', 'script']);
  for (const row of rows) {
    expect(entities.article.schema.safeParse(row).error).toBeUndefined();
    expect(row.body.split('\n\n').length).toBeGreaterThanOrEqual(3);
    expect(row.body).toBe(row.body.normalize('NFC'));
  }
});

describe('the conversations', () => {
  test('are three hundred, from at least sixty different ones, over four channels and every queue', () => {
    expect(all).toHaveLength(300);
    expect(conversations.length).toBeGreaterThanOrEqual(60);
    const channels = count(all.map(({ channel }) => channel));
    for (const channel of ['demo-widget', 'demo-mail', 'demo-zalo', 'demo-cti']) expect(channels[channel]).toBeGreaterThan(50);
    const queues = count(all.map(({ queue }) => queue));
    for (const queue of ['sales', 'complaint', 'warranty']) expect(queues[queue]).toBeGreaterThan(60);
  });

  test('begin each in its own words, and leave no word unfilled', () => {
    expect(new Set(all.map(({ turns }) => turns[0]?.text)).size).toBe(300);
    for (const { subject, turns } of all)
      for (const text of [subject, ...turns.map((turn) => turn.text)]) expect(text).not.toMatch(/[{}|]|undefined/);
  });

  test('are the same at the same moment', () => {
    expect(scripts(now)).toEqual(all);
  });

  test('are held by people who serve their queue', () => {
    for (const { assignee, queue, turns } of all) {
      for (const key of [assignee, ...turns.map(({ by }) => by)]) {
        if (key && key !== 'customer' && key !== 'switchboard') expect(accounts[key].queues).toContain(queue);
      }
    }
  });

  test('give one customer eight over several channels, and nobody else as many', () => {
    const perPerson = count(all.map(({ person }) => person));
    expect(perPerson['0']).toBe(8);
    expect(new Set(all.filter(({ person }) => person === 0).map(({ channel }) => channel)).size).toBe(4);
    expect(Object.keys(perPerson)).toHaveLength(60);
    expect(Object.entries(perPerson).filter(([person, tickets]) => person !== '0' && tickets > 7)).toEqual([]);
  });

  test('are now and then long', () => {
    expect(all.filter(({ turns }) => turns.length >= 10).length).toBeGreaterThanOrEqual(4);
    expect(all.filter(({ turns }) => turns.some(({ text }) => text.length > 1500)).length).toBeGreaterThanOrEqual(3);
  });
});

// By day, late in the evening, at night, on a Sunday.
describe.each([now, now + 13 * hour, now + 17.4 * hour, now + 101 * hour])('replayed at %d', (at) => {
  const shop = buildShop();
  const world = replay(shop, people, scripts(at), at, 1001);
  const tickets = world.rows('ticket');
  const live = tickets.filter(({ status, snoozedUntil }) => snoozedUntil === null && status !== 'resolved' && status !== 'closed');

  test('has the tickets it should, numbered in the order in which they came in', () => {
    expect(tickets.map(({ number }) => number)).toEqual(tickets.map((_, index) => 1001 + index));
    expect(tickets.map(({ createdAt }) => createdAt)).toEqual(tickets.map(({ createdAt }) => createdAt).toSorted((a, b) => a - b));
    expect(tickets.filter(({ snoozedUntil }) => snoozedUntil !== null && snoozedUntil > at)).toHaveLength(12);
    expect(tickets.filter(({ status }) => status === 'resolved')).toHaveLength(30);
    expect(tickets.filter(({ status }) => status === 'closed')).toHaveLength(145);
    expect(live).toHaveLength(113);
  });

  test('shares the open ones out', () => {
    const names = new Map(Object.entries(shop.agents).map(([key, { id }]) => [id, key]));
    const holders = count(live.map(({ assigneeId }) => (assigneeId ? names.get(assigneeId) : 'nobody')));
    expect(holders).toEqual({ lan: 35, minh: 25, hoa: 15, nobody: 38 });
  });

  test('shows clocks in every state', () => {
    const owed = live.filter(({ unansweredSince }) => unansweredSince !== null);
    expect(owed).toHaveLength(60);
    const steps = count(owed.map((ticket) => slaAt(ticket, at, roundTheClock).step));
    expect(steps).toEqual({ overdue: 8, warning: 4, danger: 2, calm: 46 });
    expect(owed.every((ticket) => (slaAt(ticket, at, roundTheClock).step === 'overdue') === (ticket.slaState === 'breached'))).toBe(true);
    for (const ticket of live.filter(({ unansweredSince }) => unansweredSince === null))
      expect(['met', 'none']).toContain(slaAt(ticket, at, roundTheClock).step);
  });

  test('records what became of every complaint', () => {
    const settled = tickets.filter(({ queueId, resolvedAt }) => queueId === shop.queues.complaint.id && resolvedAt !== null);
    expect(settled.length).toBeGreaterThan(30);
    for (const { disposition } of settled) expect(disposition).toBeTruthy();
  });

  test('writes rows that the hub can keep', () => {
    for (const entity of ['customer', 'identity', 'ticket', 'message', 'slaClock'] as const) {
      for (const row of world.rows(entity)) expect(entities[entity].schema.safeParse(row).error).toBeUndefined();
    }
  });

  test('puts nothing into the future', () => {
    for (const { authoredAt } of world.rows('message')) expect(authoredAt).toBeLessThanOrEqual(at);
  });
});
