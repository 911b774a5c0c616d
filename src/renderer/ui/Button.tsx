import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import css from './Button.module.css';
import { Hint } from './Hint.tsx';
import { Keys } from './Keys.tsx';

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children'> {
  look?: 'primary' | 'plain' | 'quiet' | 'danger';
  size?: 'small' | 'normal' | 'large';
  icon?: ReactNode;
  keys?: string;
  children?: ReactNode;
  grow?: boolean;
  'data-testid'?: string;
}

export function Button({ look = 'plain', size = 'normal', icon, keys, children, grow, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={`${css['button']} ${css[look]} ${css[size]} ${grow ? css['grow'] : ''}`}>
      {icon}
      {children !== undefined && <span className={css['text']}>{children}</span>}
      {keys !== undefined && <Keys keys={keys} />}
    </AriaButton>
  );
}

export interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children'> {
  label: string;
  icon: ReactNode;
  keys?: string | undefined;
  size?: 'small' | 'normal' | 'rail';
  pressed?: boolean;
  side?: 'top' | 'right' | 'bottom' | 'left';
  'data-testid'?: string;
}

/** An icon alone always says its name and key on hover and focus. */
export function IconButton({ label, icon, keys, size = 'normal', pressed, side = 'bottom', ...props }: IconButtonProps) {
  return (
    <Hint text={label} keys={keys} side={side}>
      <AriaButton
        {...props}
        aria-label={label}
        className={`${css['button']} ${css['icon']} ${css[`icon-${size}`]} ${pressed ? css['pressed'] : ''}`}
      >
        {icon}
      </AriaButton>
    </Hint>
  );
}
