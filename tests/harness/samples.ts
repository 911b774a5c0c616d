/** Sample payloads of channels, and the secrets and headers that go with them. */
import { readFileSync } from 'node:fs';

const folder = new URL('../fixtures/channels/', import.meta.url);

export const sample = (name: string): Buffer => readFileSync(new URL(name, folder));

interface Signatures {
  secrets: { facebook_app_secret: string; zalo_app_id: string; zalo_oa_secret_key: string; standard_webhooks: string };
  headers: Record<string, Record<string, string>>;
}
const { secrets, headers } = JSON.parse(sample('signatures.json').toString('utf8')) as Signatures;

export { secrets };
export const headersOf = (name: string): Record<string, string> => headers[name] ?? {};
