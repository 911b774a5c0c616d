import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowUp } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { select, setDesk, useDesk, focusOn } from '../../app/desk.ts';
import { usePrefs } from '../../app/prefs.ts';
import { useShownOnce } from '../../app/useShownOnce.ts';
import { State } from '../../ui/State.tsx';
import { Empty } from './Empty.tsx';
import css from './Inbox.module.css';
import { shift, type Shown } from './order.ts';
import { Row, SkeletonRow } from './Row.tsx';

export interface ListProps {
  shown: Shown | null;
  late: boolean;
  error: boolean;
  onFirst: (index: number) => void;
  onHover: (hovered: boolean) => void;
}

/** The virtual list. One row height per density, so the geometry never depends on what has been loaded. */
export function List({ shown, late, error, onFirst, onHover }: ListProps) {
  const { t } = useTranslation();
  const selectedId = useDesk((desk) => desk.selectedId);
  const compact = usePrefs((prefs) => prefs.density === 'compact');
  const height = compact ? 44 : 64;
  const scroller = useRef<HTMLDivElement>(null);
  const total = shown?.total ?? 0;
  const virtual = useVirtualizer({ count: total, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 6 });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;

  useLayoutEffect(() => {
    virtual.measure();
  }, [virtual, height]);
  useEffect(() => onFirst(first), [first, onFirst]);

  // 1. another list starts at its top; 2. rows that come or go above the view don't move what is being read
  const before = useRef<Shown | null>(null);
  useLayoutEffect(() => {
    const was = before.current;
    before.current = shown;
    const element = scroller.current;
    if (!element || was === null || shown === null || was === shown) return;
    if (was.key !== shown.key) element.scrollTop = 0;
    else if (element.scrollTop > 0) {
      const by = shift(was, shown, Math.floor(element.scrollTop / height));
      if (by !== 0) element.scrollTop += by * height;
    }
  }, [shown, height]);

  useEffect(() => {
    if (shown) setDesk({ order: shown.ids.filter((id) => !shown.gone.has(id)) });
  }, [shown]);

  useShownOnce('inbox', shown !== null);

  // The selection stays in sight when a key moves it.
  const seenSelection = useRef(selectedId);
  useEffect(() => {
    if (seenSelection.current === selectedId || !shown || selectedId === null) return;
    const at = shown.ids.indexOf(selectedId);
    if (at < 0) return;
    seenSelection.current = selectedId;
    virtual.scrollToIndex(shown.from + at, { align: 'auto' });
  }, [selectedId, shown, virtual]);

  const empty = shown !== null && shown.total === 0;
  return (
    <div className={css['listBox']}>
      {shown?.waiting === true && (
        <button
          type="button"
          className={css['pill']}
          data-testid="new-rows"
          onClick={() => setDesk({ applyAsked: useDesk.getState().applyAsked + 1 })}
        >
          <ArrowUp size={12} aria-hidden />
          {shown.fresh > 0 ? t('inbox.fresh', { n: shown.fresh }) : t('inbox.moved')}
        </button>
      )}
      <div
        ref={scroller}
        id="inbox-list"
        className={css['list']}
        role="listbox"
        aria-label={t('inbox.list')}
        aria-busy={late}
        aria-activedescendant={selectedId !== null && shown?.rows.has(selectedId) ? `row-${selectedId}` : undefined}
        tabIndex={0}
        onPointerMove={() => onHover(true)}
        onPointerLeave={() => onHover(false)}
      >
        {error && shown === null ? (
          <State role="alert" title={t('inbox.error')} hint={t('inbox.errorHint')} />
        ) : empty ? (
          <Empty />
        ) : shown === null ? (
          late && Array.from({ length: 10 }, (_, at) => <SkeletonRow key={at} at={at} compact={compact} top={at * height} />)
        ) : (
          <div style={{ height: virtual.getTotalSize() }} className={css['canvas']}>
            {items.map((item) => {
              const id = shown.ids[item.index - shown.from];
              const row = id === undefined ? undefined : shown.rows.get(id);
              return row === undefined ? (
                <SkeletonRow key={`bone ${item.index}`} at={item.index} compact={compact} top={item.start} />
              ) : (
                <Row
                  key={row.id}
                  row={row}
                  top={item.start}
                  at={item.index}
                  total={total}
                  compact={compact}
                  selected={row.id === selectedId}
                  gone={shown.gone.has(row.id)}
                  onSelect={() => {
                    setDesk({ screen: 'inbox' });
                    select(row.id);
                  }}
                  onOpen={() => focusOn('composer-input')}
                />
              );
            })}
          </div>
        )}
      </div>
    </div>
  );
}
