import { expect, test } from 'vitest';
import { redact } from './redact.ts';

test.each([
  ['authorization: Bearer abcdefgh12345678', 'abcdefgh12345678'],
  ['got {"refreshToken":"r-1234567890"}', 'r-1234567890'],
  ['password=hunter2 next', 'hunter2'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N', 'dozjgNryP4J3jVmNHl0w5N'],
  [`pragma key x'${'ab12'.repeat(16)}'`, 'ab12ab12ab12'],
])('%s', (text, secret) => {
  expect(redact(text)).not.toContain(secret);
});

test('leaves ordinary words alone', () => {
  const text = 'ticket 019a2b3c-7d4e-7f00-8a1b-2c3d4e5f6071 closed by Lan after 12 ms';
  expect(redact(text)).toBe(text);
});
