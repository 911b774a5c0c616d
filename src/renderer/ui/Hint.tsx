import type { ReactNode } from 'react';
import { Button, OverlayArrow, Tooltip, TooltipTrigger } from 'react-aria-components';
import css from './Hint.module.css';
import { Keys } from './Keys.tsx';

export interface HintProps {
  text: string;
  keys?: string | undefined;
  side?: 'top' | 'right' | 'bottom' | 'left';
  children: ReactNode;
}

/** A tooltip on a React Aria control. */
export function Hint({ text, keys, side = 'bottom', children }: HintProps) {
  return (
    <TooltipTrigger delay={500} closeDelay={60}>
      {children}
      <Tooltip className={css['hint'] ?? ''} placement={side} offset={6}>
        <OverlayArrow className={css['arrow'] ?? ''} />
        <span>{text}</span>
        {keys !== undefined && <Keys keys={keys} />}
      </Tooltip>
    </TooltipTrigger>
  );
}

/** A tooltip on plain text, which becomes a button so that the keyboard reaches what the pointer does. */
export function TextHint({ text, side = 'top', children, className }: HintProps & { className?: string | undefined }) {
  return (
    <Hint text={text} side={side}>
      <Button className={className ?? ''}>{children}</Button>
    </Hint>
  );
}
