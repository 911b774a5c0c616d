/**
 * `truc-mail://<id>/`: an empty page of an origin of its own, in which the console's window shows a mail as its sender laid it out. The
 * window hands the mail over by a message; the page makes it safe once more (the hub has done so, and is not trusted either), shows it, and
 * tells how high it is, which pictures it points to and which link was chosen. Its one script is known by its hash, and nothing may be loaded.
 */
import { createHash } from 'node:crypto';
import purify from 'dompurify/dist/purify.min.js?raw';
import { protocol } from 'electron';

/** What may stand in a mail, and what becomes of its pictures: they are put in as `data:` once the window has brought them. */
const page = `
const ownFile = /^\\/api\\/v1\\/files\\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const rules = {
  USE_PROFILES: { html: true },
  FORBID_TAGS: ['form', 'input', 'button', 'select', 'textarea', 'style', 'video', 'audio', 'source', 'picture', 'dialog'],
  FORBID_ATTR: ['srcset', 'background', 'poster', 'action', 'autofocus', 'id', 'name', 'class'],
  ADD_ATTR: ['data-remote-src', 'data-mismatch'],
  RETURN_DOM_FRAGMENT: true,
};
const tell = (message) => parent.postMessage(message, '*');
const places = new Map();
const show = (html) => {
  const mail = DOMPurify.sanitize(html, rules);
  const own = new Set();
  const remote = new Set();
  for (const image of mail.querySelectorAll('img')) {
    const source = image.getAttribute('src') ?? '';
    const elsewhere = image.getAttribute('data-remote-src') ?? '';
    image.removeAttribute('src');
    image.removeAttribute('data-remote-src');
    const id = ownFile.exec(source)?.[1];
    const place = id ?? (/^https?:\\/\\//i.test(elsewhere) ? elsewhere : null);
    if (place === null) continue;
    (id === undefined ? remote : own).add(place);
    places.set(place, [...(places.get(place) ?? []), image]);
  }
  for (const link of mail.querySelectorAll('a[href]')) {
    if (/^(https?|mailto):/i.test(link.getAttribute('href'))) link.title = link.href;
    else link.removeAttribute('href');
  }
  document.body.replaceChildren(mail);
  tell({ mail: 'shown', own: [...own], remote: [...remote] });
};
addEventListener('message', ({ source, data }) => {
  if (source !== parent || typeof data !== 'object' || data === null) return;
  if (typeof data.html === 'string') show(data.html);
  if (typeof data.place !== 'string' || typeof data.picture !== 'string' || !data.picture.startsWith('data:image/')) return;
  for (const image of places.get(data.place) ?? []) image.src = data.picture;
});
addEventListener('click', (event) => {
  event.preventDefault();
  const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
  if (link) tell({ mail: 'link', url: link.href });
});
new ResizeObserver(() => tell({ mail: 'height', height: document.documentElement.offsetHeight })).observe(document.documentElement);
tell({ mail: 'ready' });
`;
const mailFrameScript = `${purify}\n${page}`;

const mailFramePolicy = [
  "default-src 'none'",
  `script-src 'sha256-${createHash('sha256').update(mailFrameScript).digest('base64')}'`,
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const style = `
html { color-scheme: light; background: #fff; color: #1b1b1f; font: 14px/1.5 system-ui, sans-serif; overflow: hidden; }
body { margin: 0; padding: 12px; overflow-x: auto; overflow-wrap: anywhere; }
img { max-width: 100%; height: auto; }
table { max-width: 100%; }
a[data-mismatch]::after { content: ' (' attr(data-mismatch) ')'; color: #b3261e; }
`;

const mailFramePage = `<!doctype html><html><head><meta charset="utf-8"><style>${style}</style></head><body></body><script>${mailFrameScript}</script></html>`;

export function serveMailFrame(): void {
  protocol.handle('truc-mail', (request) => {
    const shown = request.method === 'GET' && /^truc-mail:\/\/[0-9a-f-]{1,40}\/$/.test(request.url);
    return new Response(shown ? mailFramePage : null, {
      status: shown ? 200 : 404,
      headers: {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': mailFramePolicy,
        'X-Content-Type-Options': 'nosniff',
        'Referrer-Policy': 'no-referrer',
        'Cache-Control': 'no-store',
      },
    });
  });
}
