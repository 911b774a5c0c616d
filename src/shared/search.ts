/**
 * How text is made ready for search, what was typed is read, and what was found is shown. Words are sought folded (case, tones and `đ`
 * fall together); those typed with their diacritics are known in that form too, so that what was written exactly so comes first.
 */

/** A number as people write them in Vietnam: `0912 345 678`, `0912.345.678`, `+84 912 345 678`, `(024) 3826 1234`. */
const phone = /(?:\+\s?84|\b84|\(?\b0)(?:[\s.\-()]{0,2}\d){8,10}\b/g;
const word = /[\p{L}\p{N}]+/gu;
const marked = /[^\p{ASCII}]/u;

/** National form, digits only: `0912345678`. */
function nationalDigits(text: string): string {
  const digits = text.replace(/\D/g, '');
  return digits.startsWith('84') ? `0${digits.slice(2)}` : digits;
}

// Filled up to the last Vietnamese letter: an array with gaps is as slow as a map.
const letters: (string | undefined)[] = Array.from({ length: 0x2000 }, () => undefined);

/** The folded form of one letter, kept: there are few that a language uses. */
function foldLetter(code: number): string {
  return (letters[code] ??= String.fromCodePoint(code)
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/đ/g, 'd'));
}

/** Of each unit its folded one, 0 where that is none or several; filled as units are met. */
const folds = new Uint16Array(0x10000);
const met = new Uint8Array(0x10000);
let room = new Uint16Array(8192);
/** units that a function takes as arguments at once */
const stretch = 8192;

/** The folded text where each unit folds to one, which is so for all that is composed; else null. Three times as fast as joining letters. */
function foldUnits(text: string): string | null {
  if (text.length > room.length) room = new Uint16Array(text.length * 2);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (met[code] === 0) {
      met[code] = 1;
      const form = isSurrogate(code) ? text.charAt(at) : foldLetter(code);
      folds[code] = form.length === 1 ? form.charCodeAt(0) : 0;
    }
    const folded = folds[code];
    if (folded === undefined || folded === 0) return null;
    room[at] = folded;
  }
  let folded = '';
  for (let from = 0; from < text.length; from += stretch)
    folded += Reflect.apply(String.fromCharCode, null, room.subarray(from, Math.min(text.length, from + stretch))) as string;
  return folded;
}

const isSurrogate = (code: number): boolean => code >= 0xd800 && code < 0xe000;

/** As `fold`, but blanks stay as they are. */
function foldLetters(text: string): string {
  const quick = foldUnits(text);
  if (quick !== null) return quick;
  let folded = '';
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    folded += isSurrogate(code) ? text.charAt(at) : foldLetter(code);
  }
  return folded;
}

/** As it was written, but for case: one form of what NFC and NFD write differently. */
const written = (text: string): string => text.normalize('NFC').toLowerCase();

/**
 * What the search tables get to read of a text: its folded words, every phone number in it once more in one form, and the words
 * with diacritics once more as they were written.
 */
export function searchable(text: string): string {
  const composed = text.normalize('NFC');
  const folded = foldLetters(composed);
  let exact = '';
  // Where the word under way began, and whether it has a letter with a mark.
  let start = 0;
  let special = false;
  for (let at = 0; at < composed.length; at += 1) {
    const code = composed.charCodeAt(at);
    if (!inWord(code)) {
      if (special) exact += ` ${composed.slice(start, at).toLowerCase()}`;
      start = at + 1;
      special = false;
    } else if (code > 127) special = true;
  }
  if (special) exact += ` ${composed.slice(start).toLowerCase()}`;
  let numbers = '';
  for (const number of folded.match(phone) ?? []) numbers += ` ${nationalDigits(number)}`;
  return folded + numbers + exact;
}

const wordLetters: (boolean | undefined)[] = Array.from({ length: 0x2000 }, () => undefined);
const inWord = (code: number): boolean => (wordLetters[code] ??= /[\p{L}\p{N}]/u.test(String.fromCharCode(code)));

const isMark = (code: number): boolean => code > 127 && /\p{M}/u.test(String.fromCharCode(code));
const inWordOrMark = (code: number): boolean => inWord(code) || isMark(code);

/** One word that was typed. */
export interface TypedWord {
  folded: string;
  /** as it was typed; null when that says nothing about diacritics */
  exact: string | null;
  /** a beginning: the word that is still being typed */
  prefix: boolean;
}

export interface Typed {
  /** All of these must be found; each as all words of one of its ways to be written. */
  needs: TypedWord[][][];
  /** folded words that must stand side by side, in this order; the last one may be a beginning */
  phrases: { words: string[]; prefix: boolean }[];
}

const most = { words: 12 };

/** Words and "quoted phrases". The last word counts as a beginning unless something follows it. */
export function readTyped(text: string): Typed {
  const typed: Typed = { needs: [], phrases: [] };
  const parts = text.normalize('NFC').split(/["“”„]/);
  let words = 0;
  parts.forEach((part, index) => {
    const open = index === parts.length - 1;
    const prefix = open && !/\s$/.test(part);
    const read = wordsOf(part, prefix).slice(0, most.words - words);
    words += read.length;
    if (index % 2 === 1 && read.length > 1) typed.phrases.push({ words: read.map(({ folded }) => folded), prefix });
    typed.needs.push(...(index % 2 === 1 ? read.map((one) => [[one]]) : withNumbers(read, part)));
  });
  return typed;
}

function wordsOf(text: string, prefix: boolean): TypedWord[] {
  // Nothing is left of a sign that only modifies others.
  const exact = (written(text).match(word) ?? []).filter((one) => foldLetters(one) !== '');
  return exact.map((one, index) => ({
    folded: foldLetters(one),
    exact: marked.test(one) ? one : null,
    prefix: prefix && index === exact.length - 1,
  }));
}

/** Groups of digits may be one number: `0912 345` is looked for as it stands, and as `0912345`. */
function withNumbers(words: TypedWord[], text: string): TypedWord[][][] {
  const needs: TypedWord[][][] = [];
  const international = /\+\s?84/.test(text);
  for (let at = 0; at < words.length;) {
    let end = at;
    while (end < words.length && /^\d+$/.test(words[end]?.folded ?? '')) end += 1;
    const group = words.slice(at, Math.max(end, at + 1));
    const digits = nationalDigits(group.map(({ folded }) => folded).join(''));
    const joined = end > at && digits.length >= 4 && (group.length > 1 || digits.length >= 9 || international);
    if (joined && digits !== group[0]?.folded)
      needs.push([group, [{ folded: digits, exact: null, prefix: group.at(-1)?.prefix ?? false }]]);
    else needs.push(...group.map((one) => [[one]]));
    at += group.length;
  }
  return needs;
}

/** Places in a text, from and to, in order and apart. */
export type Places = [from: number, to: number][];
export interface Marked {
  text: string;
  places: Places;
}

/** The folded text, and for each of its units where in the text its letter begins, one more for the end; null: at the same place. */
function foldedPlaces(text: string): { folded: string; places: number[] | null } {
  const folded = foldUnits(text);
  return folded === null ? movedPlaces(text) : { folded, places: null };
}

/** The same for a text in which marks follow their letters, or letters fold to several. */
function movedPlaces(text: string): { folded: string; places: number[] } {
  let folded = '';
  const places: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const form = isSurrogate(code) ? text.charAt(at) : foldLetter(code);
    for (let unit = 0; unit < form.length; unit += 1) places.push(at);
    folded += form;
  }
  places.push(text.length);
  return { folded, places };
}

/** Where a word, or the beginning of one, stands in a text of the same form. */
function standing(text: string, word: string, prefix: boolean): Places {
  const places: Places = [];
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    const end = at + word.length;
    const begins = at === 0 || !inWord(text.charCodeAt(at - 1));
    const ends = end === text.length || !(prefix ? isMark : inWordOrMark)(text.charCodeAt(end));
    if (begins && ends) places.push([at, end]);
  }
  return places;
}

/** Where in the text the words that were typed stand; marks that follow a letter belong to it. */
export function placesOf(text: string, typed: Typed): Places {
  const small = text.toLowerCase();
  let forms: ReturnType<typeof foldedPlaces> | null = null;
  const folding = () => (forms ??= foldedPlaces(text));
  const place = (at: number): number => {
    const { places } = folding();
    return places === null ? at : (places[at] ?? text.length);
  };
  const found: Places = [];
  const wanted = typed.needs.flat(2);
  const numbers = wanted.filter(({ folded: one }) => /^0\d{3,}$/.test(one));
  if (numbers.length > 0) {
    for (const match of folding().folded.matchAll(phone)) {
      const national = nationalDigits(match[0]);
      if (numbers.some((one) => (one.prefix ? national.startsWith(one.folded) : national === one.folded)))
        found.push([place(match.index), place(match.index + match[0].length)]);
    }
  }
  for (const one of wanted) {
    // Where it stands with its diacritics, the places where it stands with others say nothing; folding a long text takes its time.
    const asTyped = one.exact !== null && small.length === text.length ? standing(small, one.exact, one.prefix) : [];
    if (asTyped.length > 0) {
      found.push(...asTyped);
      continue;
    }
    const fits = standing(folding().folded, one.folded, one.prefix).map(([from, to]): Places[number] => [place(from), place(to)]);
    const exact = one.exact === null ? [] : fits.filter(([from, to]) => written(text.slice(from, to)) === one.exact);
    found.push(...(exact.length > 0 ? exact : fits));
  }
  found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const apart: Places = [];
  for (const [from, to] of found) {
    const last = apart.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else apart.push([from, to]);
  }
  return apart;
}

export function mark(text: string, typed: Typed): Marked {
  return { text, places: placesOf(text, typed) };
}

/** The text around the first place where something was found, cut at words, with the places in it. */
export function snippet(text: string, typed: Typed, length: number): Marked {
  const places = placesOf(text, typed);
  if (text.length <= length) return { text, places };
  const first = places[0]?.[0] ?? 0;
  let from = Math.max(0, Math.min(first - Math.floor(length / 4), text.length - length));
  if (from > 0) from = Math.min(first, afterSpace(text, from));
  let to = Math.min(text.length, from + length);
  if (to < text.length) to = Math.max(places.find(([, end]) => end <= to)?.[1] ?? 0, beforeSpace(text, to));
  const head = from > 0 ? '…' : '';
  const inside = places.filter(([start, end]) => start >= from && end <= to);
  return {
    text: `${head}${text.slice(from, to)}${to < text.length ? '…' : ''}`,
    places: inside.map(([start, end]) => [start - from + head.length, end - from + head.length]),
  };
}

function afterSpace(text: string, at: number): number {
  const space = text.slice(at, at + 40).search(/\s/);
  return space < 0 ? at : at + space + 1;
}

function beforeSpace(text: string, at: number): number {
  const back = text.slice(Math.max(0, at - 40), at).search(/\s\S*$/);
  return back < 0 ? at : Math.max(0, at - 40) + back;
}

/** What a search table can't answer: words side by side, and beginnings of one letter. */
export function fitsRest(text: string, typed: Typed, single: string | null): boolean {
  if (typed.phrases.length === 0 && single === null) return true;
  const words = foldLetters(text).match(word) ?? [];
  if (single !== null && !words.some((one) => one.startsWith(single))) return false;
  return typed.phrases.every((phrase) =>
    words.some((_, start) =>
      phrase.words.every((wanted, index) => {
        const there = words[start + index];
        return phrase.prefix && index === phrase.words.length - 1 ? there?.startsWith(wanted) === true : there === wanted;
      }),
    ),
  );
}
