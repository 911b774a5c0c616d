/**
 * `widget.js`: put on a shop's page as `<script src="https://HUB/widget.js?channel=ID" async></script>`.
 * Adds a button and, behind it, the chat in a frame of the hub's origin: the page can't read the chat, and the
 * chat can't touch the page. Styles go through the CSSOM, so that a strict policy of the page stands.
 */
function start(source: URL): void {
  const hub = source.origin;
  const channel = source.searchParams.get('channel') ?? '';
  const vietnamese = (document.documentElement.lang || navigator.language).toLowerCase().startsWith('vi');
  const label = (open: boolean, unread: number) => {
    if (open) return vietnamese ? 'Đóng cửa sổ chat' : 'Close chat';
    const count = unread === 0 ? '' : vietnamese ? `, ${unread} tin chưa đọc` : `, ${unread} unread`;
    return (vietnamese ? 'Mở cửa sổ chat' : 'Open chat') + count;
  };

  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];

  const button = document.createElement('button');
  button.type = 'button';
  button.innerHTML = `<svg viewBox="0 0 24 24" width="26" height="26" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path class="chat" d="M21 11.5a8.4 8.4 0 0 1-8.9 8.4 9.6 9.6 0 0 1-3.8-.8L3 20.5l1.5-4.3A8 8 0 0 1 3.2 11.5 8.6 8.6 0 0 1 12.1 3 8.6 8.6 0 0 1 21 11.5Z"/><path class="close" d="m6 9.5 6 6 6-6"/></svg>`;
  const badge = document.createElement('span');
  badge.className = 'badge';
  badge.setAttribute('aria-hidden', 'true');
  button.append(badge);
  const frame = document.createElement('iframe');
  const address = new URL('/widget/frame', hub);
  address.searchParams.set('channel', channel);
  address.searchParams.set('page', location.origin);
  address.searchParams.set('lang', vietnamese ? 'vi' : 'en');
  frame.src = address.href;
  frame.title = vietnamese ? 'Trò chuyện với cửa hàng' : 'Chat with the shop';
  frame.allow = 'clipboard-write';
  root.append(frame, button);

  let open = false;
  let unread = 0;
  const show = () => {
    host.toggleAttribute('data-open', open);
    frame.classList.toggle('open', open);
    button.classList.toggle('open', open);
    badge.textContent = unread === 0 || open ? '' : unread > 9 ? '9+' : String(unread);
    button.setAttribute('aria-label', label(open, unread));
    button.setAttribute('aria-expanded', String(open));
  };
  /** The frame is told when it is opened or closed, and only then: it answers with its count of unread messages. */
  const announce = () => {
    show();
    frame.contentWindow?.postMessage({ truc: 'open', open }, hub);
  };
  button.addEventListener('click', () => {
    open = !open;
    announce();
    if (open) frame.focus();
  });
  window.addEventListener('message', (event) => {
    // Only our own frame, and only what it has to say.
    if (event.origin !== hub || event.source !== frame.contentWindow) return;
    const data: unknown = event.data;
    if (typeof data !== 'object' || data === null || !('truc' in data)) return;
    if (data.truc === 'ready') announce();
    else if (data.truc === 'unread' && 'count' in data && typeof data.count === 'number') {
      unread = data.count;
      show();
    } else if (data.truc === 'close') {
      open = false;
      announce();
      button.focus();
    }
  });
  const add = () => document.body.append(host);
  if (document.body) add();
  else document.addEventListener('DOMContentLoaded', add);
  show();
}

const styles = `
:host { all: initial; }
button { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; width: 56px; height: 56px; padding: 0; border: 0; border-radius: 28px;
  background: #0b6a5c; color: #fff; cursor: pointer; display: grid; place-items: center; box-shadow: 0 6px 20px rgb(0 0 0 / 22%); }
button:hover { background: #09584d; }
button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #0b6a5c; }
.close { display: none; }
.open .close { display: inline; }
.open .chat { display: none; }
.badge { position: absolute; top: -3px; right: -3px; min-width: 20px; height: 20px; padding: 0 5px; box-sizing: border-box; border-radius: 10px;
  background: #c02626; color: #fff; font: 600 12px/20px system-ui, sans-serif; text-align: center; }
.badge:empty { display: none; }
iframe { position: fixed; right: 20px; bottom: 88px; z-index: 2147483000; width: 376px; height: min(620px, calc(100vh - 108px)); border: 0;
  border-radius: 14px; box-shadow: 0 12px 40px rgb(0 0 0 / 24%); visibility: hidden; opacity: 0; translate: 0 8px; background: #fff;
  color-scheme: light dark; transition: opacity 140ms ease, translate 140ms ease, visibility 0s 140ms; }
iframe.open { visibility: visible; opacity: 1; translate: 0 0; transition: opacity 140ms ease, translate 140ms ease; }
@media (max-width: 480px) { iframe { inset: 0; width: 100%; height: 100%; border-radius: 0; } button.open { display: none; } }
@media (prefers-reduced-motion: reduce) { iframe, iframe.open { transition: none; } }
`;

// At the end, when the styles above are there.
const script = document.currentScript as HTMLScriptElement | null;
if (script) start(new URL(script.src));
