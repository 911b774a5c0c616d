/** OpenAPI 3.1 from what the routes check requests with. Specification: https://spec.openapis.org/oas/v3.1.1.html */
import { z } from 'zod';
import { httpError } from '../../../src/shared/protocol.ts';

export type Caller = 'anyone' | 'session' | 'apiKey' | 'signature' | 'address';

/** A request that the route answers as it says; those of the demo work there as they stand. */
export interface Example {
  name: string;
  params: Record<string, string>;
  headers?: Record<string, string>;
  body?: unknown;
  /** who sends it */
  by: Caller;
  status: number;
}

/** One route as the world outside may use it. */
export interface Operation {
  /** as the server registers it: `POST /api/v1/bots/:channelId/events` */
  route: string;
  id: string;
  summary: string;
  tag: string;
  /** any of these; none: whoever asks */
  by: readonly Caller[];
  query?: z.ZodObject;
  headers?: z.ZodObject;
  /** `vendor`: as the vendor documents it */
  body?: z.ZodType | 'vendor';
  answers: Readonly<Record<number, { says: string; schema?: z.ZodType; type?: string }>>;
  examples: readonly Example[];
}

/** What the hub itself sends. */
export interface Told {
  name: string;
  summary: string;
  schema: z.ZodType;
}

const security: Record<Exclude<Caller, 'anyone' | 'address'>, object> = {
  session: { type: 'http', scheme: 'bearer', description: 'The access token of a signed-in user.' },
  apiKey: { type: 'http', scheme: 'bearer', description: 'The channel’s own key.' },
  signature: {
    type: 'apiKey',
    in: 'header',
    name: 'webhook-signature',
    description: 'Standard Webhooks 1.0.0: webhook-id, webhook-timestamp (seconds) and webhook-signature (v1).',
  },
};
const refusal = { says: 'Refused; `field` names what is at fault.', schema: httpError };

/** JSON that describes every operation, with its examples. */
export function openApiDocument(operations: readonly Operation[], told: readonly Told[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const [method = '', path = ''] = operation.route.split(' ');
    const place = path.replaceAll(/:(\w+)/g, '{$1}');
    paths[place] = { ...paths[place], [method.toLowerCase()]: describe(operation, path) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Trực',
      version: '1',
      description: 'Channels, bots and webhooks of the hub. What consoles speak with it among themselves is not part of it.',
    },
    servers: [{ url: '/' }],
    paths,
    webhooks: Object.fromEntries(
      told.map(({ name, summary, schema }) => [
        name,
        {
          post: {
            summary,
            security: [{ signature: [] }],
            requestBody: { required: true, content: { 'application/json': { schema: schemaOf(schema) } } },
            responses: { '200': { description: 'Taken. Any 2xx will do; a redirect will not. The same webhook-id may come again.' } },
          },
        },
      ]),
    ),
    components: { securitySchemes: security, schemas: { Refusal: schemaOf(httpError) } },
  };
}

function describe({ id, summary, tag, by, query, headers, body, answers, examples }: Operation, path: string): object {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const given = examples.filter((one) => one.body !== undefined);
  const callers = by.filter((one) => one !== 'anyone' && one !== 'address');
  return {
    operationId: id,
    summary,
    tags: [tag],
    security: callers.map((one) => ({ [one]: [] })),
    ...list('parameters', [...inPath, ...parameters('query', query), ...parameters('header', headers)]),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: body === 'vendor' ? { description: 'As the vendor documents it.' } : schemaOf(body),
                ...(given.length === 0 ? {} : { examples: Object.fromEntries(given.map(({ name, body: value }) => [name, { value }])) }),
              },
            },
          },
        }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, { says, schema, type = 'application/json' }]) => [
        status,
        {
          description: says,
          ...(schema === undefined
            ? {}
            : { content: { [type]: { schema: schema === httpError ? { $ref: '#/components/schemas/Refusal' } : schemaOf(schema) } } }),
        },
      ]),
    ),
  };
}

function parameters(place: 'query' | 'header', schema: z.ZodObject | undefined): object[] {
  return Object.entries(schema?.shape ?? {}).map(([name, one]) => ({
    name,
    in: place,
    required: !(one as z.ZodType).safeParse(undefined).success,
    schema: schemaOf(one as z.ZodType),
  }));
}

const list = (name: string, items: object[]): object => (items.length === 0 ? {} : { [name]: items });

function schemaOf(schema: z.ZodType): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

/** The refusals that a route knows, by status. */
export const refusals = (...statuses: number[]): Operation['answers'] => Object.fromEntries(statuses.map((status) => [status, refusal]));
