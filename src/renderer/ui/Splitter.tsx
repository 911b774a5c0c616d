import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import css from './Splitter.module.css';

export interface SplitterProps {
  label: string;
  value: number;
  min: number;
  max: number;
  /** on which side of the splitter the pane lies whose width it sets */
  side: 'left' | 'right';
  onChange: (value: number) => void;
}

/** The edge between two panes: drag it, or move it by the arrow keys. */
export function Splitter({ label, value, min, max, side, onChange }: SplitterProps) {
  const start = useRef({ x: 0, value: 0 });
  const [dragging, setDragging] = useState(false);
  const clamp = (width: number) => Math.round(Math.min(max, Math.max(min, width)));
  const sign = side === 'left' ? 1 : -1;
  const move = (event: PointerEvent) => {
    if (!dragging) return;
    const next = clamp(start.current.value + sign * (event.clientX - start.current.x));
    if (next !== value) onChange(next);
  };
  const key = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 10 : event.key === 'ArrowLeft' ? -10 : 0;
    if (by === 0) return;
    event.preventDefault();
    onChange(clamp(value + sign * by));
  };
  return (
    <div
      className={`${css['splitter']} ${dragging ? css['dragging'] : ''}`}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation="vertical"
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, value };
        setDragging(true);
      }}
      onPointerMove={move}
      onPointerUp={() => setDragging(false)}
      onPointerCancel={() => setDragging(false)}
      onKeyDown={key}
    />
  );
}
