/** Search at the hub, for what this workstation does not keep: what is here as well is left to the search over the cache. */
import type { CommandArgs } from '../../shared/bridge.ts';
import type { HubAnswer } from '../../shared/found.ts';
import { httpError, searchAnswer } from '../../shared/protocol.ts';
import { mark, readTyped } from '../../shared/search.ts';
import { type Db, prepare } from './database.ts';
import { AuthExpired, Unreachable } from './link.ts';
import type { Session } from './session.ts';
import { BridgeFailure } from './subscriptions.ts';

const most = 50;
/** the hub gives up after three seconds of its own */
const patienceMs = 6000;

/** Throws a `BridgeFailure` that says why there is no answer. */
export async function searchHub(db: Db, session: Session, { text, filter }: CommandArgs<'search.hub'>): Promise<HubAnswer> {
  const answer = await ask(session, JSON.stringify({ text, filter, limit: most }));
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) {
    const code = httpError.safeParse(body).data?.code;
    if (answer.status === 503 && code === 'UNAVAILABLE') throw new BridgeFailure({ code: 'TOO_SLOW' });
    throw new BridgeFailure({ code: answer.status === 429 ? 'TOO_MANY_ATTEMPTS' : 'HUB_UNREACHABLE' });
  }
  const parsed = searchAnswer.safeParse(body);
  if (!parsed.success) throw new BridgeFailure({ code: 'HUB_UNREACHABLE' });
  const typed = readTyped(text);
  // The file may have been closed while the hub was thinking.
  const here = (table: 'ticket' | 'message', id: string) =>
    db.open && prepare(db, `select 1 from ${table} where id = ?`).get(id) !== undefined;
  const away = parsed.data.hits.filter(
    ({ ticketId, messageId }) => !here('ticket', ticketId) || (messageId !== null && !here('message', messageId)),
  );
  return {
    hits: away.map((hit) => ({
      ...hit,
      subject: mark(hit.subject, typed),
      snippet: mark(hit.snippet, typed),
      ticketHere: here('ticket', hit.ticketId),
    })),
    known: parsed.data.hits.length - away.length,
    more: parsed.data.more,
  };
}

async function ask(session: Session, body: string): Promise<Response> {
  try {
    for (let attempt = 1; ; attempt += 1) {
      const token = await session.token();
      const signal = AbortSignal.timeout(patienceMs);
      const answer = await session.request('/api/v1/search', { method: 'POST', body, token, signal });
      if (answer.status !== 401 || attempt === 2) return answer;
      session.forgetToken();
    }
  } catch (error) {
    if (error instanceof Unreachable || error instanceof AuthExpired) throw new BridgeFailure({ code: 'HUB_UNREACHABLE' });
    throw error;
  }
}
