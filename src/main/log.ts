/** The console's log, in the profile folder. */
import { join } from 'node:path';
// The variant for Node: the one for Electron opens a channel by which any window may write into the log.
import electronLog from 'electron-log/node';
import { redact } from './redact.ts';

export interface Log {
  write(level: 'debug' | 'info' | 'warn' | 'error', text: string): void;
}

export function openLog(profileDir: string, packaged: boolean): Log {
  electronLog.transports.file.resolvePathFn = () => join(profileDir, 'logs', 'console.log');
  electronLog.transports.file.maxSize = 2 * 1024 * 1024;
  electronLog.transports.file.level = 'info';
  electronLog.transports.console.level = packaged ? false : 'warn';
  electronLog.transports.console.useStyles = false;
  return { write: (level, text) => electronLog[level](redact(text).slice(0, 20_000)) };
}
