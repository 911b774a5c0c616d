/**
 * The only file that touches ipcMain. Whatever comes from a window is checked twice before anything happens:
 * who sent it (the top frame of our origin), then what it says (a strict schema, bounded in size).
 */
import { ipcMain, type IpcMainInvokeEvent, MessageChannelMain, type MessagePortMain } from 'electron';
import { z } from 'zod';
import { type UsableScreen, usableScreen } from '../shared/shell.ts';
import { type Prefs, prefs } from '../shared/prefs.ts';
import { channels } from '../preload/channels.ts';
import { appOrigin, originOf } from './security.ts';

export interface IpcDoors {
  openPort(port: MessagePortMain): void;
  prefs(): Prefs;
  setPref<K extends keyof Prefs>(key: K, value: Prefs[K]): void;
  shown(screen: UsableScreen): void;
  openWallboard(): void;
  warn(text: string): void;
}

/** Nothing that a window sends to main is longer; what is long goes to the engine through the port. */
const largestPayload = 4096;

const noArguments = z.tuple([]);
const portTag = z.tuple([z.string().regex(/^[a-z0-9-]{1,40}$/)]);
const screenShown = z.tuple([usableScreen]);
const prefChange = z.tuple([prefs.partial().refine((change) => Object.keys(change).length === 1, 'one preference at a time')]);

function isOurs(event: IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame === event.sender.mainFrame && originOf(frame.url) === appOrigin;
}

function isSmall(args: unknown): boolean {
  try {
    return (JSON.stringify(args)?.length ?? 0) <= largestPayload;
  } catch {
    return false; // cycles, BigInt: no schema of ours has them
  }
}

export function answerWindows(doors: IpcDoors): void {
  // electron-store tells every window where the profile is; none of ours asks.
  ipcMain.removeAllListeners('electron-store-get-data');

  function answer<T>(channel: string, schema: z.ZodType<T>, work: (args: T, event: IpcMainInvokeEvent) => unknown): void {
    ipcMain.handle(channel, (event, ...args: unknown[]) => {
      if (!isOurs(event)) {
        doors.warn(`${channel}: refused, not from our page`);
        throw new Error('FORBIDDEN');
      }
      const parsed = isSmall(args) ? schema.safeParse(args) : null;
      if (!parsed?.success) {
        doors.warn(`${channel}: refused, not what its schema says`);
        throw new Error('BAD_REQUEST');
      }
      return work(parsed.data, event);
    });
  }

  answer(channels.port, portTag, ([tag], event) => {
    const { port1, port2 } = new MessageChannelMain();
    doors.openPort(port1);
    event.sender.mainFrame.postMessage(channels.port, tag, [port2]);
  });
  answer(channels.shown, screenShown, ([screen]) => doors.shown(screen));
  answer(channels.wallboard, noArguments, () => doors.openWallboard());
  answer(channels.prefsAll, noArguments, () => doors.prefs());
  answer(channels.prefsSet, prefChange, ([change]) => {
    for (const [key, value] of Object.entries(change)) if (value !== undefined) doors.setPref(key as keyof Prefs, value);
  });
}
