import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSecrets, type Sealer, SecretsError } from './secrets.ts';

/** A key store of this test's own, with real encryption: safeStorage itself is tried end to end. */
function keyStore(): Sealer {
  const key = randomBytes(32);
  return {
    async seal(plain) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]);
    },
    async unseal(sealed) {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAuthTag(sealed.subarray(12, 28));
      return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString();
    },
  };
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'truc-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('what is set is got again, also by the next start', async () => {
  const store = keyStore();
  const secrets = openSecrets(folder, store);
  expect(await secrets.get('databaseKey')).toBeNull();
  await Promise.all([secrets.set('databaseKey', 'one'), secrets.set('refreshToken', 'two'), secrets.set('databaseKey', 'three')]);
  expect(await secrets.get('databaseKey')).toBe('three');
  expect(await openSecrets(folder, store).get('refreshToken')).toBe('two');
  await secrets.delete('refreshToken');
  expect(await openSecrets(folder, store).get('refreshToken')).toBeNull();
});

test('the file is private, sealed, and alone', async () => {
  await openSecrets(folder, keyStore()).set('databaseKey', 'khóa-rất-bí-mật');
  expect(readdirSync(folder)).toEqual(['secrets.json']);
  expect(readFileSync(join(folder, 'secrets.json'), 'latin1')).not.toContain('mật');
  if (process.platform !== 'win32') expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
});

test('an interrupted write leaves the old file, and the next write goes through', async () => {
  const store = keyStore();
  await openSecrets(folder, store).set('databaseKey', 'old');
  writeFileSync(join(folder, 'secrets.json.new'), '{"databaseKey":"ha');
  const again = openSecrets(folder, store);
  expect(await again.get('databaseKey')).toBe('old');
  await again.set('databaseKey', 'new');
  expect(await again.get('databaseKey')).toBe('new');
  expect(readdirSync(folder)).toEqual(['secrets.json']);
});

test.each(['{"databaseKey":', '[]', '{"databaseKey":5}', ''])(
  'a damaged file (%s) says what to do and is not overwritten',
  async (text) => {
    writeFileSync(join(folder, 'secrets.json'), text);
    const secrets = openSecrets(folder, keyStore());
    await expect(secrets.get('databaseKey')).rejects.toThrow(/Delete it and sign in again/);
    await expect(secrets.set('databaseKey', 'x')).rejects.toThrow(SecretsError);
    expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toBe(text);
  },
);

test('another key store, or none, is told apart from no secret', async () => {
  await openSecrets(folder, keyStore()).set('databaseKey', 'x');
  await expect(openSecrets(folder, keyStore()).get('databaseKey')).rejects.toThrow(/can't open what it sealed/);
  await expect(openSecrets(folder, null).get('databaseKey')).rejects.toThrow(/no key store/);
  expect(await openSecrets(folder, null).get('refreshToken')).toBeNull();
  await expect(openSecrets(folder, null).set('refreshToken', 'x')).rejects.toThrow(/no key store/);
});
