import css from './Person.module.css';
import { initials } from './parts.ts';

/** A person as two letters; the hue follows the name so that it stays the same everywhere. */
export function Avatar({ name, size = 24, title }: { name: string; size?: 16 | 20 | 24 | 32 | 40; title?: string }) {
  let hash = 7;
  for (const letter of name) hash = (Math.imul(hash, 33) ^ (letter.codePointAt(0) ?? 0)) >>> 0;
  return (
    <span
      className={`${css['avatar']} ${css[`size-${size}`]} ${css[`hue-${((hash ^ (hash >>> 13)) >>> 0) % 8}`]}`}
      {...(title === undefined ? { 'aria-hidden': true } : { title, role: 'img', 'aria-label': title })}
    >
      {initials(name)}
    </span>
  );
}
