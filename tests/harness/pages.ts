/**
 * The pages of an encrypted cache file and of its write-ahead log, decrypted one by one, free pages and slack included: nothing that
 * SQLite itself would skip. SQLCipher 4's form: 4096-byte pages, the last 80 bytes of each hold its IV and its HMAC-SHA-512; the first
 * 16 bytes of the file are the salt; a raw key is used as it is.
 */
import { createDecipheriv } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

const pageSize = 4096;
const reserved = 80;

function page(bytes: Buffer, key: Buffer, first: boolean): Buffer {
  const iv = bytes.subarray(pageSize - reserved, pageSize - reserved + 16);
  const body = bytes.subarray(first ? 16 : 0, pageSize - reserved);
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
  return Buffer.concat([decipher.update(body), decipher.final()]);
}

/** Everything that is in the file and in its WAL, in the clear. */
export function decryptedBytes(file: string, keyHex: string): Buffer {
  const key = Buffer.from(keyHex, 'hex');
  const parts: Buffer[] = [];
  const database = readFileSync(file);
  for (let at = 0; at + pageSize <= database.length; at += pageSize) {
    const bytes = database.subarray(at, at + pageSize);
    // A page of zeros was never written.
    if (bytes.some((byte) => byte !== 0)) parts.push(page(bytes, key, at === 0));
  }
  const log = `${file}-wal`;
  const wal = existsSync(log) ? readFileSync(log) : Buffer.alloc(0);
  for (let at = 32; at + 24 + pageSize <= wal.length; at += 24 + pageSize) {
    const number = wal.readUInt32BE(at);
    parts.push(page(wal.subarray(at + 24, at + 24 + pageSize), key, number === 1));
  }
  return Buffer.concat(parts);
}
