/** What the frame and the page that shows it say to each other. Only the page itself is listened to, and only what it may say. */
import { limits } from './limits.ts';

export interface PageOrders {
  open(open: boolean): void;
  identify(identity: string): void;
  reset(): void;
}

type Told = { truc: 'ready' } | { truc: 'close' } | { truc: 'unread'; count: number } | { truc: 'identity'; verified: boolean };

export class PageLine {
  /** null: the chat stands alone */
  readonly page: string | null;

  constructor(page: string | null) {
    this.page = window.parent !== window && page !== null && isOrigin(page) ? page : null;
  }

  listen(orders: PageOrders): void {
    window.addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
      if (this.page === null || source !== window.parent || origin !== this.page) return;
      if (typeof data !== 'object' || data === null || !('truc' in data)) return;
      if (data.truc === 'open' && 'open' in data && typeof data.open === 'boolean') orders.open(data.open);
      else if (data.truc === 'identify' && 'identity' in data && isIdentity(data.identity)) orders.identify(data.identity);
      else if (data.truc === 'reset') orders.reset();
    });
  }

  tell(told: Told): void {
    if (this.page !== null) window.parent.postMessage(told, this.page);
  }
}

function isIdentity(given: unknown): given is string {
  return typeof given === 'string' && given !== '' && given.length <= limits.identityLength;
}

function isOrigin(given: string): boolean {
  try {
    return new URL(given).origin === given;
  } catch {
    return false;
  }
}
