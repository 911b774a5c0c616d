import { File as FileIcon, FileArchive, FileImage, FileSpreadsheet, FileText, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { plainName } from '../../shared/file-kind.ts';
import css from './FileCard.module.css';

const byEnding: [RegExp, LucideIcon][] = [
  [/\.(png|jpe?g|gif|webp|bmp|heic|svg)$/i, FileImage],
  [/\.(pdf|docx?|odt|txt|rtf|md)$/i, FileText],
  [/\.(xlsx?|ods|csv)$/i, FileSpreadsheet],
  [/\.(zip|rar|7z|gz|tar)$/i, FileArchive],
];

interface FileCardProps {
  name: string;
  size: string;
  /** what is the matter with it, if anything */
  state: string | null;
  tone?: 'plain' | 'warning' | 'danger';
  /** 0 to 100; null: nothing is moving */
  progress: number | null;
  children?: ReactNode;
  'data-state'?: string;
}

/** One file: what it is called, how large it is, how far it has come, and what can be done with it. */
export function FileCard({ name, size, state, tone = 'plain', progress, children, ...rest }: FileCardProps) {
  const shown = plainName(name);
  const Icon = byEnding.find(([ending]) => ending.test(shown))?.[1] ?? FileIcon;
  return (
    <div className={css['card']} data-testid="file" {...rest}>
      <Icon size={16} aria-hidden className={css['icon'] ?? ''} />
      <span className={css['words']}>
        <span className={css['name']} title={shown}>
          {shown}
        </span>
        <span className={css['line']}>
          <span>{size}</span>
          {state !== null && <span className={css[tone]}>{state}</span>}
        </span>
      </span>
      {children}
      {progress !== null && (
        <progress className={css['bar']} value={progress} max={100} aria-label={`${shown}: ${state ?? ''}`}>
          {progress}%
        </progress>
      )}
    </div>
  );
}
