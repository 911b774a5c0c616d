/** Outgoing webhooks, for administrators: where events go, what became of each, and once more. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { id } from '../../../src/shared/domain.ts';
import { deliveriesQuery, type DeliveryList, type Endpoint, endpointChange, newEndpoint } from '../../../src/shared/webhook-admin.ts';
import type { SyncHub } from '../realtime/console-session.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import { administrator } from './administrator.ts';
import { HttpError, parse } from './server.ts';

export function webhookRoutes(server: FastifyInstance, hub: SyncHub, webhooks: Webhooks): void {
  const idOf = (request: FastifyRequest): string => parse(z.object({ id }), request.params).id;
  const none = () => new HttpError(404, 'NOT_FOUND', 'id', 'There is no such webhook.');
  const ofChannel = async (channelId: string | null | undefined): Promise<void> => {
    if (channelId && !(await hub.committer.reference()).rows.channel.has(channelId))
      throw new HttpError(400, 'BAD_REQUEST', 'channel_id', 'There is no such channel.');
  };

  server.get('/api/v1/webhooks', async (request): Promise<{ webhooks: Endpoint[] }> => {
    await administrator(request, hub);
    return { webhooks: await webhooks.list() };
  });

  server.post('/api/v1/webhooks', async (request, reply): Promise<{ webhook: Endpoint; secret: string | null }> => {
    await administrator(request, hub);
    const wanted = parse(newEndpoint, request.body);
    await ofChannel(wanted.channel_id);
    void reply.code(201);
    return webhooks.add(wanted);
  });

  server.patch('/api/v1/webhooks/:id', async (request): Promise<{ webhook: Endpoint; secret: string | null }> => {
    await administrator(request, hub);
    const change = parse(endpointChange, request.body);
    await ofChannel(change.channel_id);
    const changed = await webhooks.change(idOf(request), change);
    if (!changed) throw none();
    return changed;
  });

  server.delete('/api/v1/webhooks/:id', async (request) => {
    await administrator(request, hub);
    if (!(await webhooks.remove(idOf(request)))) throw none();
    return {};
  });

  server.get('/api/v1/webhooks/:id/deliveries', async (request): Promise<DeliveryList> => {
    await administrator(request, hub);
    const list = await webhooks.deliveries(idOf(request), parse(deliveriesQuery, request.query));
    if (!list) throw none();
    return list;
  });

  server.post('/api/v1/webhooks/deliveries/:id/replay', async (request) => {
    await administrator(request, hub);
    const deliveryId = idOf(request);
    if (!(await webhooks.replay(deliveryId))) throw new HttpError(404, 'NOT_FOUND', 'id', 'There is no such delivery.');
    return { id: deliveryId };
  });

  server.post('/api/v1/webhooks/:id/test', async (request) => {
    await administrator(request, hub);
    const deliveryId = await webhooks.test(idOf(request));
    if (deliveryId === null) throw none();
    return { id: deliveryId };
  });
}
