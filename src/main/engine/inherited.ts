/**
 * A child on plain Node is handed every descriptor that Chromium has open at that moment, its processes' channels
 * among them. Chromium learns of the death of one of its processes from the end of its channel, and that end never
 * comes while a copy lives here: a graphics process that died at start left the console without a window.
 */
import { closeSync, readdirSync, readlinkSync } from 'node:fs';

/** stdin, stdout, stderr and the channel to main: `fork` lays them out so. */
const lastOwn = 3;

/** Before anything here opens a socket of its own. Nothing to do outside Linux: there this kind of child is not used. */
export function closeInheritedSockets(): void {
  if (process.platform !== 'linux') return;
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name);
    try {
      if (descriptor > lastOwn && readlinkSync(`/proc/self/fd/${name}`).startsWith('socket:')) closeSync(descriptor);
    } catch {
      // the listing's own descriptor, closed meanwhile
    }
  }
}
