/** The description of the hub's interface: whole, sound, and true. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Example } from '../../server/src/openapi/document.ts';
import { operations } from '../../server/src/openapi/operations.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { postSigned } from '../harness/receiver.ts';
import { signIn } from '../harness/wire.ts';

interface Content {
  content?: Record<string, { schema: object; examples?: Record<string, { value: unknown }> }>;
}
interface Described {
  operationId: string;
  security: Record<string, string[]>[];
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: Content & { required: boolean };
  responses: Record<string, Content & { description: string }>;
}
interface Document {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Described>>;
  webhooks: Record<string, { post: Described }>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, { type: string }> };
}

let hub: TestHub;
let session = '';
let described: Document;
beforeAll(async () => {
  hub = await startTestHub();
  session = (await signIn(hub.url, 'quan')).token;
  described = (await (await fetch(`${hub.url}/openapi.json`)).json()) as Document;
});
afterAll(() => hub.stop());

const all = () =>
  Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation, route: `${method.toUpperCase()} ${path}` })),
  );

/** What consoles and the widget's frame speak with the hub: docs/protocol.md has it. Whatever else there is must be described. */
const among =
  /^\w+ (\/widget|\/join|\/wallboard|\/api\/v1\/(snapshot|tickets|search|files|calls|acts|next|audit|wallboard|demo|people|join|what-if|journeys|mail|messages)(\/|$)|\/api\/v1\/channels($|\/aside|\/:\w+\/(account|switch|oauth|mail|test|folders))|\/oauth|\/cti\/pop)/;

test('every public route is described, and nothing else', () => {
  const registered = hub.routes.filter((route) => !among.test(route)).map((route) => route.replaceAll(/:(\w+)/g, '{$1}'));
  expect(
    all()
      .map(({ route }) => route)
      .toSorted(),
  ).toEqual(registered.toSorted());
  expect(hub.routes).toEqual(expect.arrayContaining(operations.map(({ route }) => route)));
});

test('the document has the structure of OpenAPI 3.1', () => {
  expect(described.openapi).toMatch(/^3\.1\.\d+$/);
  expect(described.info).toMatchObject({ title: 'Trực', version: expect.any(String) });
  const ids = all().map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, method, operation, route } of all()) {
    expect([route, ['get', 'post', 'put', 'patch', 'delete'].includes(method)]).toEqual([route, true]);
    expect([route, path.startsWith('/') && !path.includes(':')]).toEqual([route, true]);
    const placed = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const inPath = (operation.parameters ?? []).filter((one) => one.in === 'path');
    expect([route, inPath.map(({ name }) => name)]).toEqual([route, placed]);
    expect([route, inPath.every(({ required }) => required)]).toEqual([route, true]);
    const names = (operation.parameters ?? []).map((one) => `${one.in} ${one.name}`);
    expect(new Set(names).size).toBe(names.length);
    expect([route, method === 'get' && operation.requestBody !== undefined]).toEqual([route, false]);
    expect(Object.keys(operation.responses).length).toBeGreaterThan(0);
    for (const [status, { description }] of Object.entries(operation.responses)) {
      expect([route, /^[1-5]\d\d$/.test(status), description.length > 0]).toEqual([route, true, true]);
    }
    for (const way of operation.security) {
      for (const name of Object.keys(way)) expect(Object.keys(described.components.securitySchemes)).toContain(name);
    }
  }
  // Every reference leads somewhere.
  for (const [, name] of JSON.stringify(described).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
    expect(Object.keys(described.components.schemas)).toContain(name);
  }
  expect(JSON.stringify(described)).not.toMatch(/"\$ref":"(?!#\/components\/schemas\/)/);
  expect(Object.keys(described.webhooks).length).toBeGreaterThan(0);
});

test('it says who may call: no public route is without a word on it', () => {
  const open = all().filter(({ operation }) => operation.security.length === 0);
  const byVendor = /^\w+ \/hooks\//;
  expect(open.map(({ route }) => route).filter((route) => !byVendor.test(route))).toEqual([
    'POST /api/v1/auth/sign-in',
    'POST /api/v1/auth/refresh',
    'GET /healthz',
    'GET /readyz',
    'GET /openapi.json',
  ]);
});

const send = async (route: string, { params, headers, body, by }: Example): Promise<Response> => {
  const [method = '', path = ''] = route.split(' ');
  const url = hub.url + path.replaceAll(/:(\w+)/g, (_whole, name: string) => encodeURIComponent(params[name]!));
  const text = body === undefined ? undefined : JSON.stringify(body);
  if (by === 'signature') return postSigned(url, text ?? '', uuid(), { headers });
  const authorization = by === 'apiKey' ? 'Bearer demo-api-key' : by === 'session' ? `Bearer ${session}` : null;
  return fetch(url, {
    method,
    ...(text === undefined ? {} : { body: text }),
    headers: {
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      ...(authorization === null ? {} : { authorization }),
      ...headers,
    },
  });
};

describe('every example is answered as it says', () => {
  test.each(operations.map(({ route }) => route))('%s', async (route) => {
    const { examples, answers } = operations.find((one) => one.route === route)!;
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const answer = await send(route, example);
      expect([example.name, answer.status]).toEqual([example.name, example.status]);
      const said = answers[answer.status];
      expect([example.name, said !== undefined]).toEqual([example.name, true]);
      if (!said?.schema || (said.type ?? 'application/json') !== 'application/json') continue;
      expect(answer.headers.get('content-type')).toContain('application/json');
      const parsed = said.schema.safeParse(await answer.json());
      expect([example.name, parsed.error?.issues]).toEqual([example.name, undefined]);
    }
  });
});
