/** Changes whose maker waits for the verdict: what an administrator lays down, what a lead does, an offer that is taken. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import { z } from 'zod';
import { id } from '../../../src/shared/domain.ts';
import { type ActAnswer, actRequest, type AuditAnswer, auditQuery, type NextAnswer } from '../../../src/shared/protocol.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import { actorOf, type Reference } from '../sync/reference.ts';
import type { Router } from '../routing/router.ts';
import { authenticate, HttpError, parse, perMinute } from './server.ts';

export function actRoutes(server: FastifyInstance, hub: SyncHub, router: Pick<Router, 'next'>): void {
  const whoActs = async (request: FastifyRequest): Promise<string> => {
    const access = await authenticate(request, hub.sessions);
    const client = await hub.sessions.client(access.clientId);
    const actor = actorOf(await hub.committer.reference(), access.userId);
    if (!client || client.revokedAt !== null || !actor) throw new HttpError(403, 'CLIENT_REVOKED');
    return access.userId;
  };

  const isPicked = async (userId: string, args: unknown): Promise<boolean> => {
    const { ticketId } = parse(z.object({ ticketId: id }), args);
    const reference = await hub.committer.reference();
    if (actorOf(reference, userId)?.role !== 'agent') return false;
    const found = await sql<{ queueId: string }>`
      select queue_id from ticket where workspace_id = ${hub.workspaceId} and id = ${ticketId}`.execute(hub.db);
    return reference.rows.queue.get(found.rows[0]?.queueId ?? '')?.routing?.cherryPick === false;
  };

  server.post('/api/v1/acts', perMinute(1200), async (request): Promise<ActAnswer> => {
    const userId = await whoActs(request);
    const wanted = parse(actRequest, request.body);
    // "Next" takes the head of a queue; by name nobody takes what they like where the queue says so.
    if (wanted.name === 'ticket.take' && (await isPicked(userId, wanted.args)))
      return { rejection: { code: 'NO_PICKING', field: 'ticketId' } };
    return { rejection: await hub.committer.act(userId, wanted) };
  });

  /** Who did what. A lead sees what was done to tickets of their queues and to people; an administrator everything. */
  server.get('/api/v1/audit', perMinute(120), async (request): Promise<AuditAnswer> => {
    const reference = await hub.committer.reference();
    const actor = actorOf(reference, await whoActs(request));
    if (!actor || actor.role === 'agent') throw new HttpError(403, 'FORBIDDEN', undefined, 'This is for leads and administrators.');
    const { before = null, ticketId = null } = parse(auditQuery, request.query);
    const found = await sql<AuditAnswer['entries'][number]>`
      select a.id, a.at, a.actor_id, a.actor_name, a.actor_role, a.act, a.ticket_id, a.args, t.number as ticket_number, t.subject as ticket_subject
      from audit a left join ticket t on t.workspace_id = a.workspace_id and t.id = a.ticket_id
      where a.workspace_id = ${hub.workspaceId} and (${ticketId}::uuid is null or a.ticket_id = ${ticketId}::uuid)
        and (${before}::uuid is null
          or (a.at, a.id) < (select at, id from audit where workspace_id = ${hub.workspaceId} and id = ${before}::uuid))
        and (${actor.role === 'admin'} or t.queue_id = any(${[...actor.queues]}::uuid[]) or a.actor_id = ${actor.userId}::uuid
          or a.args->>'userId' = any(${[...ledBy(reference, actor.userId)]}::text[]))
      order by a.at desc, a.id desc limit 100`.execute(hub.db);
    return { entries: found.rows };
  });

  /** The head of the agent's queues is theirs from now on; null: nothing waits that they may have. */
  server.post('/api/v1/next', perMinute(240), async (request): Promise<NextAnswer> => {
    const given = await router.next(await whoActs(request));
    return { ticketId: 'ticketId' in given ? given.ticketId : null };
  });
}

/** The people of the teams that somebody belongs to. */
function ledBy({ rows }: Reference, userId: string | null): Set<string> {
  const members = [...rows.teamMember.values()];
  const teams = new Set(members.flatMap((row) => (row.userId === userId ? [row.teamId] : [])));
  return new Set(members.flatMap((row) => (teams.has(row.teamId) ? [row.userId] : [])));
}
