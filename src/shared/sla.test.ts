import { describe, expect, test } from 'vitest';
import { roundTheClock } from './calendar.ts';
import { mayGoElsewhere, noClock, slaAt, targetMs } from './sla.ts';

const minute = 60_000;
const ticket = (startedAt: number, target: number, state: 'running' | 'breached' = 'running') => ({
  slaKind: 'frt' as const,
  slaState: state,
  slaStartedAt: startedAt,
  slaDueAt: startedAt + target,
  slaTargetMs: target,
  slaConsumedMs: 0,
  slaRunningSince: startedAt,
  slaCalendarId: null,
});

test('targets: chat and social 5 min, mail 4 h, urgent 15 min', () => {
  expect(targetMs('chat', 'normal')).toBe(5 * minute);
  expect(targetMs('zalo', 'low')).toBe(5 * minute);
  expect(targetMs('email', 'normal')).toBe(240 * minute);
  expect(targetMs('email', 'urgent')).toBe(15 * minute);
});

describe('steps', () => {
  test.each([
    ['at the start', 5, 0, 'calm'],
    ['before half of a short target', 5, 2.4, 'calm'],
    ['from half of a short target', 5, 2.5, 'warning'],
    ['in the last tenth', 5, 4.5, 'danger'],
    ['when it is due', 5, 5, 'overdue'],
    ['later', 5, 9, 'overdue'],
    ['before three quarters of a long target', 240, 179, 'calm'],
    ['from three quarters of a long target', 240, 180, 'warning'],
    ['15 minutes before the end of a target of 40', 40, 25, 'warning'],
    ['before that', 40, 24, 'calm'],
  ])('%s', (_when, target, after, step) => {
    expect(slaAt(ticket(1000, target * minute), 1000 + after * minute, roundTheClock).step).toBe(step);
  });

  test('overdue counts up, and never ends by itself', () => {
    const late = slaAt(ticket(0, 5 * minute, 'breached'), 7 * minute, roundTheClock);
    expect(late).toMatchObject({ step: 'overdue', leftMs: -2 * minute, fraction: 0 });
  });

  test('no clock, met, paused', () => {
    expect(slaAt(noClock, 0, roundTheClock).step).toBe('none');
    expect(slaAt({ ...noClock, slaKind: 'frt', slaState: 'met' }, 0, roundTheClock).step).toBe('met');
    const paused = { ...noClock, slaKind: 'rt' as const, slaState: 'paused' as const, slaTargetMs: 10 * minute, slaConsumedMs: 4 * minute };
    expect(slaAt(paused, 0, roundTheClock)).toMatchObject({ step: 'paused', leftMs: 6 * minute });
  });
});

test('an hour without an answer, and a customer of a chat or a social network may go elsewhere; one who writes mails waits', () => {
  const hour = 3_600_000;
  expect(mayGoElsewhere({ channel: 'chat', unansweredSince: 0 }, hour)).toBe(true);
  expect(mayGoElsewhere({ channel: 'zalo', unansweredSince: 0 }, hour - 1)).toBe(false);
  expect(mayGoElsewhere({ channel: 'messenger', unansweredSince: null }, 9 * hour)).toBe(false);
  for (const channel of ['email', 'phone'] as const) expect(mayGoElsewhere({ channel, unansweredSince: 0 }, 9 * hour)).toBe(false);
});
