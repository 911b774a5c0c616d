/** What to call a ticket: #1042, the number read to the caller while it has no other, or null. */
export function refOf(ticket: { number: number | null; provisionalRef: string | null }): string | null {
  return ticket.number === null ? ticket.provisionalRef : `#${ticket.number}`;
}
