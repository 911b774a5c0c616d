/** What a window and the engine say to one another about files: part of the map in bridge.ts. */
import { z } from 'zod';
import { type Attachment, id, limits } from './domain.ts';
import type { FileKind } from './file-kind.ts';

/** Chosen for the next message; its bytes are on this workstation, encrypted. */
export interface StagedFile {
  id: string;
  name: string;
  /** media type as the system of its sender names it */
  type: string;
  /** bytes */
  size: number;
}

export interface TicketFile extends Pick<Attachment, 'id' | 'messageId' | 'name' | 'type' | 'size' | 'state'> {
  /** its bytes are on this workstation */
  here: boolean;
  /** on its way from here to the hub: bytes that have arrived there; `lasting`: waiting won't mend the error */
  upload: { sent: number; attempts: number; error: string | null; lasting: boolean } | null;
  /** bytes that have come of a download under way; null: there is none */
  received: number | null;
}

/** A file of a message that has not reached the hub whole. */
export interface UnsentFile extends Pick<StagedFile, 'id' | 'name' | 'size'> {
  ticketId: string;
  ticketSubject: string | null;
  /** bytes that have arrived there */
  sent: number;
  attempts: number;
  /** waiting won't mend what went wrong */
  lasting: boolean;
}

/** Files by their ids, as chosen for this ticket. */
export const chosenFiles = z.array(id).max(limits.attachmentsPerMessage).optional();
/** Bytes of one `file.add`, in base64: 128 KiB. */
const largestPart = Math.ceil((128 * 1024) / 3) * 4;

/** Arguments of the commands on files. */
export const fileCommands = {
  /** an internal note with files */
  'note.add': z.strictObject({ ticketId: id, messageId: id, body: z.string().max(limits.messageLength), attachments: chosenFiles }),
  /**
   * The next bytes of a file for the ticket's next message, one part after the other; `offset` 0 begins it. `id` is made by the window.
   * Refused as FILE_TOO_LARGE, FILE_EMPTY or TOO_MANY_FILES.
   */
  'file.add': z.strictObject({
    id,
    ticketId: id,
    name: z.string().min(1).max(200),
    type: z.string().max(120),
    size: z.int().nonnegative(),
    offset: z.int().nonnegative(),
    bytes: z.string().max(largestPart),
  }),
  /** takes it back, before it is sent */
  'file.remove': z.strictObject({ id }),
  /** tries again now to send a file that failed */
  'file.retry': z.strictObject({ id }),
  /** brings the file here; refused as HUB_UNREACHABLE, FILE_GONE or FILE_DAMAGED */
  'file.open': z.strictObject({ id }),
  /** some bytes from `offset` on of a file that is here */
  'file.read': z.strictObject({ id, offset: z.int().nonnegative() }),
} as const;

export interface FileCommandValues {
  'note.add': { mutationId: number };
  /** bytes that have come; `done`: all, and they are kept */
  'file.add': { received: number; done: boolean };
  'file.remove': null;
  'file.retry': null;
  /** `kind`: what it is by its bytes */
  'file.open': { name: string; size: number; kind: FileKind };
  /** base64; empty at the end */
  'file.read': { bytes: string };
}

export const fileQueries = {
  /** files of a ticket's messages, oldest first */
  'ticket.files': z.strictObject({ ticketId: id }),
  /** files chosen for the ticket's next message */
  'file.staged': z.strictObject({ ticketId: id }),
  /** files that have not reached the hub whole, oldest first */
  'file.unsent': z.null(),
} as const;

export interface FileQueryValues {
  'ticket.files': TicketFile[];
  'file.staged': StagedFile[];
  'file.unsent': UnsentFile[];
}
