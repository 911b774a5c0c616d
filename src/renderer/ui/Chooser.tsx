import { Check } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react';
import { composes } from '../app/keys.ts';
import css from './Chooser.module.css';
import { matches } from './fold.ts';

export interface ChooserItem {
  key: string;
  label: string;
  detail?: string | undefined;
  icon?: ReactNode;
  on?: boolean;
}

export interface ChooserProps {
  label: string;
  placeholder?: string;
  items: readonly ChooserItem[];
  onChoose: (key: string) => void;
  /** what typed text itself offers, such as a new tag */
  offer?: (text: string) => ChooserItem | null;
  empty?: string;
  hint?: string | undefined;
  max?: number;
}

/** A list with a field that narrows it: type, arrows, Enter. Stays open; whoever opened it closes it. */
export function Chooser({ label, placeholder, items, onChoose, offer, empty, hint, max }: ChooserProps) {
  const base = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const typed = text.trim();
  const found = typed === '' ? items : items.filter((item) => matches(`${item.label} ${item.detail ?? ''}`, typed));
  const extra = typed === '' ? null : (offer?.(typed) ?? null);
  const lines = extra && !found.some((item) => item.key === extra.key) ? [...found, extra] : found;
  const current = Math.min(at, Math.max(0, lines.length - 1));
  useEffect(() => {
    document.getElementById(`${base}-${current}`)?.scrollIntoView({ block: 'nearest' });
  }, [base, current]);

  const choose = (item: ChooserItem | undefined) => {
    if (!item) return;
    onChoose(item.key);
    setText('');
    setAt(0);
  };
  const key = (event: KeyboardEvent) => {
    if (composes(event.nativeEvent)) return;
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by !== 0 && lines.length > 0) {
      event.preventDefault();
      setAt((current + by + lines.length) % lines.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(lines[current]);
    }
  };
  return (
    <div className={css['chooser']}>
      <input
        autoFocus
        className={css['field']}
        role="combobox"
        aria-expanded
        aria-controls={base}
        aria-activedescendant={lines[current] ? `${base}-${current}` : undefined}
        aria-label={label}
        placeholder={placeholder ?? label}
        spellCheck={false}
        maxLength={max}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={key}
      />
      {hint !== undefined && <p className={css['hint']}>{hint}</p>}
      <div className={css['list']} id={base} role="listbox" aria-label={label}>
        {lines.length === 0 && empty !== undefined && <p className={css['hint']}>{empty}</p>}
        {lines.map((item, index) => (
          <div
            key={item.key}
            id={`${base}-${index}`}
            role="option"
            aria-selected={item.on ?? false}
            data-current={index === current ? 'true' : undefined}
            className={css['item']}
            onPointerMove={() => setAt(index)}
            onClick={() => choose(item)}
          >
            {item.icon}
            <span className={css['label']}>{item.label}</span>
            {item.detail !== undefined && <span className={css['detail']}>{item.detail}</span>}
            {item.on === true && <Check size={14} aria-hidden />}
          </div>
        ))}
      </div>
    </div>
  );
}
