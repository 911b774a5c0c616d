/** What the console is told when it is started. */
import { resolve } from 'node:path';
import { parseUrl } from './security.ts';

export interface CommandLine {
  /** null: the one remembered, or the default */
  hubUrl: string | null;
  /** folder of this profile; null: the operating system's place for application data */
  profileDir: string | null;
  demoUser: string | null;
  allowWeakSecrets: boolean;
}

export class CommandLineError extends Error {}

function valueOf(argv: readonly string[], name: string): string | null {
  for (const [index, argument] of argv.entries()) {
    if (argument.startsWith(`${name}=`)) return argument.slice(name.length + 1);
    if (argument !== name) continue;
    const next = argv[index + 1];
    if (next === undefined || next.startsWith('--')) throw new CommandLineError(`${name} needs a value.`);
    return next;
  }
  return null;
}

/** Chromium's own switches stand between ours and are passed over. */
export function parseCommandLine(argv: readonly string[], cwd: string): CommandLine {
  const hub = valueOf(argv, '--hub');
  if (hub !== null && !isHubUrl(hub))
    throw new CommandLineError(`--hub ${hub} is not the address of a hub. Give one like https://hub.example.com`);
  const profile = valueOf(argv, '--profile');
  return {
    hubUrl: hub === null ? null : new URL(hub).origin,
    profileDir: profile === null ? null : resolve(cwd, profile),
    demoUser: valueOf(argv, '--demo-user'),
    allowWeakSecrets: argv.includes('--allow-weak-secrets'),
  };
}

export function isHubUrl(text: string): boolean {
  const url = parseUrl(text);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === '';
}

/** Switches that would take a shipped console's protection away. */
const refused = ['no-sandbox', 'disable-web-security', 'disable-site-isolation-trials', 'remote-debugging-port', 'remote-debugging-pipe'];

export function refusedSwitch(hasSwitch: (name: string) => boolean, packaged: boolean): string | null {
  return packaged ? (refused.find(hasSwitch) ?? null) : null;
}
