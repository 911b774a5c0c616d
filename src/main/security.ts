/**
 * What a window may load, ask for and go to. Decisions only, without Electron, so that tests can try every case;
 * guards.ts and app-protocol.ts carry them out.
 */
import { join, sep } from 'node:path';

export const appOrigin = 'truc://app';
/** Vite writes this into index.html; each answer gets a nonce of its own in its place. */
export const noncePlaceholder = '__TRUC_NONCE__';

/** @param devServer address of the development server, which needs its web socket and styles without a nonce */
export function contentSecurityPolicy(nonce: string, devServer: string | null): string {
  const scripts = devServer ? `'self' 'nonce-${nonce}'` : "'self'";
  const styles = devServer ? "'self' 'unsafe-inline'" : `'self' 'nonce-${nonce}'`;
  const connect = devServer ? `'self' ${devServer.replace(/^http/, 'ws')}` : "'self'";
  return [
    "default-src 'none'",
    `script-src ${scripts}`,
    `style-src ${styles}`,
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    `connect-src ${connect}`,
    'frame-src truc-mail:',
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** URL.parse, which Electron 33 does not have yet. */
export function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** Deny everything that the console has no use for, now and in later versions of Chromium. */
const allowedPermissions: ReadonlySet<string> = new Set(['notifications', 'clipboard-sanitized-write']);

export function isPermitted(permission: string, origin: string | null, isMainFrame: boolean): boolean {
  return isMainFrame && origin === appOrigin && allowedPermissions.has(permission);
}

/** Bytes that our own window holds: nothing is fetched for such a download. */
export function isOwnDownload(url: string): boolean {
  return url.startsWith(`blob:${appOrigin}/`);
}

/** The origin of a URL; for our own scheme too, where Node says "null". */
export function originOf(url: string): string | null {
  const parsed = parseUrl(url);
  if (!parsed) return null;
  return parsed.protocol === 'truc:' ? `truc://${parsed.host}` : parsed.origin;
}

/**
 * The file behind `truc://app/...`, or null where there is none to be had. A path without an extension is a screen of
 * the application: index.html.
 */
export function appFile(url: string, root: string): string | null {
  const parsed = parseUrl(url);
  if (!parsed || parsed.protocol !== 'truc:' || parsed.host !== 'app' || parsed.username || parsed.password) return null;
  let path: string;
  try {
    path = decodeURIComponent(parsed.pathname);
  } catch {
    return null;
  }
  // A colon would name a drive or an alternate stream on Windows; a second decoding is nobody's honest wish.
  if (/[\0\\:%]/.test(path)) return null;
  const segments = path.split('/').slice(1);
  const last = segments.at(-1) ?? '';
  if (segments.some((segment, index) => segment === '.' || segment === '..' || (segment === '' && index < segments.length - 1)))
    return null;
  const file = last.includes('.') ? join(root, ...segments) : join(root, 'index.html');
  return file.startsWith(root.endsWith(sep) ? root : root + sep) ? file : null;
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
};

/** null: a kind of file that the console does not serve, maps and sources among them */
export function contentType(file: string): string | null {
  return types[file.slice(file.lastIndexOf('.') + 1).toLowerCase()] ?? null;
}

export function commonHeaders(): Record<string, string> {
  return {
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-cache',
  };
}

export interface Navigation {
  url: string;
  isMainFrame: boolean;
  /** what the frame shows so far; empty before its first load */
  frameUrl: string;
}

/** Windows never leave their page. Only the frame of an HTML mail may load once. */
export function mayNavigate({ url, isMainFrame, frameUrl }: Navigation): boolean {
  if (isMainFrame) return false;
  return (frameUrl === '' || frameUrl === 'about:blank') && parseUrl(url)?.protocol === 'truc-mail:';
}

export interface Outside {
  url: string;
  /** what the agent is shown before it opens: the host, or the mail address */
  shown: string;
}

/** A link that may open outside the console, or null. */
export function outsideLink(url: string): Outside | null {
  const parsed = parseUrl(url);
  if (!parsed || url.length > 8192) return null;
  if (parsed.protocol === 'https:' && parsed.host && !parsed.username && !parsed.password) return { url: parsed.href, shown: parsed.host };
  // The agent's own phone, where no exchange dials for them.
  if (/^tel:\+?\d{3,15}$/.test(url)) return { url, shown: url.slice(4) };
  if (parsed.protocol === 'mailto:' && parsed.pathname) return { url: parsed.href, shown: parsed.pathname };
  return null;
}
