import type { ReactNode, Ref } from 'react';
import { FieldError, Input, Label, Text, TextArea, TextField } from 'react-aria-components';
import css from './Field.module.css';

export interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  type?: 'text' | 'email' | 'password' | 'tel';
  error?: string | null;
  hint?: string;
  placeholder?: string;
  autoFocus?: boolean;
  autoComplete?: string;
  lines?: number;
  max?: number;
  icon?: ReactNode;
  hideLabel?: boolean;
  inputRef?: Ref<HTMLInputElement>;
  onBlur?: () => void;
  spellCheck?: boolean;
  /** id of the element beside it that says what is wrong; null: nothing is */
  wrongBy?: string | null;
}

/** A labelled field; `lines` makes it a text area. */
export function Field({
  label,
  value,
  onChange,
  type = 'text',
  error = null,
  hint,
  placeholder,
  autoFocus,
  autoComplete,
  lines,
  max,
  icon,
  hideLabel,
  inputRef,
  onBlur,
  spellCheck,
  wrongBy = null,
}: FieldProps) {
  return (
    <TextField
      className={css['field'] ?? ''}
      value={value}
      onChange={onChange}
      type={type}
      isInvalid={error !== null || wrongBy !== null}
      validationBehavior="aria"
      {...(hideLabel ? { 'aria-label': label } : {})}
      {...(wrongBy === null ? {} : { 'aria-describedby': wrongBy })}
      {...(autoFocus ? { autoFocus } : {})}
      {...(max === undefined ? {} : { maxLength: max })}
      {...(autoComplete === undefined ? {} : { autoComplete })}
      {...(onBlur ? { onBlur } : {})}
    >
      {!hideLabel && <Label className={css['label'] ?? ''}>{label}</Label>}
      <span className={css['box']}>
        {icon}
        {lines === undefined ? (
          <Input
            className={css['input'] ?? ''}
            {...(placeholder === undefined ? {} : { placeholder })}
            {...(inputRef ? { ref: inputRef } : {})}
            spellCheck={spellCheck ?? false}
          />
        ) : (
          <TextArea className={`${css['input']} ${css['area']}`} rows={lines} {...(placeholder === undefined ? {} : { placeholder })} />
        )}
      </span>
      {hint !== undefined && error === null && (
        <Text slot="description" className={css['hint'] ?? ''}>
          {hint}
        </Text>
      )}
      {error !== null && <FieldError className={css['error'] ?? ''}>{error}</FieldError>}
    </TextField>
  );
}
