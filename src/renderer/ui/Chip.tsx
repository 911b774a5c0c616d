import type { ReactNode } from 'react';
import css from './Chip.module.css';

/** A short word on a tinted ground; the icon says the same by shape. */
export function Chip({
  tone = 'plain',
  icon,
  children,
}: {
  tone?: 'plain' | 'good' | 'warning' | 'danger' | 'info';
  icon?: ReactNode;
  children: ReactNode;
}) {
  return (
    <span className={`${css['chip']} ${css[tone]}`}>
      {icon}
      {children}
    </span>
  );
}
