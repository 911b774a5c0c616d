/**
 * Everything for a first look: the hub with its own PostgreSQL and demo data, and the console signed in as a demo
 * agent. PORT (4600; 0: any free one), TRUC_DATA_DIR (.truc). Ctrl+C or closing the window ends all of it.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildWidget } from '../widget/build.mjs';
import { buildConsole } from './build.mjs';
import { openConsole } from './console-process.mjs';
import { projectNode, projectRoot } from './electron-runtime.mjs';
import { isRunning, spawnApart, stopTree } from './processes.mjs';

const demoAgent = 'lan@demo.truc.test';
const hubPatienceMs = 60_000;

const dataDir = resolve(process.env.TRUC_DATA_DIR ?? join(projectRoot, '.truc'));
let stopHub = async () => {};
let stopConsole = async () => {};

function startHub() {
  const hub = spawnApart(projectNode(), [join(projectRoot, 'server', 'src', 'main.ts')], {
    cwd: projectRoot,
    env: { ...process.env, TRUC_DEMO: '1', PORT: process.env.PORT ?? '4600', TRUC_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stopHub = async () => {
    if (hub.pid && isRunning(hub.pid)) await stopTree(hub.pid, 15_000);
  };
  const ended = new Promise((done) => {
    hub.once('exit', (code) => done(code ?? 1));
    hub.once('error', () => done(1));
  });
  const ready = new Promise((done, fail) => {
    let output = '';
    hub.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      output = (output + chunk).slice(-10_000);
      const line = /^hub ready (http:\/\/\S+)$/m.exec(output);
      if (line) done(line[1]);
    });
    ended.then((code) => fail(new Error(`The hub ended (${code}) before it was ready; its last words stand above.`)));
    setTimeout(() => fail(new Error(`The hub was not ready within ${hubPatienceMs / 1000} s.`)), hubPatienceMs).unref();
  });
  return { ready, ended };
}

async function stopAll() {
  await stopConsole();
  await stopHub();
}

let stopping = null;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(name, () => {
    stopping ??= stopAll().then(() => process.exit(0));
  });
}

try {
  mkdirSync(dataDir, { recursive: true });
  await buildWidget();
  // The hub first: it warms up its database while the console is being built.
  const hub = startHub();
  hub.ready.catch(() => {});
  buildConsole();
  const url = await hub.ready;
  const opened = openConsole(['--hub', url, '--profile', join(dataDir, 'console'), '--demo-user', demoAgent, '--allow-weak-secrets'], {
    onReady: (line) => console.log(line),
  });
  stopConsole = opened.stop;
  const first = await Promise.race([
    opened.ended.then((code) => ({ who: 'console', code })),
    hub.ended.then((code) => ({ who: 'hub', code })),
  ]);
  if (first.who === 'hub' && !stopping) console.error(`the hub ended (${first.code})`);
  stopping ??= stopAll();
  await stopping;
  process.exit(first.who === 'hub' ? 1 : first.code);
} catch (error) {
  console.error(error.message);
  await stopAll();
  process.exit(1);
}
