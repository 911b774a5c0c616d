/** The parts of a mail as they come: what is text is gathered up to a limit, what is a file goes to the disk. */
import type { MimeNode, SplitterChunk } from '@zone-eu/mailsplit';
import { createHash, type Hash } from 'node:crypto';
import { kindBytes, kindOf, plainName } from '../../../../src/shared/file-kind.ts';
import type { FileSink, FileWriter } from './files.ts';
import { Headers } from './headers.ts';
import type { MailFile, MailLimits, MailWarning } from './mail.ts';
import { type TransferDecoder, transferDecoder } from './transfer.ts';

export type PartKind =
  | 'plain'
  | 'html'
  | 'calendar'
  /** message/delivery-status */
  | 'status'
  /** what a report gives back of a mail of ours */
  | 'returned'
  | 'signature'
  | 'file'
  /** holds other parts */
  | 'multipart';

export interface Part {
  kind: PartKind;
  /** content type, lower case, without parameters */
  type: string;
  headers: Headers;
  charset: string | null;
  flowed: { delSp: boolean } | null;
  /** the alternative that it is one form of, counted; null: it stands alone */
  alternative: number | null;
  /** decoded, of those whose content is read here */
  bytes: Buffer;
  /** of its decoded content, as far as it was read */
  hash: string;
  damaged: boolean;
  cut: boolean;
}

interface Open {
  part: Part;
  decoder: TransferDecoder;
  gathered: Buffer[];
  /** bytes that may still be gathered */
  room: number;
  sum: Hash;
  file: { entry: MailFile; writer: FileWriter | null; head: Buffer } | null;
}

/** what a report, an invitation and the like may hold */
const smallPart = 256 * 1024;

export class PartReader {
  readonly warnings: MailWarning[] = [];
  readonly files: MailFile[] = [];
  root: Part | null = null;
  readonly #limits: MailLimits;
  readonly #sink: FileSink;
  readonly #readAs: string | null;
  readonly #parts: Part[] = [];
  /** which parts each multipart holds is told by its node */
  readonly #alternatives = new Map<MimeNode, number>();
  readonly #unclosed = new Map<MimeNode, Buffer>();
  #open: Open | null = null;
  #textRoom: number;
  #htmlRoom: number;

  constructor(limits: MailLimits, sink: FileSink, readAs: string | null) {
    this.#limits = limits;
    this.#sink = sink;
    this.#readAs = readAs;
    this.#textRoom = limits.textBytes;
    this.#htmlRoom = limits.htmlBytes;
  }

  /** Nothing but headers has come, if even those. */
  get isEmpty(): boolean {
    return this.#parts.every((part) => part.bytes.length === 0) && this.files.length === 0;
  }

  warn(warning: MailWarning): void {
    if (!this.warnings.includes(warning)) this.warnings.push(warning);
  }

  async take(piece: SplitterChunk): Promise<void> {
    if (piece.type === 'node') {
      await this.#close();
      await this.#begin(piece);
    } else if (piece.type === 'body') await this.#write(piece.value ?? Buffer.alloc(0));
    else this.#boundary(piece.node, piece.value ?? Buffer.alloc(0));
  }

  /** Every part, when nothing more comes. */
  async finish(): Promise<Part[]> {
    const cut = this.#unclosed.size > 0;
    if (cut) this.warn('truncated');
    const last = this.#open;
    await this.#close();
    if (cut && last?.file && last.file.entry.warning !== 'too-large') last.file.entry.warning = 'truncated';
    return this.#parts;
  }

  /** The line that ends a multipart: one that never comes was cut off. */
  #boundary(node: MimeNode, line: Buffer): void {
    const text = line.toString('latin1').trim();
    if (!text.endsWith('--')) return;
    for (let owner: MimeNode | false = node; owner; owner = owner.parentNode) {
      const boundary = this.#unclosed.get(owner);
      if (boundary && text === `--${boundary.toString('latin1')}--`) {
        this.#unclosed.delete(owner);
        return;
      }
    }
  }

  async #begin(node: MimeNode): Promise<void> {
    const lines = node.headers ? node.headers.getList() : [];
    const type = node.contentType || 'text/plain';
    const part: Part = {
      kind: this.#kindOf(node, type),
      type,
      headers: new Headers(lines, this.#readAs),
      charset: node.charset || null,
      flowed: node.flowed ? { delSp: node.delSp } : null,
      alternative: this.#alternativeOf(node),
      bytes: Buffer.alloc(0),
      hash: '',
      damaged: false,
      cut: false,
    };
    this.root ??= part;
    if (part.kind === 'multipart') {
      if (node.multipart === 'alternative') this.#alternatives.set(node, this.#alternatives.size);
      // A multipart within one that was closed is closed with it.
      if (node._boundary && node.root) this.#unclosed.set(node, node._boundary);
      return;
    }
    this.#parts.push(part);
    const open: Open = {
      part,
      decoder: transferDecoder(node.encoding || ''),
      gathered: [],
      room: this.#roomFor(part.kind),
      sum: createHash('sha256'),
      file: null,
    };
    this.#open = open;
    if (part.kind === 'file' || part.kind === 'calendar') await this.#beginFile(open, node);
  }

  async #beginFile(open: Open, node: MimeNode): Promise<void> {
    if (this.files.length >= this.#limits.files) {
      this.warn('too-many-files');
      return;
    }
    const { part } = open;
    const tnef = /^application\/(ms-tnef|vnd\.ms-tnef)$/.test(part.type);
    const id = /<?([^<>\s]+)>?/.exec(part.headers.raw('content-id')[0] ?? '')?.[1] ?? null;
    const writer = await this.#sink.open(this.files.length);
    const entry: MailFile = {
      id: writer.id,
      name: plainName((node.filename || nameFor(part.type)).normalize('NFC')),
      type: 'application/octet-stream',
      size: 0,
      sha256: '',
      contentId: id?.slice(0, 300) ?? null,
      inline: node.disposition === 'inline' || (node.disposition !== 'attachment' && id !== null),
      warning: tnef ? 'tnef' : null,
    };
    if (tnef) this.warn('tnef');
    this.files.push(entry);
    open.file = { entry, writer, head: Buffer.alloc(0) };
  }

  async #write(chunk: Buffer): Promise<void> {
    if (this.#open) await this.#put(this.#open, this.#open.decoder.push(chunk));
  }

  async #put(open: Open, bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    open.sum.update(bytes);
    if (open.room > 0) {
      const kept = bytes.subarray(0, open.room);
      // A copy: the chunk that it was cut from is larger.
      open.gathered.push(Buffer.from(kept));
      open.room -= kept.length;
      if (kept.length < bytes.length) open.part.cut = true;
    } else if (open.part.kind === 'plain' || open.part.kind === 'html') open.part.cut = true;
    const { file } = open;
    if (!file) return;
    if (file.head.length < kindBytes) file.head = Buffer.concat([file.head, bytes.subarray(0, kindBytes)]);
    file.entry.size += bytes.length;
    if (!file.writer) return;
    if (file.entry.size > this.#limits.fileBytes) {
      const { writer } = file;
      file.writer = null;
      file.entry.id = null;
      file.entry.warning = 'too-large';
      this.warn('file-too-large');
      await writer.discard();
    } else await file.writer.write(bytes);
  }

  async #close(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    this.#open = null;
    await this.#put(open, open.decoder.end());
    const { part, file } = open;
    part.bytes = Buffer.concat(open.gathered);
    part.hash = open.sum.digest('hex');
    part.damaged = open.decoder.damaged;
    if (part.damaged) this.warn('decode');
    if (part.cut && (part.kind === 'plain' || part.kind === 'html')) this.warn('truncated');
    if (part.kind === 'plain') this.#textRoom -= part.bytes.length;
    if (part.kind === 'html') this.#htmlRoom -= part.bytes.length;
    if (!file) return;
    file.entry.sha256 = part.hash;
    file.entry.type = kindOf(file.head);
    if (part.damaged) file.entry.warning ??= 'damaged';
    await file.writer?.finish(part.hash);
  }

  #roomFor(kind: PartKind): number {
    switch (kind) {
      case 'plain':
        return this.#textRoom;
      case 'html':
        return this.#htmlRoom;
      case 'calendar':
      case 'status':
      case 'returned':
        return smallPart;
      default:
        return 0;
    }
  }

  #alternativeOf(node: MimeNode): number | null {
    for (let owner = node.parentNode; owner; owner = owner.parentNode) {
      const number = this.#alternatives.get(owner);
      if (number !== undefined) return number;
    }
    return null;
  }

  #kindOf(node: MimeNode, type: string): PartKind {
    if (node.multipart) return 'multipart';
    const parent = node.parentNode ? node.parentNode.multipart : '';
    if (parent === 'report') {
      if (/^message\/(global-)?delivery-status$/.test(type)) return 'status';
      if (/^(text\/rfc822-headers|message\/(rfc822|global|global-headers))$/.test(type)) return 'returned';
    }
    if (/^application\/((x-)?pkcs7|pgp)-signature$/.test(type)) return 'signature';
    if (type === 'text/calendar') return 'calendar';
    if (node.disposition === 'attachment') return 'file';
    // Apple Mail shows files of text within the text; they are files all the same. Some name the text itself.
    const named = Boolean(node.filename) && (Boolean(node.disposition) || this.#parts.length > 0);
    if (type === 'text/plain' && !named) return 'plain';
    if (type === 'text/html' && !named) return 'html';
    return 'file';
  }
}

function nameFor(type: string): string {
  if (type === 'message/rfc822') return 'message.eml';
  if (type === 'text/calendar') return 'invite.ics';
  return type.startsWith('text/') ? 'file.txt' : 'file';
}
