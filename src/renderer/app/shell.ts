/** What the preload script offers. The only file that touches `window.truc`. */
import type { Shell } from '../../shared/bridge.ts';

declare global {
  interface Window {
    readonly truc: Shell;
  }
}

export const shell: Shell = window.truc;
