/** What a file is by its own first bytes, whatever its sender calls it. A fixed list: what is not on it is just bytes. */

export const fileKinds = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'application/pdf', 'application/octet-stream'] as const;
export type FileKind = (typeof fileKinds)[number];

/** bytes that are enough to tell */
export const kindBytes = 16;

const marks: [FileKind, { at: number; bytes: readonly number[] }[]][] = [
  ['image/png', [{ at: 0, bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] }]],
  ['image/jpeg', [{ at: 0, bytes: [0xff, 0xd8, 0xff] }]],
  ['image/gif', [{ at: 0, bytes: [0x47, 0x49, 0x46, 0x38] }]],
  [
    'image/webp',
    [
      { at: 0, bytes: [0x52, 0x49, 0x46, 0x46] },
      { at: 8, bytes: [0x57, 0x45, 0x42, 0x50] },
    ],
  ],
  ['application/pdf', [{ at: 0, bytes: [0x25, 0x50, 0x44, 0x46, 0x2d] }]],
];

/** `head`: the file's first bytes, `kindBytes` or more where it has them. */
export function kindOf(head: Uint8Array): FileKind {
  const found = marks.find(([, parts]) => parts.every(({ at, bytes }) => bytes.every((byte, index) => head[at + index] === byte)));
  return found?.[0] ?? 'application/octet-stream';
}

/** Pictures that a window may show; no SVG, which is a document with scripts. */
export function isPicture(kind: FileKind): boolean {
  return kind.startsWith('image/');
}

/**
 * A name that can be shown and saved under: no folders, no control characters, and none that turn the direction of writing
 * (`hoadon\u202Efdp.exe` reads as `hoadonexe.pdf`).
 */
export function plainName(name: string): string {
  const last = name.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  // eslint-disable-next-line no-control-regex
  const plain = last.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').trim();
  return plain.replace(/^\.+/, '').slice(0, 200) || 'file';
}
