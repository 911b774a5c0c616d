import { Search } from 'lucide-react';
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ChannelGlyph } from '../ui/Channel.tsx';
import { matches } from '../ui/fold.ts';
import { Keys } from '../ui/Keys.tsx';
import { Sheet } from '../ui/Popover.tsx';
import { type CommandId, commandIds, keysOf, may, spec } from './commands.ts';
import { noFilter, openTicket, setDesk, useDesk } from './desk.ts';
import { composes } from './keys.ts';
import css from './Palette.module.css';
import { refOf } from './refs.ts';
import { useSteadyQuery } from './useQuery.ts';

const hidden: readonly CommandId[] = ['palette', 'back', 'open', 'send', 'sendClose', 'next', 'previous', 'applyNew'];

export function Palette() {
  const { t } = useTranslation();
  const open = useDesk((desk) => desk.palette);
  return (
    <Sheet kind="palette" label={t('palette.label')} open={open} onOpenChange={(next) => setDesk({ palette: next })}>
      <Finder />
    </Sheet>
  );
}

interface Line {
  key: string;
  draw: React.ReactNode;
  run: () => void;
}

function Finder() {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const asked = useDeferredValue(text.trim());
  // What may be done is decided once, for the ticket on the screen when the palette was opened.
  const [allowed] = useState(() => commandIds.filter((id) => !hidden.includes(id) && may(id)));
  const { value: hits } = useSteadyQuery(
    'inbox.window',
    asked.length < 2 ? undefined : { view: 'all', sort: 'newest', filter: { ...noFilter, text: asked }, from: 0, count: 6 },
  );

  const lines = useMemo((): Line[] => {
    const found = allowed.filter((id) => matches(`${t(`command.${id}`)} ${t(`group.${spec(id).group}`)} ${id}`, asked));
    const close = () => setDesk({ palette: false });
    return [
      ...found.map((id) => ({
        key: id,
        draw: (
          <>
            <span className={css['name']}>{t(`command.${id}`)}</span>
            <span className={css['group']}>{t(`group.${spec(id).group}`)}</span>
            {keysOf(id) !== undefined && <Keys keys={keysOf(id) ?? ''} />}
          </>
        ),
        run: () => {
          close();
          // After the dialog has given the focus back.
          setTimeout(() => spec(id).run(), 30);
        },
      })),
      ...(asked.length < 2 ? [] : (hits?.rows ?? [])).map((row) => ({
        key: row.id,
        draw: (
          <>
            <ChannelGlyph kind={row.channel} size={14} />
            <span className={css['name']}>
              {row.customerName} <span className={css['subject']}>{row.subject}</span>
            </span>
            <span className={css['group']}>{refOf(row)}</span>
          </>
        ),
        run: () => openTicket(row.id),
      })),
    ];
  }, [allowed, asked, hits, t]);

  const current = Math.min(at, lines.length - 1);
  useEffect(() => {
    document.getElementById(`palette-${current}`)?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  const key = (event: KeyboardEvent) => {
    if (composes(event.nativeEvent)) return;
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by !== 0) {
      event.preventDefault();
      setAt((current + by + lines.length) % Math.max(1, lines.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      lines[current]?.run();
    }
  };
  return (
    <div className={css['palette']}>
      <div className={css['field']}>
        <Search size={16} aria-hidden />
        <input
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={lines[current] ? `palette-${current}` : undefined}
          aria-label={t('palette.label')}
          placeholder={t('palette.placeholder')}
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={key}
        />
      </div>
      <div className={css['list']} id="palette-list" role="listbox" aria-label={t('palette.commands')}>
        {lines.length === 0 && <p className={css['none']}>{t('palette.none')}</p>}
        {lines.map((line, index) => (
          <div
            key={line.key}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === current}
            className={css['line']}
            onPointerMove={() => setAt(index)}
            onClick={line.run}
          >
            {line.draw}
          </div>
        ))}
      </div>
    </div>
  );
}
