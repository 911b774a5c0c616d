/** Secrets of channels as they lie in the database: AES-256-GCM under a key that lies elsewhere. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const keyForm = /^[0-9a-f]{64}$/i;
const ivLength = 12;
const tagLength = 16;

export class SealError extends Error {}

/**
 * The hub's key: 64 hexadecimal digits from the environment, which several hubs must share, or a file of the data folder, made at the
 * first start. @throws SealError
 */
export function sealingKey(dataDir: string, given: string | null): Buffer {
  if (given !== null) {
    if (!keyForm.test(given)) throw new SealError('TRUC_SECRET_KEY must be 64 hexadecimal digits: openssl rand -hex 32');
    return Buffer.from(given, 'hex');
  }
  const file = join(dataDir, 'secrets.key');
  if (!existsSync(file)) {
    // Whole or not at all, and never over another's.
    const beside = `${file}.${process.pid}`;
    writeFileSync(beside, randomBytes(32).toString('hex'), { mode: 0o600 });
    try {
      linkSync(beside, file);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    } finally {
      rmSync(beside, { force: true });
    }
  }
  const text = readFileSync(file, 'utf8').trim();
  if (!keyForm.test(text))
    throw new SealError(`${file} is damaged. Put it back from a backup, or delete it and enter the channels' secrets again.`);
  return Buffer.from(text, 'hex');
}

/** `place` is bound in: what was sealed for one channel does not open as another's. */
export function seal(key: Buffer, place: string, plain: string): Buffer {
  const iv = randomBytes(ivLength);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place));
  return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** @throws SealError */
export function unseal(key: Buffer, place: string, sealed: Buffer): string {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivLength)).setAAD(Buffer.from(place));
    decipher.setAuthTag(sealed.subarray(-tagLength));
    return decipher.update(sealed.subarray(ivLength, -tagLength), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    throw new SealError(`the secrets of ${place} were sealed with another key`);
  }
}
