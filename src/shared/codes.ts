/** What a ticket was about and how it ended, in the centre's own words. Tickets keep the words themselves: a code that goes takes none along. */
import { z } from 'zod';
import { id, text } from './words.ts';

export const codeKinds = ['reason', 'disposition'] as const;
export const codeKind = z.enum(codeKinds);
export type CodeKind = z.infer<typeof codeKind>;

export const codeRow = z.strictObject({
  id,
  kind: codeKind,
  name: text(80),
  /** the queues that it is offered in; null: every one */
  queueIds: z.array(id).max(200).nullable(),
  position: z.int(),
  active: z.boolean(),
});
export type Code = z.infer<typeof codeRow>;

/** The codes to choose from in a queue, in the administrator's order. */
export function codesFor({ codes }: { codes: readonly Code[] }, kind: CodeKind, queueId: string): Code[] {
  return codes
    .filter((code) => code.kind === kind && code.active && (code.queueIds === null || code.queueIds.includes(queueId)))
    .sort((a, b) => a.position - b.position);
}
