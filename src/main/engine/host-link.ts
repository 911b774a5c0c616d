/**
 * The engine's end of its link to the main process. The engine is a utility process of Electron, or a child on plain
 * Node; nothing else in the engine knows which.
 */
import { type FromEngine, toEngine, type ToEngine } from '../../shared/host.ts';
import { closeInheritedSockets } from './inherited.ts';

/** One window's channel: JSON strings, in order. */
export interface EnginePort {
  send(json: string): void;
  onMessage(fn: (json: string) => void): void;
  onClose(fn: () => void): void;
}

export interface HostLink {
  send(message: FromEngine): void;
  /** messages that came before are kept for the first listener */
  onMessage(fn: (message: ToEngine) => void): void;
  onPort(fn: (port: EnginePort) => void): void;
}

/** What the engine sees of Electron's MessagePortMain and `process.parentPort`, typed here: it never imports Electron. */
interface ElectronPort {
  postMessage(message: unknown): void;
  on(event: 'message', fn: (event: { data: unknown; ports: ElectronPort[] }) => void): unknown;
  on(event: 'close', fn: () => void): unknown;
  start?(): void;
}

/** When main is gone and the engine has not stopped by then, it is ended. */
const graceMs = 3000;

/** Keeps what comes before somebody listens. */
class Mailbox<T> {
  #listener: ((value: T) => void) | null = null;
  #kept: T[] = [];
  put(value: T): void {
    if (this.#listener) this.#listener(value);
    else this.#kept.push(value);
  }
  listen(fn: (value: T) => void): void {
    this.#listener = fn;
    for (const value of this.#kept.splice(0)) fn(value);
  }
}

export function connectHost(): HostLink {
  const parentPort = (process as unknown as { parentPort?: ElectronPort }).parentPort;
  if (parentPort) return connectUtility(parentPort);
  if (process.send) {
    closeInheritedSockets();
    return connectChild(process.send.bind(process));
  }
  throw new Error('The engine is started by the console: run npm start, not this file.');
}

function connectUtility(parentPort: ElectronPort): HostLink {
  const messages = new Mailbox<ToEngine>();
  const ports = new Mailbox<EnginePort>();
  parentPort.on('message', ({ data, ports: transferred }) => {
    const message = toEngine.parse(data);
    const port = transferred[0];
    if (message.type === 'port.open' && port) ports.put(wrap(port));
    else messages.put(message);
  });
  return {
    send: (message) => parentPort.postMessage(message),
    onMessage: (fn) => messages.listen(fn),
    onPort: (fn) => ports.listen(fn),
  };
}

function wrap(port: ElectronPort): EnginePort {
  const messages = new Mailbox<string>();
  const closings = new Mailbox<null>();
  port.on('message', ({ data }) => {
    if (typeof data === 'string') messages.put(data);
  });
  port.on('close', () => closings.put(null));
  port.start?.();
  return {
    send: (json) => port.postMessage(json),
    onMessage: (fn) => messages.listen(fn),
    onClose: (fn) => closings.listen(() => fn()),
  };
}

function connectChild(send: (message: FromEngine) => void): HostLink {
  const messages = new Mailbox<ToEngine>();
  const ports = new Mailbox<EnginePort>();
  const open = new Map<number, { messages: Mailbox<string>; closings: Mailbox<null> }>();
  const post = (message: FromEngine): void => {
    if (process.connected) send(message);
  };
  process.on('message', (data) => {
    const message = toEngine.parse(data);
    if (message.type === 'port.open') {
      const port = message.port;
      const box = { messages: new Mailbox<string>(), closings: new Mailbox<null>() };
      open.set(port, box);
      ports.put({
        send: (json) => {
          if (open.has(port)) post({ type: 'port.data', port, json });
        },
        onMessage: (fn) => box.messages.listen(fn),
        onClose: (fn) => box.closings.listen(() => fn()),
      });
    } else if (message.type === 'port.data') {
      open.get(message.port)?.messages.put(message.json);
    } else if (message.type === 'port.close') {
      const box = open.get(message.port);
      open.delete(message.port);
      box?.closings.put(null);
    } else {
      messages.put(message);
    }
  });
  // Main vanished without a word (crashed, killed): stop as if told to, then leave in any case.
  process.on('disconnect', () => {
    setTimeout(() => process.exit(1), graceMs).unref();
    messages.put({ type: 'stop' });
  });
  return {
    send: post,
    onMessage: (fn) => messages.listen(fn),
    onPort: (fn) => ports.listen(fn),
  };
}
