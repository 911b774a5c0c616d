import { useState } from 'react';
import { Field } from '../../ui/Field.tsx';

/** Text of several lines that stands for a list: it stays as it is typed while the list is what it means. */
export function LinesField<T>({
  label,
  hint,
  value,
  read,
  write,
  onChange,
  error = null,
  rows = 2,
}: {
  label: string;
  hint?: string;
  value: T;
  read: (text: string) => T;
  write: (value: T) => string;
  onChange: (value: T) => void;
  error?: string | null;
  rows?: number;
}) {
  const [text, setText] = useState(() => write(value));
  // Changed from elsewhere: taken back, or loaded.
  const shown = JSON.stringify(read(text)) === JSON.stringify(value) ? text : write(value);
  return (
    <Field
      label={label}
      lines={rows}
      value={shown}
      error={error}
      {...(hint === undefined ? {} : { hint })}
      onChange={(next) => {
        setText(next);
        onChange(read(next));
      }}
    />
  );
}

export const readLines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
export const writeLines = (lines: readonly string[]): string => lines.join('\n');

/** Keywords: a line for each way to say it, commas between words that all have to be there. */
export const readKeywords = (text: string): string[][] =>
  readLines(text)
    .map((line) =>
      line
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== ''),
    )
    .filter((words) => words.length > 0);
export const writeKeywords = (sets: readonly (readonly string[])[]): string => sets.map((words) => words.join(', ')).join('\n');
