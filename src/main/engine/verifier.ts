/** Knowing a password again without keeping it: scrypt (RFC 7914), 32 MiB, about a tenth of a second. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const cost = { N: 2 ** 15, r: 8, p: 1 };
const length = 32;

export interface Verifier {
  /** hexadecimal */
  salt: string;
  hash: string;
  N: number;
  r: number;
  p: number;
}

export async function makeVerifier(password: string): Promise<Verifier> {
  const salt = randomBytes(16);
  return { salt: salt.toString('hex'), hash: (await derive(password, salt, cost)).toString('hex'), ...cost };
}

export async function verify(password: string, verifier: Verifier): Promise<boolean> {
  const { N, r, p } = verifier;
  const derived = await derive(password, Buffer.from(verifier.salt, 'hex'), { N, r, p });
  return timingSafeEqual(derived, Buffer.from(verifier.hash, 'hex'));
}

function derive(password: string, salt: Buffer, { N, r, p }: typeof cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, length, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
