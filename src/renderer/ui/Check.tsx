import type { ReactNode } from 'react';
import { Checkbox } from 'react-aria-components';
import css from './Check.module.css';

/** Something that is or is not. */
export function Check({
  on,
  onChange,
  children,
  disabled = false,
}: {
  on: boolean;
  onChange: (on: boolean) => void;
  children: ReactNode;
  disabled?: boolean;
}) {
  return (
    <Checkbox className={css['check'] ?? ''} isSelected={on} onChange={onChange} isDisabled={disabled}>
      <span className={css['box']} aria-hidden />
      <span>{children}</span>
    </Checkbox>
  );
}
