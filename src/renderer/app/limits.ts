/**
 * The contract's limits, checked against it by type.
 * Values of domain.ts are not imported: it carries zod, which probes `new Function` and so trips our CSP.
 */
import type { limits as contract, settledStatuses, TicketStatus } from '../../shared/domain.ts';

export const limits: typeof contract = {
  messageLength: 20_000,
  subjectLength: 300,
  tagLength: 40,
  tagsPerTicket: 50,
  previewLength: 200,
  attachmentsPerMessage: 10,
  attachmentBytes: 25 * 1024 * 1024,
  leases: 20,
  leaseMs: 8 * 3_600_000,
};

const settled: typeof settledStatuses = ['resolved', 'closed', 'spam'];

/** Nobody needs to act on such a ticket any more. */
export function isSettled(status: TicketStatus): boolean {
  return settled.includes(status);
}
