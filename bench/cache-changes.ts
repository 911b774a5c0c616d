/** What the hub sends of a busy hour: half messages, half their tickets, of the newest; one in five with another subject. */
import type { Entity, Rows } from '../src/shared/domain.ts';
import type { Change } from '../src/shared/protocol.ts';
import { end, type FullCache, idAt } from './full-cache.ts';

/** tickets that are worked on at the time */
const busy = 5000;

/** `salt` makes other ones each time; sequence numbers follow `after`. */
export function cacheChanges(cache: FullCache, count: number, after: number, salt: number): Change[] {
  const changes: Change[] = [];
  const put = (entity: Entity, row: Rows[Entity]) =>
    changes.push({ seq: after + changes.length + 1, scope: '', op: 'put', entity, id: row.id, row });
  for (let index = 0; changes.length < count; index += 1) {
    const ticket = cache.size.tickets - 1 - ((index * 7919 + salt * 31) % busy);
    const at = end + salt + index;
    put('message', {
      ...cache.message((index * 104_729) % cache.messages),
      id: idAt(at, index + salt, 11),
      ticketId: cache.ticketId(ticket),
      authoredAt: at,
      acceptedAt: at,
    });
    put('ticket', { ...cache.ticket(ticket, index % 5 === 0 ? index + 1 : 0), lastMessageAt: at, updatedAt: at });
  }
  return changes.slice(0, count);
}
