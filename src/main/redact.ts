/** Last line of defence for logs: nothing should log a secret, and what looks like one is blotted out all the same. */
const patterns: readonly [RegExp, string][] = [
  [/eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g, '[token]'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 [token]'],
  [/("?(?:password|passwd|secret|token|refreshToken|accessToken|databaseKey|authorization)"?\s*[:=]\s*"?)[^\s",}]+/gi, '$1[hidden]'],
  [/\b[0-9a-f]{64,}\b/gi, '[key]'],
];

export function redact(text: string): string {
  return patterns.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), text);
}
