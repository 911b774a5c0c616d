/**
 * A line to the hub that misbehaves on demand: it drops, delays, stalls and half-closes connections, cuts frames short,
 * loses answers and repeats or damages bytes. It never changes the meaning of a frame: without TLS nobody could notice.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export const lineFaults = [
  /** both ends are reset */
  'drop',
  /** the console is told the end, the hub is not */
  'finToConsole',
  /** the hub is told the end, the console is not */
  'finToHub',
  'delay',
  'stall',
  /** the next bytes arrive in part, then nothing */
  'cutToHub',
  'cutToConsole',
  /** what the console says next reaches the hub, the answer does not reach the console: it says it again */
  'loseAnswer',
  /** the next frame arrives twice */
  'repeat',
  /** the next frame has a broken head */
  'damage',
  /** nothing gets through, and nobody can connect */
  'partition',
] as const;
export type LineFault = (typeof lineFaults)[number];

type Way = 'toHub' | 'toConsole';

/** Bytes of a chunk from the console that are worth aiming at: more than a ping or an acknowledgement. */
const worthwhile = 150;

export class FaultyLine {
  /** how often each fault has come to pass */
  readonly happened: Record<string, number> = {};
  readonly #target: URL;
  readonly #server: Server;
  readonly #open = new Set<Connection>();
  readonly #sockets = new Set<Socket>();
  readonly #watching = new Set<() => void>();
  readonly #armed: Record<Way, LineFault[]> = { toHub: [], toConsole: [] };
  #partitioned = false;
  #delayMs = 0;
  #stalled: Promise<void> | null = null;
  #resume: (() => void) | null = null;

  private constructor(hubUrl: string) {
    this.#target = new URL(hubUrl);
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#accept(near));
  }

  static async to(hubUrl: string): Promise<FaultyLine> {
    const line = new FaultyLine(hubUrl);
    await new Promise<void>((resolve, reject) => line.#server.once('error', reject).listen(0, '127.0.0.1', resolve));
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Brings a fault about; those that last end after `ms`. */
  fault(kind: LineFault, ms: number): void {
    switch (kind) {
      case 'partition':
        this.#partitioned = true;
        for (const connection of this.#open) connection.destroy();
        setTimeout(() => (this.#partitioned = false), ms);
        return this.noted(kind);
      case 'delay':
        this.#delayMs = Math.min(400, ms / 8);
        setTimeout(() => (this.#delayMs = 0), ms);
        return this.noted(kind);
      case 'stall': {
        if (this.#stalled) return;
        const stalled = new Promise<void>((resolve) => (this.#resume = resolve));
        this.#stalled = stalled;
        setTimeout(() => {
          if (this.#stalled === stalled) this.#endStall();
        }, ms);
        return this.noted(kind);
      }
      case 'drop':
      case 'finToConsole':
      case 'finToHub':
        for (const connection of this.#open) connection.fault(kind, ms);
        return;
      default:
        // These wait for something worth spoiling, over as many connections as it takes.
        this.#armed[kind === 'cutToConsole' || (kind === 'damage' && ms % 2 === 0) ? 'toConsole' : 'toHub'].push(kind);
    }
  }

  /** The fault that this chunk meets, if one waits that suits it. */
  meets(way: Way, chunk: Buffer): LineFault | null {
    const fault = this.#armed[way][0];
    if (fault === undefined || chunk.length < worthwhile) return null;
    if ((fault === 'repeat' || fault === 'damage') && !isOneFrame(chunk)) return null;
    this.#armed[way].shift();
    this.noted(fault);
    return fault;
  }

  /** From now on the line is good; connections that a fault has spoilt are closed. */
  heal(): void {
    this.#partitioned = false;
    this.#delayMs = 0;
    this.#endStall();
    this.#armed.toHub.length = 0;
    this.#armed.toConsole.length = 0;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Resolves when the console next sends something that matters, or after `ms`. */
  busy(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#watching.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#watching.add(done);
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.heal();
    await closed;
  }

  noted(kind: LineFault): void {
    this.happened[kind] = (this.happened[kind] ?? 0) + 1;
  }

  /** What every chunk waits for. */
  async gate(): Promise<void> {
    while (this.#stalled) await this.#stalled;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#delayMs === 0) return;
    setTimeout(resolve, this.#delayMs);
    return promise;
  }

  heard(way: Way, chunk: Buffer): void {
    if (way === 'toHub' && chunk.length >= worthwhile) for (const tell of this.#watching) tell();
  }

  #endStall(): void {
    this.#resume?.();
    this.#stalled = null;
    this.#resume = null;
  }

  #accept(near: Socket): void {
    if (this.#partitioned) {
      near.on('error', () => undefined);
      near.destroy();
      return;
    }
    const far = connect({ port: Number(this.#target.port), host: this.#target.hostname, allowHalfOpen: true });
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    const connection = new Connection(this, near, far, () => this.#open.delete(connection));
    this.#open.add(connection);
  }
}

class Connection {
  readonly #line: FaultyLine;
  readonly #sockets: Record<Way, Socket>;
  /** the end of everything that was read so far and is still to be written, by the way it goes */
  readonly #tail: Record<Way, Promise<void>> = { toHub: Promise.resolve(), toConsole: Promise.resolve() };
  #deaf: Way | null = null;

  constructor(line: FaultyLine, near: Socket, far: Socket, gone: () => void) {
    this.#line = line;
    this.#sockets = { toHub: far, toConsole: near };
    const carry = (from: Socket, way: Way) => {
      from.on('data', (chunk: Buffer) => this.#carry(way, chunk));
      from.on('end', () => this.#after(way, () => this.#sockets[way].end()));
      from.on('error', () => undefined);
      from.on('close', () => {
        gone();
        this.#after(way, () => this.destroy());
      });
    };
    carry(near, 'toHub');
    carry(far, 'toConsole');
  }

  fault(kind: 'drop' | 'finToConsole' | 'finToHub', ms: number): void {
    this.#line.noted(kind);
    if (kind === 'drop') {
      for (const socket of Object.values(this.#sockets)) socket.resetAndDestroy();
      return;
    }
    // One side learns of the end; the other hears nothing more until the line is given up.
    this.#sockets[kind === 'finToHub' ? 'toHub' : 'toConsole'].end();
    this.#deaf = kind === 'finToHub' ? 'toConsole' : 'toHub';
    setTimeout(() => this.destroy(), ms);
  }

  destroy(): void {
    for (const socket of Object.values(this.#sockets)) socket.destroy();
  }

  #carry(way: Way, chunk: Buffer): void {
    this.#line.heard(way, chunk);
    if (this.#deaf === way) return;
    const fault = this.#line.meets(way, chunk);
    if (fault === null) this.#write(way, chunk);
    else if (fault === 'damage') {
      chunk[0] = 0xff;
      this.#write(way, chunk);
    } else if (fault === 'repeat') {
      this.#write(way, chunk);
      this.#write(way, chunk);
    } else if (fault === 'loseAnswer') {
      this.#deaf = 'toConsole';
      this.#write(way, chunk);
      setTimeout(() => this.destroy(), 60);
    } else {
      this.#write(way, chunk.subarray(0, Math.floor(chunk.length / 2)));
      this.#after(way, () => setTimeout(() => this.destroy(), 5));
    }
  }

  #write(way: Way, chunk: Buffer): void {
    this.#after(way, () => {
      if (this.#sockets[way].writable) this.#sockets[way].write(chunk);
    });
  }

  #after(way: Way, act: () => void): void {
    this.#tail[way] = this.#tail[way].then(() => this.#line.gate()).then(act);
  }
}

/** Whether the chunk is exactly one WebSocket frame (RFC 6455, 5.2), so that what is done to its head is done to a head. */
function isOneFrame(chunk: Buffer): boolean {
  if (((chunk[0] ?? 0) & 0x8f) !== 0x81) return false;
  const second = chunk[1] ?? 0;
  const mask = (second & 0x80) === 0 ? 0 : 4;
  const short = second & 0x7f;
  if (short < 126) return chunk.length === 2 + mask + short;
  if (short === 126) return chunk.length === 4 + mask + chunk.readUInt16BE(2);
  return chunk.length === 10 + mask + Number(chunk.readBigUInt64BE(2));
}
