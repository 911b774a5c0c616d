/**
 * Secrets sealed by the operating system's key store, in one small file of the profile. They go to the engine and
 * nowhere else: not to a window, not to a log.
 */
import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { SecretName } from '../shared/host.ts';

/** What seals: Electron's safeStorage, see sealer.ts. */
export interface Sealer {
  seal(plain: string): Promise<Buffer>;
  unseal(sealed: Buffer): Promise<string>;
}

export class SecretsError extends Error {}

export interface Secrets {
  get(name: SecretName): Promise<string | null>;
  set(name: SecretName, value: string): Promise<void>;
  delete(name: SecretName): Promise<void>;
}

const content = z.record(z.string(), z.base64());

/** Written beside, synced and renamed: after a power cut there is the old file or the new one, never half of one. */
async function writePrivately(file: string, text: string): Promise<void> {
  const beside = `${file}.new`;
  await rm(beside, { force: true });
  const handle = await open(beside, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
  if (process.platform === 'win32') return;
  const folder = await open(join(file, '..'), 'r');
  await folder.sync().finally(() => folder.close());
}

/** @param sealer null: there is no key store and the agent has not agreed to do without */
export function openSecrets(profileDir: string, sealer: Sealer | null): Secrets {
  const file = join(profileDir, 'secrets.json');
  // One change after the other: each rewrites the whole file.
  let queue: Promise<unknown> = Promise.resolve();

  function sealed(): Record<string, string> {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
      throw new SecretsError(`${file} can't be read. Make it readable for you, or delete it and sign in again.`);
    }
    try {
      return content.parse(JSON.parse(text));
    } catch {
      throw new SecretsError(`${file} is damaged. Delete it and sign in again.`);
    }
  }

  function change(edit: (all: Record<string, string>) => void): Promise<void> {
    const done = queue.then(() => {
      const all = sealed();
      edit(all);
      return writePrivately(file, JSON.stringify(all));
    });
    queue = done.catch(() => undefined);
    return done;
  }

  function keyStore(): Sealer {
    if (sealer) return sealer;
    throw new SecretsError(
      'This computer has no key store to keep secrets in. Unlock or install one (GNOME Keyring, KWallet) and start again.',
    );
  }

  return {
    async get(name) {
      await queue;
      const text = sealed()[name];
      if (text === undefined) return null;
      const { unseal } = keyStore();
      try {
        return await unseal(Buffer.from(text, 'base64'));
      } catch {
        throw new SecretsError(`The key store can't open what it sealed (${name}). Delete ${file} and sign in again.`);
      }
    },
    async set(name, value) {
      const text = (await keyStore().seal(value)).toString('base64');
      await change((all) => {
        all[name] = text;
      });
    },
    async delete(name) {
      await change((all) => {
        delete all[name];
      });
    },
  };
}
