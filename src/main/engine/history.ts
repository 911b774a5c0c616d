/** Older messages of one ticket, fetched when somebody looks, and remembered as here. */
import { historyAnswer } from '../../shared/protocol.ts';
import type { Db } from './database.ts';
import { AuthExpired, Unreachable } from './link.ts';
import { takeHistory, type Touched } from './replica.ts';
import type { Session } from './session.ts';
import { hereSince, withJoined } from './tables/conversation.ts';

const page = 200;

/**
 * The next older page of a ticket's messages, or of one that goes on in it: of the one whose beginning is farthest. Does nothing when all are here. Throws `Unreachable` or `AuthExpired`; what was
 * stored by then stays.
 */
export async function loadHistory(db: Db, session: Session, shownId: string, touched: Touched): Promise<void> {
  const [farthest] = withJoined(db, shownId)
    .map((ticketId) => ({ ticketId, before: hereSince(db, ticketId) }))
    .toSorted((a, b) => b.before - a.before);
  if (!farthest || farthest.before === 0) return;
  const { ticketId, before } = farthest;
  const token = await session.token();
  const answer = await session.request(`/api/v1/tickets/${ticketId}/history?before=${before}&limit=${page}`, { token });
  if (answer.status === 401) {
    session.forgetToken();
    throw new AuthExpired();
  }
  const parsed = historyAnswer.safeParse(await answer.json().catch(() => null));
  if (!answer.ok || !parsed.success) throw new Unreachable(`history answered ${answer.status}`);
  takeHistory(db, ticketId, parsed.data, before, touched);
}
