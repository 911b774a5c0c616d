/**
 * The window's end of the port: typed queries, shared subscriptions, commands.
 * When the port closes a fresh one is asked for, every subscription is made again, and calls in flight are refused:
 * a caller can't know whether a command was carried out, so none is repeated here.
 */
import type {
  BridgeError,
  CommandArgs,
  CommandName,
  CommandValues,
  FromWindow,
  InboxWindow,
  QueryArgs,
  QueryName,
  QueryValues,
  ToWindow,
} from '../../shared/bridge.ts';
import { create } from 'zustand';
import type { MutationArgs, MutationName } from '../../shared/mutations/registry.ts';
import { applyWindowPatch } from './patch.ts';
import { shell } from './shell.ts';

export class EngineError extends Error {
  readonly error: BridgeError;
  constructor(error: BridgeError) {
    super(error.code);
    this.error = error;
  }
}

/** A subscription that nobody watches lives on this long, so that going back to a ticket costs nothing. */
const lingerMs = 20_000;
const reopenMs = 500;

interface Call {
  resolve: (value: unknown) => void;
  reject: (error: EngineError) => void;
}

interface Subscription {
  id: number;
  name: QueryName;
  args: unknown;
  value: unknown;
  error: BridgeError | null;
  known: boolean;
  /** the same object until one of its fields changes */
  watched: Watched<unknown>;
  listeners: Set<() => void>;
  linger: ReturnType<typeof setTimeout> | null;
}

export interface Watched<T> {
  value: T | undefined;
  error: BridgeError | null;
}

/** Whether there is a port to the engine at this moment. */
export const useLink = create<{ open: boolean }>(() => ({ open: true }));

export const nothing: Watched<never> = { value: undefined, error: null };

let port: MessagePort | null = null;
let nextId = 1;
const waiting: FromWindow[] = [];
const calls = new Map<number, Call>();
const byKey = new Map<string, Subscription>();
const byId = new Map<number, Subscription>();

export function openEngine(): void {
  shell
    .port()
    .then((fresh) => {
      port = fresh;
      useLink.setState({ open: true });
      fresh.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (typeof event.data === 'string') receive(JSON.parse(event.data) as ToWindow);
      });
      fresh.addEventListener('close', () => lost(fresh));
      fresh.start();
      for (const subscription of byId.values())
        post({ id: subscription.id, do: 'subscribe', name: subscription.name, args: subscription.args });
      for (const request of waiting.splice(0)) post(request);
    })
    .catch(() => setTimeout(openEngine, reopenMs));
}

function lost(closed: MessagePort): void {
  if (port !== closed) return;
  port = null;
  useLink.setState({ open: false });
  for (const call of calls.values()) call.reject(new EngineError({ code: 'INTERNAL' }));
  calls.clear();
  setTimeout(openEngine, reopenMs);
}

function post(request: FromWindow): void {
  if (port) port.postMessage(JSON.stringify(request));
  else if (request.do === 'query' || request.do === 'execute') waiting.push(request);
}

function receive(message: ToWindow): void {
  const call = calls.get(message.id);
  if (call) {
    calls.delete(message.id);
    if ('error' in message) call.reject(new EngineError(message.error));
    else call.resolve('value' in message ? message.value : undefined);
    return;
  }
  const subscription = byId.get(message.id);
  if (!subscription) return;
  if ('error' in message) {
    subscription.error = message.error;
  } else if ('value' in message) {
    subscription.value = message.value;
    subscription.known = true;
    subscription.error = null;
  } else {
    const next = subscription.known ? applyWindowPatch(subscription.value as InboxWindow, message.patch) : null;
    if (next === null) return renew(subscription);
    subscription.value = next;
  }
  subscription.watched = { value: subscription.value, error: subscription.error };
  subscription.listeners.forEach((listener) => listener());
}

/** A patch that doesn't fit: ask for the whole value again. */
function renew(subscription: Subscription): void {
  post({ id: subscription.id, do: 'unsubscribe' });
  byId.delete(subscription.id);
  subscription.id = nextId++;
  byId.set(subscription.id, subscription);
  post({ id: subscription.id, do: 'subscribe', name: subscription.name, args: subscription.args });
}

function ask(kind: 'query' | 'execute', name: string, args: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const id = nextId++;
    calls.set(id, { resolve, reject });
    post({ id, do: kind, name, args });
  });
}

export function query<N extends QueryName>(name: N, args: QueryArgs<N>): Promise<QueryValues[N]> {
  return ask('query', name, args) as Promise<QueryValues[N]>;
}

export function execute<N extends CommandName>(name: N, args: CommandArgs<N>): Promise<CommandValues[N]> {
  return ask('execute', name, args) as Promise<CommandValues[N]>;
}

export function mutate<M extends MutationName>(name: M, args: MutationArgs<M>): Promise<{ mutationId: number }> {
  return ask('execute', 'mutate', { name, args }) as Promise<{ mutationId: number }>;
}

export function keyFor(name: QueryName, json: string): string {
  return `${name} ${json}`;
}

export function keyOf(name: QueryName, args: unknown): string {
  return keyFor(name, JSON.stringify(args));
}

/** One subscription per query and arguments, however many watch it. */
export function watch(name: QueryName, args: unknown, listener: () => void): () => void {
  const key = keyOf(name, args);
  let found = byKey.get(key);
  if (!found) {
    found = { id: nextId++, name, args, value: undefined, error: null, known: false, watched: nothing, listeners: new Set(), linger: null };
    byKey.set(key, found);
    byId.set(found.id, found);
    post({ id: found.id, do: 'subscribe', name, args });
  }
  const subscription = found;
  if (subscription.linger !== null) clearTimeout(subscription.linger);
  subscription.linger = null;
  subscription.listeners.add(listener);
  return () => {
    subscription.listeners.delete(listener);
    if (subscription.listeners.size > 0 || subscription.linger !== null) return;
    subscription.linger = setTimeout(() => {
      byKey.delete(key);
      byId.delete(subscription.id);
      post({ id: subscription.id, do: 'unsubscribe' });
    }, lingerMs);
  };
}

export function peek(key: string): Subscription | undefined {
  return byKey.get(key);
}

/** The value of a query that is being watched right now. */
export function valueOf<N extends QueryName>(name: N, args: QueryArgs<N>): QueryValues[N] | undefined {
  const found = byKey.get(keyOf(name, args));
  return found?.known ? (found.value as QueryValues[N]) : undefined;
}
