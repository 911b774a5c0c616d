/** One mail of a mailbox, to a file. */
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { ImapFlow, MessageStructureObject } from 'imapflow';

export interface FetchedMail {
  uid: number;
  /** the raw mail; gone when `take` has returned, unless it was moved away */
  path: string;
  /** bytes on the server */
  size: number;
  /** when it reached the mailbox, ms; null: not told */
  receivedAt: number | null;
  /** parts that were left on the server since the whole is too large; empty: this is all of it */
  omitted: { name: string | null; type: string; size: number }[];
}

/** of text, in a mail that is not fetched whole */
const textBytes = 1024 * 1024;
const textParts = 10;

/** Null: it is not there any more. */
export async function fetchMail(client: ImapFlow, uid: number, path: string, maxBytes: number): Promise<FetchedMail | null> {
  const range = String(uid);
  const head = await client.fetchOne(range, { uid: true, size: true, internalDate: true }, { uid: true });
  if (!head) return null;
  const size = head.size ?? 0;
  const at = head.internalDate === undefined ? Number.NaN : new Date(head.internalDate).getTime();
  const mail: FetchedMail = { uid, path, size, receivedAt: Number.isNaN(at) ? null : at, omitted: [] };
  if (size > maxBytes) return (await fetchText(client, mail)) ? mail : null;
  const download = await client.download(range, undefined, { uid: true, maxBytes, chunkSize: 512 * 1024 });
  if (!('content' in download) || !download.content) return null;
  await pipeline(download.content, createWriteStream(path, { mode: 0o600 }));
  // A line that breaks between two pieces looks like the end.
  if (!client.usable) throw new Error('the connection ended while the mail was fetched');
  return mail;
}

/** Headers and text of a mail that is too large, as a mail. */
async function fetchText(client: ImapFlow, mail: FetchedMail): Promise<boolean> {
  const range = String(mail.uid);
  const told = await client.fetchOne(range, { uid: true, headers: true, bodyStructure: true }, { uid: true });
  if (!told || !told.headers) return false;
  const leaves = leavesOf(told.bodyStructure);
  if (leaves.length === 1 && !told.bodyStructure?.childNodes) {
    // One single part: its beginning.
    const download = await client.download(range, undefined, { uid: true, maxBytes: textBytes });
    if (!('content' in download) || !download.content) return false;
    await pipeline(download.content, createWriteStream(mail.path, { mode: 0o600 }));
    mail.omitted.push({ name: nameOf(leaves[0]), type: leaves[0]?.type ?? 'text/plain', size: mail.size });
    return true;
  }
  const texts = leaves.filter((part) => isText(part) && (part.size ?? 0) <= textBytes).slice(0, textParts);
  mail.omitted = leaves
    .filter((part) => !texts.includes(part))
    .map((part) => ({ name: nameOf(part), type: part.type, size: part.size ?? 0 }));
  const keys = texts.flatMap(({ part }) => (part === undefined ? [] : [part]));
  const fetched =
    keys.length === 0
      ? null
      : await client.fetchOne(range, { uid: true, bodyParts: keys.flatMap((key) => [`${key}.mime`, key]) }, { uid: true });
  if (fetched === false) return false;
  const boundary = `truc-omitted-${mail.uid}-${mail.size}`;
  const bodies = keys.flatMap((key) => [
    Buffer.from(`--${boundary}\r\n`),
    fetched?.bodyParts?.get(`${key}.mime`) ?? Buffer.from('\r\n'),
    fetched?.bodyParts?.get(key) ?? Buffer.alloc(0),
    Buffer.from('\r\n'),
  ]);
  const headers = told.headers
    .toString('latin1')
    .split(/\r?\n(?![ \t])/)
    .filter((line) => line.trim() !== '' && !/^(content-type|content-transfer-encoding|content-disposition)\s*:/i.test(line))
    .join('\r\n');
  const top = Buffer.from(`${headers}\r\nContent-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n`, 'latin1');
  await writeFile(mail.path, Buffer.concat([top, ...bodies, Buffer.from(`--${boundary}--\r\n`)]), { mode: 0o600 });
  return true;
}

function leavesOf(structure: MessageStructureObject | undefined): MessageStructureObject[] {
  const leaves: MessageStructureObject[] = [];
  const open = structure ? [structure] : [];
  for (let part = open.shift(); part && leaves.length < 500; part = open.shift()) {
    // What a mail within the mail holds is not this mail's text.
    if (part.childNodes && !part.type.startsWith('message/')) open.unshift(...part.childNodes);
    else leaves.push(part);
  }
  return leaves;
}

const isText = ({ type, disposition }: MessageStructureObject) =>
  /^text\/(plain|html)$/i.test(type) && disposition?.toLowerCase() !== 'attachment';

function nameOf(part: MessageStructureObject | undefined): string | null {
  return part?.dispositionParameters?.['filename'] ?? part?.parameters?.['name'] ?? null;
}
