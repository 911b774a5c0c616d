import { Check, ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, ListBox, ListBoxItem, Popover, Radio, RadioGroup, Select, SelectValue, Label, FieldError } from 'react-aria-components';
import css from './Choice.module.css';

export interface Option<T extends string> {
  value: T;
  label: string;
  icon?: ReactNode;
}

export interface PickProps<T extends string> {
  label: string;
  value: T | null;
  options: readonly Option<T>[];
  onChange: (value: T) => void;
  /** `field` shows its label above; `bare` is a quiet control in a header */
  look?: 'field' | 'bare';
  error?: string | null;
  placeholder?: string;
}

/** One of a list. */
export function Pick<T extends string>({ label, value, options, onChange, look = 'field', error = null, placeholder = '' }: PickProps<T>) {
  return (
    <Select
      className={`${css['select']} ${css[look]}`}
      {...(look === 'bare' ? { 'aria-label': label } : {})}
      value={value}
      onChange={(key) => {
        const chosen = options.find((option) => option.value === key);
        if (chosen) onChange(chosen.value);
      }}
      isInvalid={error !== null}
      placeholder={placeholder}
    >
      {look === 'field' && <Label className={css['label'] ?? ''}>{label}</Label>}
      <Button className={css['trigger'] ?? ''}>
        <SelectValue className={css['value'] ?? ''} />
        <ChevronDown size={look === 'bare' ? 12 : 14} aria-hidden />
      </Button>
      {error !== null && <FieldError className={css['error'] ?? ''}>{error}</FieldError>}
      <Popover className={css['popover'] ?? ''} offset={4}>
        <ListBox className={css['list'] ?? ''} items={options.map((option) => ({ ...option, id: option.value }))}>
          {(option) => (
            <ListBoxItem className={css['item'] ?? ''} textValue={option.label} id={option.id}>
              {({ isSelected }) => (
                <>
                  {option.icon}
                  <span className={css['grow']}>{option.label}</span>
                  {isSelected && <Check size={14} aria-hidden className={css['check']} />}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}

export interface SegmentsProps<T extends string> {
  label: string;
  value: T;
  options: readonly Option<T>[];
  onChange: (value: T) => void;
  hideLabel?: boolean;
}

/** One of two to four, side by side. */
export function Segments<T extends string>({ label, value, options, onChange, hideLabel }: SegmentsProps<T>) {
  return (
    <RadioGroup
      className={css['group'] ?? ''}
      aria-label={label}
      orientation="horizontal"
      value={value}
      onChange={(next) => {
        const chosen = options.find((option) => option.value === next);
        if (chosen) onChange(chosen.value);
      }}
    >
      {!hideLabel && (
        <span className={css['label']} aria-hidden>
          {label}
        </span>
      )}
      <div className={css['segments']}>
        {options.map((option) => (
          <Radio key={option.value} value={option.value} className={css['segment'] ?? ''}>
            {option.icon}
            <span>{option.label}</span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
