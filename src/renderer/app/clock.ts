/** The one clock: the hub's time as this workstation knows it, and the one tick that moves every countdown. */
import { useSyncExternalStore } from 'react';
import { create } from 'zustand';
import { watch, peek, keyOf, valueOf } from './engine.ts';
import type { Status } from '../../shared/bridge.ts';
import { type BusinessTime, roundTheClock } from '../../shared/calendar.ts';
import { businessTime } from '../../shared/sla.ts';

let offset = 0;
let timer: ReturnType<typeof setTimeout> | null = null;
const listeners = new Set<() => void>();

export const useClock = create<{ confirmed: boolean }>(() => ({ confirmed: false }));

export function hubNow(): number {
  return Date.now() + offset;
}

/** Follows the engine's measure of the hub's clock. Called once, at start. */
export function startClock(): void {
  watch('status', null, () => {
    const status = peek(keyOf('status', null))?.value as Status | undefined;
    if (!status) return;
    const changed = offset !== status.clockOffset;
    offset = status.clockOffset;
    if (useClock.getState().confirmed !== status.clockConfirmed) useClock.setState({ confirmed: status.clockConfirmed });
    if (changed) tick();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) stop();
    else tick();
  });
}

function stop(): void {
  if (timer !== null) clearTimeout(timer);
  timer = null;
}

/** Wakes at each full second of the hub's clock, so that all countdowns move together. */
function tick(): void {
  stop();
  if (document.hidden || listeners.size === 0) return;
  for (const listener of listeners) listener();
  timer = setTimeout(tick, 1000 - (hubNow() % 1000) + 2);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === null && !document.hidden) timer = setTimeout(tick, 1000 - (hubNow() % 1000) + 2);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) stop();
  };
}

/** What `read` makes of the time, looked at once a second; the component draws only when the answer differs. */
export function useTick<T extends string | number | boolean | null>(read: (now: number) => T): T {
  return useSyncExternalStore(subscribe, () => read(hubNow()));
}

/** The business time of a calendar as this workstation knows it; around the clock for null, or one that is not here. */
export function businessTimeOf(calendarId: string | null): BusinessTime {
  if (calendarId === null) return roundTheClock;
  return businessTime(valueOf('reference', null)?.calendars.find(({ id }) => id === calendarId));
}

/** The time, in steps of a minute: for words such as "5 minutes ago". */
export function useMinute(): number {
  return useTick((now) => Math.floor(now / 60_000)) * 60_000;
}
