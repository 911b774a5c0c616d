/**
 * Where the local data engine runs. Two ways behind one interface; the rest of the code does not know which.
 * - a utility process of Electron: every shipped console
 * - a child on plain Node, unpackaged only: where this Electron is too old for the SQLite addon (Node-API below 10)
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type MessagePortMain, utilityProcess } from 'electron';
import { fromEngine, type FromEngine, type ToEngine } from '../shared/host.ts';

export interface EngineListener {
  onMessage(message: FromEngine): void;
  /** once; null when a signal ended it */
  onExit(code: number | null): void;
  /** what it printed outside the protocol: crashes, warnings of Node */
  onOutput(text: string): void;
}

export interface EngineProcess {
  readonly pid: number | undefined;
  post(message: ToEngine): void;
  /** hands over the engine's end of a window's channel */
  openPort(port: MessagePortMain): void;
  kill(): void;
}

export type StartEngine = (entry: string, listener: EngineListener) => EngineProcess;

/** better-sqlite3 is built against it, and crashes the process on anything older. */
const sqliteNodeApi = 10;

/** @param appDir folder of package.json @throws when this runtime is too old and no Node is beside it */
export function chooseEngineHost(appDir: string, packaged: boolean): StartEngine {
  if (Number(process.versions['napi'] ?? 0) >= sqliteNodeApi) return inUtilityProcess;
  if (packaged)
    throw new Error(
      `This build carries Electron ${process.versions.electron ?? '?'}, which can't open the local database. Package with Electron 35 or later.`,
    );
  const inProject = join(appDir, 'node_modules', '.bin', 'node');
  const node = process.env['TRUC_NODE'] ?? inProject;
  if (!existsSync(node)) throw new Error(`The engine needs Node 24 at ${node}. Run: node scripts/setup.mjs (or set TRUC_NODE)`);
  return inNodeChild(node);
}

function receive(raw: unknown, listener: EngineListener): void {
  const message = fromEngine.safeParse(raw);
  if (message.success) listener.onMessage(message.data);
  else listener.onOutput(`a message that main does not know: ${message.error.issues[0]?.message ?? ''}`);
}

export const inUtilityProcess: StartEngine = (entry, listener) => {
  const child = utilityProcess.fork(entry, [], { serviceName: 'Trực engine', stdio: ['ignore', 'pipe', 'pipe'] });
  let opened = 0;
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => listener.onOutput(chunk.toString()));
  child.on('message', (raw: unknown) => receive(raw, listener));
  child.on('exit', (code) => listener.onExit(code));
  return {
    get pid() {
      return child.pid;
    },
    post: (message) => child.postMessage(message),
    openPort: (port) => child.postMessage({ type: 'port.open', port: (opened += 1) } satisfies ToEngine, [port]),
    kill: () => void child.kill(),
  };
};

/** Electron's own variables would turn a Node that looks at them into something else. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ELECTRON_') && name !== 'NODE_OPTIONS'));
}

export const inNodeChild =
  (node: string): StartEngine =>
  (entry, listener) => {
    const child: ChildProcess = fork(entry, [], {
      execPath: node,
      execArgv: [],
      env: plainEnvironment(),
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const ports = new Map<number, MessagePortMain>();
    let opened = 0;
    let ended = false;
    const end = (code: number | null): void => {
      if (ended) return;
      ended = true;
      for (const port of ports.values()) port.close();
      listener.onExit(code);
    };
    // A send that fails because the child has just died is told by 'exit'.
    const post = (message: ToEngine): void => {
      if (child.connected) child.send(message, () => undefined);
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => listener.onOutput(chunk.toString()));
    child.on('message', (raw) => {
      const message = fromEngine.safeParse(raw);
      if (message.success && message.data.type === 'port.data') ports.get(message.data.port)?.postMessage(message.data.json);
      else receive(raw, listener);
    });
    child.on('exit', (code) => end(code));
    child.on('error', (error) => {
      listener.onOutput(error.message);
      end(null);
    });
    return {
      get pid() {
        return child.pid;
      },
      post,
      openPort(channel) {
        const port = (opened += 1);
        ports.set(port, channel);
        post({ type: 'port.open', port });
        channel.on('message', ({ data }) => {
          if (typeof data === 'string') post({ type: 'port.data', port, json: data });
        });
        channel.on('close', () => {
          if (ports.delete(port)) post({ type: 'port.close', port });
        });
        channel.start();
      },
      kill: () => void child.kill('SIGKILL'),
    };
  };
