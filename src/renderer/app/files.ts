/** Files on their way between this window and the engine, in parts that the port carries. */
import { v7 as newId } from 'uuid';
import { create } from 'zustand';
import type { BridgeErrorCode } from '../../shared/bridge.ts';
import { isPicture, plainName } from '../../shared/file-kind.ts';
import { i18n } from '../i18n/i18n.ts';
import { sizeText } from '../ui/bytes.ts';
import { EngineError, execute, valueOf } from './engine.ts';
import { limits } from './limits.ts';
import { usePrefs } from './prefs.ts';
import { say } from './toasts.ts';

/** A file that the engine is being given; it has not kept it yet. */
export interface Adding {
  id: string;
  ticketId: string;
  name: string;
  size: number;
  sent: number;
}

const partBytes = 128 * 1024;

export const useAdding = create<Record<string, Adding | undefined>>(() => ({}));

/** Those being added to this ticket's next message. */
export function addingTo(all: Record<string, Adding | undefined>, ticketId: string): Adding[] {
  return Object.values(all).filter((adding) => adding?.ticketId === ticketId) as Adding[];
}

/** Gives chosen, pasted or dropped files to the engine, one after the other. What can't be taken is said. */
export async function addFiles(ticketId: string, files: readonly File[]): Promise<void> {
  const begun = files.map((file): [File, Adding] => {
    const name = plainName(file.name);
    const adding = { id: newId(), ticketId, name, size: file.size, sent: 0 };
    return [file, adding];
  });
  useAdding.setState(Object.fromEntries(begun.map(([, adding]) => [adding.id, adding])));
  for (const [file, adding] of begun) {
    try {
      await add(file, adding);
    } catch (error) {
      complain(error, adding.name);
    }
    useAdding.setState({ [adding.id]: undefined });
  }
}

async function add(file: File, adding: Adding): Promise<void> {
  const { id, ticketId, name, size } = adding;
  if (size > limits.attachmentBytes) throw new EngineError({ code: 'FILE_TOO_LARGE' });
  if (size === 0) throw new EngineError({ code: 'FILE_EMPTY' });
  for (let offset = 0; offset < size;) {
    // Taken back while it was being added.
    if (!useAdding.getState()[id]) return;
    const bytes = new Uint8Array(await file.slice(offset, offset + partBytes).arrayBuffer());
    const type = file.type.slice(0, 120);
    ({ received: offset } = await execute('file.add', { id, ticketId, name, type, size, offset, bytes: toBase64(bytes) }));
    if (useAdding.getState()[id]) useAdding.setState({ [id]: { ...adding, sent: offset } });
  }
}

export async function removeFile(id: string, name: string): Promise<void> {
  useAdding.setState({ [id]: undefined });
  await execute('file.remove', { id }).catch((error: unknown) => complain(error, name));
}

/** The files that go with the next message. Null, and it is said, while one is still being added. */
export function filesToSend(ticketId: string): string[] | null {
  if (addingTo(useAdding.getState(), ticketId).length > 0) {
    say(i18n.t('files.stillAdding'), { tone: 'danger' });
    return null;
  }
  // The composer shows them, so the value is here.
  return (valueOf('file.staged', { ticketId }) ?? []).map(({ id }) => id);
}

export async function retryFile(id: string, name: string): Promise<void> {
  await execute('file.retry', { id }).catch((error: unknown) => complain(error, name));
}

/** On sign-out: the next one sees none of it. */
export function forgetAdding(): void {
  useAdding.setState({}, true);
}

interface Opened {
  blob: Blob;
  picture: boolean;
}

/** Brings a file here and reads it whole. Its type is what its bytes say. Throws `EngineError`. */
export async function openFile(id: string): Promise<Opened> {
  const { size, kind } = await execute('file.open', { id });
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let offset = 0; offset < size;) {
    const part = fromBase64((await execute('file.read', { id, offset })).bytes);
    if (part.length === 0) throw new EngineError({ code: 'FILE_DAMAGED' });
    parts.push(part);
    offset += part.length;
  }
  return { blob: new Blob(parts, { type: kind }), picture: isPicture(kind) };
}

/** Asks the agent where to put it; outside this program it lies in the clear. */
export async function saveFile(id: string, name: string): Promise<void> {
  try {
    const { blob } = await openFile(id);
    // Whatever it may be, it is saved and not shown.
    const url = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = plainName(name);
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } catch (error) {
    complain(error, name);
  }
}

const known: ReadonlySet<BridgeErrorCode> = new Set([
  'FILE_TOO_LARGE',
  'FILE_EMPTY',
  'TOO_MANY_FILES',
  'FILE_GONE',
  'FILE_DAMAGED',
  'HUB_UNREACHABLE',
  'STORAGE',
]);

function complain(error: unknown, name: string): void {
  const code = error instanceof EngineError ? error.error.code : 'INTERNAL';
  const most = code === 'TOO_MANY_FILES' ? limits.attachmentsPerMessage : sizeText(limits.attachmentBytes, usePrefs.getState().language);
  const word = (known.has(code) ? code : 'other') as 'other';
  say(i18n.t(`files.error.${word}`, { name: plainName(name), most }), { tone: 'danger' });
}

/** `Uint8Array.prototype.toBase64` is younger than the oldest Chromium that runs this. */
function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
  return bytes;
}
