/**
 * Passes the engine's port into the page and exposes a frozen `window.truc`. Runs in Chromium's sandbox, bundled to
 * one CommonJS file.
 */
import { contextBridge, ipcRenderer, webFrame } from 'electron';
import type { Shell } from '../shared/shell.ts';
import type { Prefs } from '../shared/prefs.ts';
import { channels, infoArgument } from './channels.ts';
import { portInPage } from './port-in-page.ts';

const argument = process.argv.find((one) => one.startsWith(infoArgument));
const info = Object.freeze(JSON.parse(argument?.slice(infoArgument.length) ?? '{}') as Shell['info']);

ipcRenderer.on(channels.port, (event, tag: string) => window.postMessage(`${channels.port} ${tag}`, location.origin, event.ports));
ipcRenderer.on(channels.engineLost, () => window.postMessage(channels.engineLost, location.origin));

ipcRenderer.on(channels.pop, (_event, phone: string) => window.postMessage(`${channels.pop} ${phone}`, location.origin));

const prefs: Shell['prefs'] = Object.freeze({
  all: () => ipcRenderer.invoke(channels.prefsAll) as Promise<Prefs>,
  set: (key, value) => ipcRenderer.invoke(channels.prefsSet, { [key]: value }) as Promise<void>,
});

const wallboard: Shell['wallboard'] = () => ipcRenderer.invoke(channels.wallboard) as Promise<void>;
const shown: Shell['shown'] = (screen) => void ipcRenderer.invoke(channels.shown, screen);

// contextBridge can't carry a MessagePort, and functions of the page come back through it as themselves: so `port` is
// made inside the page, before its first script. The callback runs before executeJavaScript returns.
type MakePort = (ask: (tag: string) => Promise<void>) => Shell['port'];
void webFrame.executeJavaScript(
  `(${portInPage.toString()})(${JSON.stringify([channels.port, channels.engineLost])})`,
  false,
  (make: MakePort) => {
    const port = make((tag) => ipcRenderer.invoke(channels.port, tag) as Promise<void>);
    contextBridge.exposeInMainWorld('truc', Object.freeze({ port, prefs, shown, wallboard, info } satisfies Shell));
  },
);
