import type { Marked } from '../../../shared/search.ts';
import css from './Search.module.css';

/** A text with what was found in it. */
export function Marks({ of: { text, places } }: { of: Marked }) {
  const parts: React.ReactNode[] = [];
  let end = 0;
  for (const [from, to] of places) {
    if (from > end) parts.push(text.slice(end, from));
    parts.push(
      <mark key={from} className={css['mark']}>
        {text.slice(from, to)}
      </mark>,
    );
    end = to;
  }
  parts.push(text.slice(end));
  return <>{parts}</>;
}
