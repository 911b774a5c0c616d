import { Paperclip, X } from 'lucide-react';
import { FileTrigger } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { StagedFile } from '../../../shared/bridge-files.ts';
import { addFiles, addingTo, removeFile, useAdding } from '../../app/files.ts';
import { usePrefs } from '../../app/prefs.ts';
import { useQuery } from '../../app/useQuery.ts';
import { IconButton } from '../../ui/Button.tsx';
import { percent, sizeText } from '../../ui/bytes.ts';
import { FileCard } from '../../ui/FileCard.tsx';
import css from './Files.module.css';

const none: StagedFile[] = [];

/** The files that will go with the text. */
export function ChosenFiles({ ticketId, offline }: { ticketId: string; offline: boolean }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const { value: staged = none } = useQuery('file.staged', { ticketId });
  const all = useAdding();
  const adding = addingTo(all, ticketId).filter(({ id }) => !staged.some((file) => file.id === id));
  if (staged.length + adding.length === 0) return null;
  const remove = (id: string, name: string) => (
    <IconButton
      size="small"
      label={t('files.remove', { name })}
      icon={<X size={14} aria-hidden />}
      onPress={() => void removeFile(id, name)}
    />
  );
  return (
    <ul className={css['chosen']} aria-label={t('files.chosen')} data-testid="chosen-files">
      {staged.map(({ id, name, size }) => (
        <li key={id}>
          <FileCard
            name={name}
            size={sizeText(size, language)}
            state={offline ? t('files.waitingLine') : null}
            tone="warning"
            progress={null}
            data-state="chosen"
          >
            {remove(id, name)}
          </FileCard>
        </li>
      ))}
      {adding.map(({ id, name, size, sent }) => (
        <li key={id}>
          <FileCard
            name={name}
            size={sizeText(size, language)}
            state={t('files.adding', { percent: percent(sent, size) })}
            progress={percent(sent, size)}
            data-state="adding"
          >
            {remove(id, name)}
          </FileCard>
        </li>
      ))}
    </ul>
  );
}

export function AttachButton({ ticketId }: { ticketId: string }) {
  const { t } = useTranslation();
  return (
    <FileTrigger
      allowsMultiple
      onSelect={(list) => {
        if (list) void addFiles(ticketId, [...list]);
      }}
    >
      <IconButton size="small" label={t('files.attach')} icon={<Paperclip size={14} aria-hidden />} data-testid="attach-button" />
    </FileTrigger>
  );
}
