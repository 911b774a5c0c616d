/** Files at a console, as a window handles them: handed over and read in parts. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import type { CommandArgs, CommandName, CommandValues, QueryArgs, QueryName, QueryValues } from '../../src/shared/bridge.ts';
import type { TicketFile } from '../../src/shared/bridge-files.ts';

/** An engine, in this process or in one of its own. */
export interface Asked {
  readonly profileDir: string;
  query<N extends QueryName>(name: N, args: QueryArgs<N>): Promise<QueryValues[N]>;
  execute<N extends CommandName>(name: N, args: CommandArgs<N>): Promise<CommandValues[N]>;
}

const partBytes = 128 * 1024;

/** Bytes that can be told from any others wherever they turn up: a mark in each 4 KiB, random between. */
export function content(bytes: number, mark = 'BI MAT CUA KHACH HANG'): Buffer {
  const made = randomBytes(bytes);
  for (let at = 0; at + mark.length <= bytes; at += 4096) made.write(mark, at);
  return made;
}
export const contentMark = Buffer.from('BI MAT CUA KHACH HANG');

export const sumOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Hands a file over for the ticket's next message; `until` bytes of it at most. */
export async function choose(one: Asked, ticketId: string, bytes: Buffer, name = 'bảo hành.pdf', until = bytes.length): Promise<string> {
  const id = uuid();
  for (let offset = 0; offset < until; offset += partBytes) {
    const part = bytes.subarray(offset, Math.min(until, offset + partBytes)).toString('base64');
    await one.execute('file.add', { id, ticketId, name, type: 'application/pdf', size: bytes.length, offset, bytes: part });
  }
  return id;
}

/** Brings a file here and reads it whole. */
export async function openWhole(one: Asked, id: string): Promise<Buffer> {
  const { size } = await one.execute('file.open', { id });
  const parts: Buffer[] = [];
  for (let offset = 0; offset < size;) {
    const part = Buffer.from((await one.execute('file.read', { id, offset })).bytes, 'base64');
    if (part.length === 0) throw new Error(`nothing at ${offset} of ${size}`);
    parts.push(part);
    offset += part.length;
  }
  return Buffer.concat(parts);
}

export async function answer(one: Asked, ticketId: string, body: string, attachments: string[] = []): Promise<string> {
  const ticket = await one.query('ticket.get', { ticketId });
  if (!ticket) throw new Error('no such ticket here');
  const messageId = uuid();
  const seen = { inboundId: ticket.lastInboundId, replyId: ticket.lastReplyId, assigneeId: ticket.assigneeId };
  await one.execute('reply.send', { ticketId, messageId, body, seen, startedAt: Date.now(), attachments });
  return messageId;
}

export async function fileOf(one: Asked, ticketId: string, id: string): Promise<TicketFile | undefined> {
  return (await one.query('ticket.files', { ticketId })).find((file) => file.id === id);
}

/** Names in the profile's folders of files. */
export function kept(one: Asked): string[] {
  return readdirSync(one.profileDir).flatMap((folder) => (folder.startsWith('files-') ? readdirSync(join(one.profileDir, folder)) : []));
}

/** Every byte of the profile, as a thief would find it. */
export function onDisk(one: Asked): Buffer {
  const names = readdirSync(one.profileDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Buffer.concat(names.map((entry) => readFileSync(join(entry.parentPath, entry.name))));
}
