import { describe, expect, test } from 'vitest';
import { slaAt, targetMs } from './sla.ts';

const minute = 60_000;
const ticket = (startedAt: number, target: number, state: 'running' | 'breached' = 'running') => ({
  slaKind: 'frt' as const,
  slaState: state,
  slaStartedAt: startedAt,
  slaDueAt: startedAt + target,
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
    expect(slaAt(ticket(1000, target * minute), 1000 + after * minute).step).toBe(step);
  });

  test('overdue counts up, and never ends by itself', () => {
    const late = slaAt(ticket(0, 5 * minute, 'breached'), 7 * minute);
    expect(late).toMatchObject({ step: 'overdue', leftMs: -2 * minute, fraction: 0 });
  });

  test('no clock, met, paused', () => {
    expect(slaAt({ slaKind: null, slaState: null, slaStartedAt: null, slaDueAt: null }, 0).step).toBe('none');
    expect(slaAt({ slaKind: 'frt', slaState: 'met', slaStartedAt: 0, slaDueAt: null }, 0).step).toBe('met');
    expect(slaAt({ slaKind: 'frt', slaState: 'paused', slaStartedAt: 0, slaDueAt: null }, 0).step).toBe('paused');
  });
});
