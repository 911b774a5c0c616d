import { Copy } from 'lucide-react';
import { Fragment, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { copy } from '../app/tickets.ts';
import css from './RichText.module.css';
import { partsOf } from './parts.ts';

/** A message's text: links open outside, numbers and order codes copy on click. Only text nodes, never HTML. */
export function RichText({ text }: { text: string }) {
  const parts = useMemo(() => partsOf(text), [text]);
  return (
    <>
      {parts.map((part, at) =>
        part.kind === 'text' ? (
          <Fragment key={at}>{part.text}</Fragment>
        ) : part.kind === 'url' ? (
          <a key={at} className={css['link']} href={part.text} target="_blank" rel="noreferrer noopener">
            {part.text}
          </a>
        ) : (
          <CopyText key={at} text={part.text} />
        ),
      )}
    </>
  );
}

/** Text that copies itself on click. */
export function CopyText({ text, shown, className }: { text: string; shown?: string; className?: string | undefined }) {
  const { t } = useTranslation();
  return (
    <button
      type="button"
      className={`${css['copy']} ${className ?? ''}`}
      title={t('customer.copy', { value: text })}
      onClick={() => void copy(text)}
    >
      {shown ?? text}
      <Copy size={12} aria-hidden className={css['icon']} />
    </button>
  );
}
