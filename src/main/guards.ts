/** Carries out what security.ts decides, for every web contents of the process, before any page loads. */
import { app, BrowserWindow, dialog, session, shell, type WebContents } from 'electron';
import { isOwnDownload, isPermitted, mayNavigate, originOf, outsideLink } from './security.ts';
import { type Words } from './words.ts';

export interface Guard {
  words(): Words;
  warn(text: string): void;
  /** in development only: the one address that may be reached */
  devServer: string | null;
}

export function guardSession(guard: Guard): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(isPermitted(permission, originOf(details.requestingUrl), details.isMainFrame));
  });
  defaultSession.setPermissionCheckHandler((_contents, permission, requestingOrigin, details) =>
    isPermitted(permission, originOf(requestingOrigin), details.isMainFrame),
  );
  defaultSession.setDevicePermissionHandler(() => false);
  // The engine talks to the hub, windows talk to nobody: whatever slips past the page's policy ends here.
  const development = guard.devServer && new URL(guard.devServer).host;
  defaultSession.webRequest.onBeforeRequest(
    { urls: ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'ftp://*/*', 'file://*/*'] },
    ({ url }, answer) => {
      const allowed = development !== null && new URL(url).host === development;
      if (!allowed) guard.warn(`a window asked for ${originOf(url) ?? 'an address'} and was refused`);
      answer({ cancel: !allowed });
    },
  );
  // Only what this window made itself, such as a file the agent saves; where it goes the system asks them.
  defaultSession.on('will-download', (event, item) => {
    if (!isOwnDownload(item.getURL())) event.preventDefault();
  });
}

export function guardContents(guard: Guard): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(({ url }) => {
      void openOutside(contents, url, guard);
      return { action: 'deny' };
    });
    contents.on('will-navigate', (details) => details.preventDefault());
    // Comes before will-navigate, which a refusal here keeps from being sent.
    contents.on('will-frame-navigate', (details) => {
      if (mayNavigate({ url: details.url, isMainFrame: details.isMainFrame, frameUrl: details.frame?.url ?? '' })) return;
      details.preventDefault();
      if (details.isMainFrame) void openOutside(contents, details.url, guard);
    });
    contents.on('will-redirect', (details) => details.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}

/** One question at a time: a page can't bury the agent in dialogs. */
let asking = false;

/** Shows where the link leads before it opens; the answer that Enter gives is no. */
async function openOutside(contents: WebContents, url: string, guard: Guard): Promise<void> {
  const link = outsideLink(url);
  const window = BrowserWindow.fromWebContents(contents);
  if (!link || !window || asking) return;
  asking = true;
  try {
    const words = guard.words();
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      message: words.openOutside,
      detail: `${link.shown}\n\n${link.url.length > 300 ? `${link.url.slice(0, 300)}…` : link.url}`,
      buttons: [words.open, words.cancel],
      defaultId: 1,
      cancelId: 1,
      noLink: true,
    });
    if (response === 0) await shell.openExternal(link.url);
  } catch (error) {
    guard.warn(`link could not be opened: ${error instanceof Error ? error.message : 'unknown fault'}`);
  } finally {
    asking = false;
  }
}
