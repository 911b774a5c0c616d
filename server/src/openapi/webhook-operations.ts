/** Routes of outgoing webhooks, and what their receivers get. */
import { z } from 'zod';
import {
  deliveriesQuery,
  deliveryList,
  endpointChange,
  endpointList,
  endpointMade,
  newEndpoint,
  queued,
} from '../../../src/shared/webhook-admin.ts';
import { outgoing } from '../webhooks/schema.ts';
import { type Operation, refusals, type Told } from './document.ts';

const nobody = { id: '018f0000-0000-7000-8000-000000000001' };
const common = { tag: 'webhooks', by: ['session'] as const };

export const webhookOperations: Operation[] = [
  {
    route: 'GET /api/v1/webhooks',
    id: 'listWebhooks',
    summary: 'The endpoints. For administrators, as all of these.',
    ...common,
    answers: { 200: { says: 'All of them.', schema: endpointList }, ...refusals(401, 403) },
    examples: [
      { name: 'all', params: {}, by: 'session', status: 200 },
      { name: 'stranger', params: {}, by: 'anyone', status: 401 },
    ],
  },
  {
    route: 'POST /api/v1/webhooks',
    id: 'addWebhook',
    summary: 'An endpoint, and the secret that its deliveries are signed with.',
    ...common,
    body: newEndpoint,
    answers: { 201: { says: 'Its secret is shown this once.', schema: endpointMade }, ...refusals(400, 401, 403) },
    examples: [
      {
        name: 'crm',
        params: {},
        by: 'session',
        body: { url: 'https://crm.example.test/truc', events: ['message.created', 'ticket.resolved'], channel_id: 'demo-api' },
        status: 201,
      },
      { name: 'noEvent', params: {}, by: 'session', body: { url: 'https://crm.example.test/truc', events: [] }, status: 400 },
      {
        name: 'noChannel',
        params: {},
        by: 'session',
        body: { url: 'https://crm.example.test/truc', events: ['ticket.created'], channel_id: 'x' },
        status: 400,
      },
    ],
  },
  {
    route: 'PATCH /api/v1/webhooks/:id',
    id: 'changeWebhook',
    summary: 'Changes it, switches it off or on, or gives it a new secret beside the old one.',
    ...common,
    body: endpointChange,
    answers: { 200: { says: 'As it is now.', schema: endpointMade }, ...refusals(400, 401, 403, 404) },
    examples: [{ name: 'on', params: nobody, by: 'session', body: { active: true }, status: 404 }],
  },
  {
    route: 'DELETE /api/v1/webhooks/:id',
    id: 'removeWebhook',
    summary: 'Removes it, with its log and what waits for it.',
    ...common,
    answers: { 200: { says: 'Gone.', schema: z.strictObject({}) }, ...refusals(400, 401, 403, 404) },
    examples: [{ name: 'none', params: nobody, by: 'session', status: 404 }],
  },
  {
    route: 'GET /api/v1/webhooks/:id/deliveries',
    id: 'listDeliveries',
    summary: 'What was delivered in the last 30 days, and what was not, newest first.',
    ...common,
    query: deliveriesQuery,
    answers: { 200: { says: 'A page.', schema: deliveryList }, ...refusals(400, 401, 403, 404) },
    examples: [{ name: 'none', params: nobody, by: 'session', status: 404 }],
  },
  {
    route: 'POST /api/v1/webhooks/deliveries/:id/replay',
    id: 'replayDelivery',
    summary: 'Delivers it once more, under the same id.',
    ...common,
    answers: { 200: { says: 'It waits to be delivered.', schema: queued }, ...refusals(400, 401, 403, 404) },
    examples: [{ name: 'none', params: nobody, by: 'session', status: 404 }],
  },
  {
    route: 'POST /api/v1/webhooks/:id/test',
    id: 'testWebhook',
    summary: 'Delivers a `webhook.test`.',
    ...common,
    answers: { 200: { says: 'It waits to be delivered.', schema: queued }, ...refusals(400, 401, 403, 404) },
    examples: [{ name: 'none', params: nobody, by: 'session', status: 404 }],
  },
];

export const webhookTold: Told[] = Object.entries(outgoing).map(([name, schema]) => ({
  name,
  summary: 'To the endpoints that asked for it.',
  schema,
}));
