import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../ui/Button.tsx';
import { Field } from '../../../ui/Field.tsx';
import own from './Centre.module.css';

/** A name that is given or changed where it stands: Enter takes it, Escape leaves it. */
export function NameLine({
  label,
  begun,
  max,
  taken,
  same,
  save,
  onSave,
  onClose,
}: {
  label: string;
  begun: string;
  max: number;
  /** names that others have */
  taken: readonly string[];
  same: string;
  save: string;
  onSave: (name: string) => Promise<boolean>;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(begun);
  const [busy, setBusy] = useState(false);
  const name = text.trim();
  const twice = taken.some((one) => one.toLocaleLowerCase() === name.toLocaleLowerCase());
  const savable = !busy && name !== '' && !twice;
  const run = async () => {
    if (!savable) return;
    if (name === begun) return onClose();
    setBusy(true);
    const done = await onSave(name);
    setBusy(false);
    if (done) onClose();
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Enter') void run();
    else if (event.key === 'Escape') onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={own['inline']} onKeyDown={key}>
      <Field autoFocus label={label} value={text} max={max} onChange={setText} error={twice ? same : null} />
      <Button look="primary" isDisabled={!savable} onPress={() => void run()}>
        {save}
      </Button>
      <Button look="quiet" onPress={onClose}>
        {t('admin.cancel')}
      </Button>
    </div>
  );
}
