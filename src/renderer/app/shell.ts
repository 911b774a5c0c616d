/** What the preload script offers. The only file that touches `window.truc`. */
import type { Shell } from '../../shared/shell.ts';

declare global {
  interface Window {
    readonly truc: Shell;
  }
}

export const shell: Shell = window.truc;

/** Calls `shown` with the number whenever a soft phone shows who calls. Returns what ends it. */
export function hearPops(shown: (phone: string) => void): () => void {
  const hear = (event: MessageEvent<unknown>): void => {
    if (event.source !== window || event.origin !== location.origin || typeof event.data !== 'string') return;
    const phone = /^truc:pop (\+?\d{3,15})$/.exec(event.data)?.[1];
    if (phone !== undefined) shown(phone);
  };
  window.addEventListener('message', hear);
  return () => window.removeEventListener('message', hear);
}
