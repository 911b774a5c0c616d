/** How the figures of a wallboard are read, in the console's window and on a television. Without schemas: a television loads it. */
import type { WallboardQueue } from './wallboard.ts';

/** The share of answers in time, 0 to 100; null: none yet. */
function serviceLevel({ answered, inTime }: { answered: number; inTime: number }): number | null {
  return answered === 0 ? null : Math.round((inTime / answered) * 100);
}

/** All queues as one. */
export function wallboardSum(queues: readonly Omit<WallboardQueue, 'id' | 'name'>[]): Omit<WallboardQueue, 'id' | 'name'> {
  const sum = { waiting: 0, longestSince: null as number | null, inHand: 0, dueSoon: 0, breached: 0, answered: 0, inTime: 0 };
  for (const queue of queues) {
    for (const key of ['waiting', 'inHand', 'dueSoon', 'breached', 'answered', 'inTime'] as const) sum[key] += queue[key];
    if (queue.longestSince !== null) sum.longestSince = Math.min(sum.longestSince ?? queue.longestSince, queue.longestSince);
  }
  return sum;
}

/** how many queues a wallboard shows at once; of more it turns the pages */
const pageOf = 9;
const pageMs = 10_000;

/** The queues to show at a moment, ms, and which page of how many that is. */
export function wallboardPage<Q>(queues: readonly Q[], now: number): { shown: readonly Q[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(queues.length / pageOf));
  const page = Math.floor(now / pageMs) % pages;
  return { shown: queues.slice(page * pageOf, (page + 1) * pageOf), page: page + 1, pages };
}

/** A wait as it is read from afar: 0:42, 7:05, 2 h 05. */
export function wallboardWait(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)}`;
}

type Tone = 'plain' | 'good' | 'warning' | 'danger';

export const wallboardFigures = ['waiting', 'longest', 'dueSoon', 'breached', 'level'] as const;
export type WallboardFigure = (typeof wallboardFigures)[number];

/** A figure as it is shown, and how it stands. A level under `lowLevel` is a warning. */
export function wallboardCell(of: Omit<WallboardQueue, 'id' | 'name'>, figure: WallboardFigure, now: number): { text: string; tone: Tone } {
  switch (figure) {
    case 'waiting':
      return { text: String(of.waiting), tone: 'plain' };
    case 'longest':
      return { text: of.longestSince === null ? '–' : wallboardWait(now - of.longestSince), tone: 'plain' };
    case 'dueSoon':
      return { text: String(of.dueSoon), tone: of.dueSoon > 0 ? 'warning' : 'plain' };
    case 'breached':
      return { text: String(of.breached), tone: of.breached > 0 ? 'danger' : 'plain' };
    case 'level': {
      const level = serviceLevel(of);
      return { text: level === null ? '–' : `${level}%`, tone: level === null ? 'plain' : level < lowLevel ? 'warning' : 'good' };
    }
  }
}

/** 80 of 100 in time is what most centres promise */
const lowLevel = 80;
