/** What was typed, as questions to a full-text table. */
import type { Typed, TypedWord } from '../../../shared/search.ts';
import { type Db, prepare } from '../database.ts';
import type { textTables } from './text.ts';

export type Texted = (typeof textTables)[number];

export interface Match {
  /** null: nothing in it that the table can answer */
  folded: string | null;
  /** the same with its diacritics; null when none were typed, or when that is not a question of its own */
  exact: string | null;
  /** a beginning of one letter, which every second text has: looked for in the texts themselves */
  single: string | null;
}

/** letters of a beginning that the table answers by itself */
const indexed = 2;
/** words that a longer beginning may stand for; more than that are rare words, of which the table may gather all */
const mostWords = 48;

export function matchOf(db: Db, table: Texted, typed: Typed): Match {
  let single: string | null = null;
  const needs = typed.needs.flatMap((ways) => {
    const only = ways.length === 1 && ways[0]?.length === 1 ? ways[0][0] : undefined;
    if (!only?.prefix || [...only.folded].length > 1) return [ways];
    single = only.folded;
    return [];
  });
  const ask = (form: (word: TypedWord) => string) =>
    needs
      .map((ways) => {
        const each = ways.map((words) => `(${words.map((word) => term(db, table, form(word), word.prefix)).join(' AND ')})`);
        return each.length === 1 ? each[0] : `(${each.join(' OR ')})`;
      })
      .join(' AND ');
  if (needs.length === 0) return { folded: null, exact: null, single };
  const exact = needs.flat(2).some((word) => word.exact !== null) ? ask((word) => word.exact ?? word.folded) : null;
  return { folded: ask((word) => word.folded), exact, single };
}

/** One of the needs with each word as a beginning: for short lists, where all that fit are wanted anyway. */
export function beginnings(ways: TypedWord[][]): string {
  return ways.map((words) => `(${words.map(({ folded }) => `"${folded}"*`).join(' AND ')})`).join(' OR ');
}

/** Words are of letters and digits alone: nothing in them means anything but itself between quotes. */
function term(db: Db, table: Texted, word: string, prefix: boolean): string {
  if (!prefix) return `"${word}"`;
  if ([...word].length <= indexed) return `"${word}"*`;
  // The table would gather and sort every row with any word of that beginning; named one by one they are read newest first.
  const words = wordsFrom(db, table, word);
  if (words === null) return `"${word}"*`;
  return words.length === 0 ? `"${word}"` : `(${words.map((one) => `"${one}"`).join(' OR ')})`;
}

const marked = /[^\p{ASCII}]/u;

/** The words of a table that begin so; null when there are many. */
function wordsFrom(db: Db, table: Texted, beginning: string): string[] | null {
  const next = prepare(db, `select term from ${table}_word where term >= ? limit 1`).pluck();
  // A text has the folded form of each of its words, too.
  const folded = !marked.test(beginning);
  const words: string[] = [];
  for (let from = beginning; ;) {
    const word = next.get(from) as string | undefined;
    if (word === undefined || !word.startsWith(beginning)) return words;
    if (words.length === mostWords) return null;
    if (!folded || !marked.test(word)) words.push(word);
    // The smallest that can come after it: no word has a letter before 0.
    from = `${word}0`;
  }
}
