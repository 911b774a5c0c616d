/** Opens the console from its bundle, on a virtual display where there is none. */
import { basename } from 'node:path';
import { readlinkSync } from 'node:fs';
import { electronRuntime, projectRoot } from './electron-runtime.mjs';
import { isRunning, processTree, spawnApart, stopTree } from './processes.mjs';

export const virtualDisplay = ['-a', '-s', '-screen 0 2560x1440x24 -nolisten tcp'];

export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** Chromium's sandbox does not work for root; the console keeps its windows' own sandbox options all the same. */
export function rootArguments() {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

/** The Electron under a wrapper such as xvfb-run. @param {number} wrapper @param {string} executable */
function electronUnder(wrapper, executable) {
  return processTree(wrapper).find((pid) => {
    try {
      return basename(readlinkSync(`/proc/${pid}/exe`)) === basename(executable);
    } catch {
      return false;
    }
  });
}

/**
 * @param {string[]} args the console's own: --hub URL --profile DIR ...
 * `onReady` gets `console ready` when the inbox is on the screen, or the same with what else waits for the agent there
 * @param {{ onReady?: (line: string) => void }} [options]
 */
export function openConsole(args, { onReady } = {}) {
  const runtime = electronRuntime();
  const whole = [...runtime.args, ...rootArguments(), ...args];
  const wrapped = !hasDisplay();
  if (wrapped) console.log('no display here: the window opens on a virtual one (xvfb-run), where nobody sees it');
  const child = spawnApart(wrapped ? 'xvfb-run' : runtime.executable, wrapped ? [...virtualDisplay, runtime.executable, ...whole] : whole, {
    cwd: projectRoot,
    env: { ...process.env, ...runtime.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    for (let end = output.indexOf('\n'); end >= 0; end = output.indexOf('\n')) {
      const line = output.slice(0, end);
      output = output.slice(end + 1);
      if (line.startsWith('console ready')) onReady?.(line);
      else if (line) console.log(line);
    }
  });
  child.stderr.on('data', (chunk) => {
    // Chromium complains about buses and GPUs that a bare machine doesn't have; the console's own words pass.
    for (const line of String(chunk).split('\n'))
      if (line.trim() && !/^\[\d+:\d+\/|^\[\d+:\d+:|dbus|libGL|MESA|^\s+at /i.test(line)) console.error(line);
  });
  const ended = new Promise((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1));
    child.once('error', (error) => {
      console.error(`the console could not be opened: ${error.message}\nRun: node scripts/setup.mjs`);
      resolve(1);
    });
  });
  return {
    ended,
    async stop() {
      if (!child.pid || !isRunning(child.pid)) return;
      const electron = wrapped ? electronUnder(child.pid, runtime.executable) : child.pid;
      await stopTree(child.pid, 8000, electron ?? child.pid);
    },
  };
}
