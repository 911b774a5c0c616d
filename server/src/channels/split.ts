/** Cuts what is too long for one message, so that a reader does not stumble over the cut. */

const graphemes = new Intl.Segmenter('vi', { granularity: 'grapheme' });

/** Where a piece may end, best first, and how much of the room it has to fill for that: no crumbs for the sake of a fine end. */
const ends: readonly { after: RegExp; fill: number }[] = [
  { after: /\n[^\S\n]*\n\s*$/, fill: 0.5 },
  { after: /\n\s*$/, fill: 0.5 },
  { after: /[.!?…]["'”’)\]]*\s+$/, fill: 0.5 },
  { after: /\s$/, fill: 0.1 },
];

/**
 * The text in pieces of at most `most`, each NFC; put together again they are the text, but for pieces of nothing but white space, which
 * no vendor takes. No character is cut that a reader sees as one, unless it alone is longer than `most`.
 * @param most UTF-16 code units. Vendors do not say what they count as a character; of what they may mean this is the largest number for
 *   any text in NFC, so that what fits by it fits.
 */
export function splitText(text: string, most: number): string[] {
  if (!(most >= 2)) throw new RangeError('a piece has room for two code units at least: a character may need both');
  const pieces: string[] = [];
  let rest = text.normalize('NFC');
  while (rest.length > most) {
    const cut = cutOf(rest, most);
    pieces.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return [...pieces, rest].filter((piece) => piece.trim() !== '');
}

/** The length of the first piece of a text that is longer than `most`. */
function cutOf(text: string, most: number): number {
  // What lies further behind has no part in it, but for what may still belong to the last character.
  const near = graphemes.segment(text.slice(0, most * 2 + 64));
  const startOf = (at: number): number => near.containing(at)?.index ?? at;
  const last = startOf(most);
  // One character that is longer than the room: between its code points.
  if (last === 0) return isLow(text.charCodeAt(most)) ? most - 1 : most;
  // White space alone is no piece; where nothing else comes first, this one goes as far as it can.
  const first = text.search(/\S/);
  for (const { after, fill } of ends) {
    for (let at = last; at > first && at >= most * fill; at--) {
      // Cheap first: most places are within a word. White space may itself carry an accent.
      if (/\s/.test(text.charAt(at - 1)) && after.test(text.slice(Math.max(0, at - 40), at)) && startOf(at) === at) return at;
    }
  }
  return last;
}

const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
