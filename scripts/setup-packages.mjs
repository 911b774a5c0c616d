/** Step 2 of set-up: the system packages that Electron, its fallback and the tests need, on Debian and its relatives. */
import { existsSync } from 'node:fs';
import { lastLines, run, say, SetupError } from './setup-run.mjs';

/**
 * `names` are the names of one package in different releases (Ubuntu 24 renamed libraries to ...t64).
 * `needed`: nothing runs without it; the others make it better and are only named.
 * @typedef {{ names: string[], needed: boolean }} SystemPackage
 */

const mailServers = [
  'exim4-daemon-light',
  'exim4-daemon-heavy',
  'postfix',
  'opensmtpd',
  'sendmail-bin',
  'courier-mta',
  'nullmailer',
  'msmtp-mta',
  'dma',
];

/** @param {{ tests: boolean, display: boolean }} purpose @returns {SystemPackage[]} */
export function systemPackages({ tests, display }) {
  const needed = (...names) => ({ names, needed: true });
  const wanted = (...names) => ({ names, needed: false });
  const virtualDisplay = tests || !display;
  return [
    needed('libgtk-3-0', 'libgtk-3-0t64'),
    needed('libnss3'),
    needed('libgbm1'),
    needed('libasound2', 'libasound2t64'),
    needed('libatk-bridge2.0-0', 'libatk-bridge2.0-0t64'),
    needed('libdrm2'),
    needed('unzip'),
    ...(virtualDisplay ? [needed('xvfb'), needed('xauth')] : []),
    wanted('fonts-noto-core'),
    wanted('fonts-noto-color-emoji'),
    ...(tests ? [wanted('chromium'), wanted('chromium-sandbox')] : []),
    // What several hubs tell each other by.
    ...(tests ? [needed('redis-server', 'valkey-server')] : []),
    // A mailbox server for the tests of e-mail, and a mail server: a machine has one, and one that is there already stays.
    ...(tests ? [needed('dovecot-imapd'), needed('dovecot-lmtpd'), wanted(...mailServers)] : []),
  ];
}

/**
 * @param {SystemPackage[]} packages @param {Set<string>} installed
 * @returns {SystemPackage[]}
 */
export function missingPackages(packages, installed) {
  return packages.filter(({ names }) => !names.some((name) => installed.has(name)));
}

/** What `dpkg-query -W -f='${Package} ${db:Status-Status}\n'` prints, as a set of installed names. @param {string} text @returns {Set<string>} */
export function installedFrom(text) {
  const names = new Set();
  for (const line of text.split('\n')) {
    const [name, status] = line.split(' ');
    if (status === 'installed') names.add(name);
  }
  return names;
}

/** Names that `apt-cache policy` gives a candidate for. @param {string} text @returns {Set<string>} */
export function candidatesFrom(text) {
  const names = new Set();
  let name = '';
  for (const line of text.split('\n')) {
    if (/^\S.*:$/.test(line)) name = line.slice(0, -1);
    const candidate = /^\s+Candidate: (.*)$/.exec(line);
    if (candidate && candidate[1] !== '(none)') names.add(name);
  }
  return names;
}

/** @param {SystemPackage[]} packages */
function installedNow(packages) {
  const names = packages.flatMap((one) => one.names);
  return installedFrom(run('dpkg-query', ['-W', '-f=${Package} ${db:Status-Status}\\n', ...names]).stdout);
}

/** Debian starts servers as it installs them; the tests start their own, and nobody else here needs any. @param {string[]} installed */
function endServices(installed) {
  const services = [
    ...(installed.includes('dovecot-imapd') ? ['dovecot.service', 'dovecot.socket'] : []),
    ...(installed.includes('exim4-daemon-light') ? ['exim4.service'] : []),
    ...(installed.includes('redis-server') ? ['redis-server.service'] : []),
  ];
  if (services.length > 0 && existsSync('/run/systemd/system')) run('systemctl', ['disable', '--now', ...services]);
}

/** @param {{ tests: boolean }} options */
export function installSystemPackages({ tests }) {
  if (process.platform !== 'linux') return;
  const packages = systemPackages({ tests, display: Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY) });
  if (!existsSync('/usr/bin/dpkg-query')) {
    say('system packages', `not checked: no dpkg here; needed are the equivalents of ${packages.map((one) => one.names[0]).join(' ')}`);
    return;
  }
  const missing = missingPackages(packages, installedNow(packages));
  if (missing.length === 0) {
    say('system packages', 'all there');
    return;
  }
  const first = missing.map((one) => one.names[0]).join(' ');
  if (process.getuid?.() !== 0) {
    const line = `sudo apt-get install -y ${first}`;
    if (missing.some((one) => one.needed)) {
      throw new SetupError(`These system packages are missing: ${first}`, `Run: ${line}   (on Ubuntu 24 some are called ...t64)`);
    }
    say('system packages', `would be better with: ${line}`);
    return;
  }
  say('system packages', `installing ${first}`);
  const apt = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const update = run('apt-get', ['update', '-qq'], apt);
  const candidates = candidatesFrom(
    run('apt-cache', ['policy', ...missing.flatMap((one) => one.names)], { env: { ...process.env, LC_ALL: 'C' } }).stdout,
  );
  const names = missing.map((one) => one.names.find((name) => candidates.has(name)));
  const unknown = missing.filter((one, index) => one.needed && !names[index]);
  if (unknown.length > 0) {
    throw new SetupError(
      `This system's package lists have no ${unknown.map((one) => one.names[0]).join(', ')}.${update.ok ? '' : `\napt-get update failed:\n${lastLines(update.output)}`}`,
      'Check /etc/apt/sources.list and the network, then run the command again.',
    );
  }
  // -o DPkg::Lock::Timeout: another apt (or another set-up) may be at work
  const known = names.filter((name) => name !== undefined);
  const done = run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...known], apt);
  endServices(known);
  const still = missingPackages(packages, installedNow(packages));
  if (still.some((one) => one.needed)) {
    throw new SetupError(
      `apt-get install failed:\n${lastLines(done.output)}`,
      `Run: apt-get update && apt-get install -y ${known.join(' ')}`,
    );
  }
  say('system packages', still.length === 0 ? 'installed' : `installed; this system has no ${still.map((one) => one.names[0]).join(', ')}`);
}
