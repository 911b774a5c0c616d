/**
 * `widget.js`: put on a shop's page as `<script src="https://HUB/widget.js?channel=ID" async></script>`.
 * Adds a button and, behind it, the chat in a frame of the hub's origin: the page can't read the chat, and the
 * chat can't touch the page. Styles go through the CSSOM and drawings through the DOM, so that a strict policy of the page stands.
 *
 * The page may speak to it: `window.truc = window.truc || []; truc.push(['identify', jwt])`, `['open']`, `['close']`, `['reset']`, before
 * it has loaded or after. It hears `truc:unread` (detail `{ count }`) and `truc:identity` (detail `{ verified }`) on `window`.
 */
import { limits } from './limits.ts';

/** ms after which a frame that has not said a word is loaded anew; then it is given up until the page is loaded again */
const reloads = [20_000, 60_000, 180_000];

function start(script: HTMLScriptElement): void {
  const source = new URL(script.src);
  const hub = source.origin;
  const asked = script.dataset['lang'] || document.documentElement.lang || navigator.language;
  const vietnamese = asked.toLowerCase().startsWith('vi');
  const words = vietnamese
    ? { open: 'Mở cửa sổ chat', close: 'Đóng cửa sổ chat', unread: 'tin chưa đọc', dialog: 'Trò chuyện với cửa hàng' }
    : { open: 'Open chat', close: 'Close chat', unread: 'unread', dialog: 'Chat with the shop' };

  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];

  const button = document.createElement('button');
  button.type = 'button';
  // Nobody is shown a button behind which there is nothing: not where the hub is away, and not where it bars the page.
  button.hidden = true;
  button.setAttribute('aria-controls', 'panel');
  button.append(
    drawing(
      'talk',
      'M21 11.5a8.4 8.4 0 0 1-8.9 8.4 9.6 9.6 0 0 1-3.8-.8L3 20.5l1.5-4.3A8 8 0 0 1 3.2 11.5 8.6 8.6 0 0 1 12.1 3 8.6 8.6 0 0 1 21 11.5Z',
    ),
    drawing('fold', 'm6 9.5 6 6 6-6'),
  );
  const badge = document.createElement('span');
  badge.className = 'badge';
  badge.setAttribute('aria-hidden', 'true');
  button.append(badge);

  const panel = document.createElement('div');
  panel.id = 'panel';
  panel.setAttribute('role', 'dialog');
  panel.setAttribute('aria-label', words.dialog);
  const frame = document.createElement('iframe');
  const address = new URL('/widget/frame', hub);
  address.searchParams.set('channel', source.searchParams.get('channel') ?? '');
  address.searchParams.set('page', location.origin);
  address.searchParams.set('lang', vietnamese ? 'vi' : 'en');
  // A link that an agent sends opens as any other page does: what it opens is not in the sandbox.
  frame.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads');
  frame.allow = 'clipboard-write';
  frame.title = words.dialog;
  frame.src = address.href;
  panel.append(frame);
  root.append(panel, button);

  let open = false;
  let unread = 0;
  let ready = false;
  /** what the page has said before the frame could hear it */
  let orders: object[] = [];

  const tell = (message: object) => {
    if (ready) frame.contentWindow?.postMessage(message, hub);
    else orders.push(message);
  };
  const show = () => {
    host.toggleAttribute('data-open', open);
    panel.classList.toggle('open', open);
    button.classList.toggle('open', open);
    badge.textContent = unread === 0 || open ? '' : unread > 9 ? '9+' : String(unread);
    const count = unread === 0 || open ? '' : `, ${unread} ${words.unread}`;
    button.setAttribute('aria-label', (open ? words.close : words.open) + count);
    button.setAttribute('aria-expanded', String(open));
  };
  /** The frame is told when it is opened or closed, and only then: it answers with its count of unread messages. */
  const turn = (to: boolean) => {
    if (open === to) return;
    open = to;
    show();
    if (open) frame.focus();
    // Focus goes back to where it came from, unless it has gone elsewhere meanwhile.
    else if (document.activeElement === host || document.activeElement === document.body) button.focus();
    if (ready) tell({ truc: 'open', open });
  };
  button.addEventListener('click', () => turn(!open));
  root.addEventListener('keydown', (event) => {
    if (event instanceof KeyboardEvent && event.key === 'Escape') turn(false);
  });

  const run = (command: unknown) => {
    if (!Array.isArray(command)) return;
    const [name, value]: unknown[] = command;
    if (name === 'open') turn(true);
    else if (name === 'close') turn(false);
    else if (name === 'reset') tell({ truc: 'reset' });
    else if (name === 'identify' && typeof value === 'string' && value !== '' && value.length <= limits.identityLength)
      tell({ truc: 'identify', identity: value });
  };

  window.addEventListener('message', ({ origin, source, data }: MessageEvent<unknown>) => {
    // Only our own frame, and only what it has to say.
    if (origin !== hub || source !== frame.contentWindow || typeof data !== 'object' || data === null || !('truc' in data)) return;
    if (data.truc === 'ready') {
      ready = true;
      button.hidden = false;
      tell({ truc: 'open', open });
      for (const order of orders) tell(order);
      orders = [];
    } else if (data.truc === 'unread' && 'count' in data && Number.isSafeInteger(data.count) && Number(data.count) >= 0) {
      unread = Number(data.count);
      show();
      window.dispatchEvent(new CustomEvent('truc:unread', { detail: { count: unread } }));
    } else if (data.truc === 'identity' && 'verified' in data && typeof data.verified === 'boolean')
      window.dispatchEvent(new CustomEvent('truc:identity', { detail: { verified: data.verified } }));
    else if (data.truc === 'close') {
      turn(false);
      button.focus();
    }
  });

  const page = window as { truc?: unknown };
  const early: unknown[] = Array.isArray(page.truc) ? page.truc : [];
  page.truc = { push: (...commands: unknown[]) => commands.forEach(run) };
  show();
  const add = () => {
    document.body.append(host);
    early.forEach(run);
    const again = (tries: number) => {
      const wait = reloads[tries];
      if (wait === undefined) return;
      setTimeout(() => {
        if (ready) return;
        frame.src = address.href;
        again(tries + 1);
      }, wait);
    };
    again(0);
  };
  if (document.body) add();
  else document.addEventListener('DOMContentLoaded', add);
}

function drawing(className: string, line: string): SVGSVGElement {
  const names = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(names, 'svg');
  svg.setAttribute('class', className);
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(names, 'path');
  path.setAttribute('d', line);
  svg.append(path);
  return svg;
}

const styles = `
:host { all: initial; }
[hidden] { display: none !important; }
button { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; width: 56px; height: 56px; padding: 0; border: 0; border-radius: 28px;
  background: #0b6a5c; color: #fff; cursor: pointer; display: grid; place-items: center; box-shadow: 0 6px 20px rgb(0 0 0 / 22%);
  -webkit-tap-highlight-color: transparent; }
button:hover { background: #09584d; }
button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #0b6a5c; }
svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
.fold, .open .talk { display: none; }
.open .fold { display: inline; }
.badge { position: absolute; top: -3px; right: -3px; min-width: 20px; height: 20px; padding: 0 5px; box-sizing: border-box; border-radius: 10px;
  background: #c02626; color: #fff; font: 600 12px/20px system-ui, sans-serif; text-align: center; box-shadow: 0 0 0 2px #fff; }
.badge:empty { display: none; }
#panel { position: fixed; right: 20px; bottom: 88px; z-index: 2147483000; width: 376px; height: min(640px, calc(100vh - 108px));
  border-radius: 16px; overflow: hidden; box-shadow: 0 0 0 1px rgb(0 0 0 / 6%), 0 16px 48px rgb(0 0 0 / 24%); background: Canvas;
  color-scheme: light dark; visibility: hidden; opacity: 0; translate: 0 8px; transition: opacity 140ms ease, translate 140ms ease, visibility 0s 140ms; }
#panel.open { visibility: visible; opacity: 1; translate: 0 0; transition: opacity 140ms ease, translate 140ms ease; }
iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
@media (max-width: 480px) { #panel { inset: 0; width: 100%; height: 100vh; height: 100dvh; border-radius: 0; box-shadow: none; } button.open { display: none; } }
@media (prefers-reduced-motion: reduce) { #panel, #panel.open { transition: none; } }
`;

// At the end, when the styles above are there.
const script = document.currentScript;
if (script instanceof HTMLScriptElement && script.src) start(script);
