import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MessagePortMain } from 'electron';
import type { FromEngine, ToEngine } from '../shared/host.ts';
import type { EngineListener, StartEngine } from './engine-host.ts';
import { EngineRunner, restartWait } from './engine-runner.ts';
import type { Secrets } from './secrets.ts';

/** An engine under the test's hand; the real ones are held to their contract in tests/e2e/engine-host.spec.ts. */
class Bench {
  readonly started: { listener: EngineListener; posted: ToEngine[]; ports: unknown[]; killed: boolean }[] = [];
  readonly start: StartEngine = (_entry, listener) => {
    const one = { listener, posted: [] as ToEngine[], ports: [] as unknown[], killed: false };
    this.started.push(one);
    return {
      pid: this.started.length,
      post: (message) => one.posted.push(message),
      openPort: (port) => one.ports.push(port),
      kill: () => {
        one.killed = true;
        listener.onExit(null);
      },
    };
  };
  get last() {
    return this.started.at(-1)!;
  }
}

const begin = { type: 'start', profileDir: '/p', hubUrl: 'http://h', appVersion: '1', demoUser: null } as const;
const logged: string[] = [];
const secrets: Secrets = {
  get: async (name) => (name === 'databaseKey' ? 'top-secret' : null),
  set: async () => {
    throw new Error('no key store');
  },
  delete: async () => undefined,
};
let lost = 0;

function runner(bench: Bench): EngineRunner {
  return new EngineRunner({
    start: bench.start,
    entry: '/e',
    begin,
    secrets,
    log: { write: (_level, text) => logged.push(text) },
    onLost: () => (lost += 1),
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  lost = 0;
  logged.length = 0;
});
afterEach(() => vi.useRealTimers());

test('a dead engine is started again, later each time, and told everything anew', async () => {
  const bench = new Bench();
  runner(bench).start();
  for (const [index, wait] of [250, 500, 1000, 2000].entries()) {
    bench.last.listener.onExit(1);
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(bench.started).toHaveLength(index + 1);
    await vi.advanceTimersByTimeAsync(1);
    expect(bench.started).toHaveLength(index + 2);
    expect(bench.last.posted).toEqual([begin]);
  }
  expect(lost).toBe(4);
  await vi.advanceTimersByTimeAsync(60_000);
  bench.last.listener.onExit(1);
  await vi.advanceTimersByTimeAsync(250);
  expect(bench.started).toHaveLength(6);
  expect(restartWait(50)).toBe(10_000);
});

test('a port that is asked for in between waits for the next engine', async () => {
  const bench = new Bench();
  const engine = runner(bench);
  engine.start();
  bench.last.listener.onExit(1);
  const port = {} as MessagePortMain;
  engine.openPort(port);
  await vi.advanceTimersByTimeAsync(250);
  expect(bench.started).toHaveLength(2);
  expect(bench.last.ports).toEqual([port]);
});

test('secrets are answered, faults too, and neither is logged', async () => {
  const bench = new Bench();
  runner(bench).start();
  const ask = (message: FromEngine) => bench.last.listener.onMessage(message);
  ask({ type: 'secret.get', request: 1, name: 'databaseKey' });
  ask({ type: 'secret.get', request: 2, name: 'refreshToken' });
  ask({ type: 'secret.set', request: 3, name: 'refreshToken', value: 'hidden-value' });
  ask({ type: 'secret.delete', request: 4, name: 'refreshToken' });
  await vi.advanceTimersByTimeAsync(0);
  expect(new Set(bench.last.posted.slice(1))).toEqual(
    new Set([
      { type: 'secret.answer', request: 1, value: 'top-secret', error: null },
      { type: 'secret.answer', request: 2, value: null, error: null },
      { type: 'secret.answer', request: 3, value: null, error: 'no key store' },
      { type: 'secret.answer', request: 4, value: null, error: null },
    ]),
  );
  expect(logged.join()).not.toMatch(/top-secret|hidden-value/);
});

test('stops in good order, and is ended when it does not', async () => {
  const bench = new Bench();
  const engine = runner(bench);
  engine.start();
  const stopped = engine.stop();
  expect(bench.last.posted.at(-1)).toEqual({ type: 'stop' });
  bench.last.listener.onExit(0);
  await stopped;

  const deaf = runner(bench);
  deaf.start();
  const ended = deaf.stop();
  await vi.advanceTimersByTimeAsync(5_000);
  await ended;
  expect(bench.last.killed).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(bench.started).toHaveLength(2);
});
