import { Download, RotateCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TFunction } from 'i18next';
import type { TimelineMessage } from '../../../shared/bridge.ts';
import type { TicketFile } from '../../../shared/bridge-files.ts';
import { openFile, retryFile, saveFile } from '../../app/files.ts';
import { usePrefs } from '../../app/prefs.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { percent, sizeText } from '../../ui/bytes.ts';
import { FileCard } from '../../ui/FileCard.tsx';
import css from './Files.module.css';

/** A picture up to this size is fetched to be shown; larger ones when they are here anyway. */
const previewBytes = 2_000_000;
const largestPreview = 8_000_000;

const none: TicketFile[] = [];

/** The files of one message. All of a ticket's come by one subscription. */
export function MessageFiles({ message }: { message: TimelineMessage }) {
  const { t } = useTranslation();
  const { value: all = none } = useQuery('ticket.files', { ticketId: message.ticketId });
  const { value: status } = useQuery('status', null);
  const files = all.filter((file) => file.messageId === message.id);
  if (files.length === 0) return null;
  return (
    <ul className={css['files']} aria-label={t('files.of')}>
      {files.map((file) => (
        <li key={file.id}>
          <Attached file={file} online={status?.connection === 'online'} />
        </li>
      ))}
    </ul>
  );
}

interface Standing {
  key: 'uploading' | 'waiting' | 'failed' | 'loading' | 'coming' | 'never' | 'ready';
  words: string | null;
  tone: 'plain' | 'warning' | 'danger';
  progress: number | null;
}

type Reason = 'ID_TAKEN' | 'NOT_FOUND' | 'REFUSED' | 'DAMAGED';

function standingOf({ upload, received, state, size }: TicketFile, online: boolean, t: TFunction): Standing {
  if (upload) {
    if (upload.lasting)
      return { key: 'failed', words: `${t('files.failed')}: ${t(`files.why.${upload.error as Reason}`)}`, tone: 'danger', progress: null };
    if (!online) return { key: 'waiting', words: t('files.waitingLine'), tone: 'warning', progress: null };
    if (upload.attempts > 0) return { key: 'waiting', words: t('files.again'), tone: 'warning', progress: null };
    if (upload.sent === 0) return { key: 'waiting', words: t('files.waiting'), tone: 'warning', progress: 0 };
    const done = percent(upload.sent, size);
    return { key: 'uploading', words: t('files.uploading', { percent: done }), tone: 'plain', progress: done };
  }
  if (received !== null) {
    const done = percent(received, size);
    return { key: 'loading', words: t('files.loading', { percent: done }), tone: 'plain', progress: done };
  }
  if (state === 'pending') return { key: 'coming', words: t('files.coming'), tone: 'warning', progress: null };
  if (state === 'failed') return { key: 'never', words: t('files.never'), tone: 'danger', progress: null };
  return { key: 'ready', words: null, tone: 'plain', progress: null };
}

function Attached({ file, online }: { file: TicketFile; online: boolean }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const { id, name, size, here, state, upload } = file;
  const standing = standingOf(file, online, t);
  const mayShow = file.type.startsWith('image/') && (here ? size <= largestPreview : state === 'ready' && online && size <= previewBytes);
  return (
    <>
      {mayShow && <Preview id={id} name={name} />}
      <FileCard
        name={name}
        size={sizeText(size, language)}
        state={standing.words}
        tone={standing.tone}
        progress={standing.progress}
        data-state={standing.key}
      >
        {upload !== null && upload.error !== null && (
          <Button
            size="small"
            icon={<RotateCw size={12} aria-hidden />}
            aria-label={t('files.retryNamed', { name })}
            onPress={() => void retryFile(id, name)}
          >
            {t('files.retry')}
          </Button>
        )}
        {(here || state === 'ready') && (
          <IconButton
            size="small"
            label={t('files.save', { name })}
            icon={<Download size={14} aria-hidden />}
            onPress={() => void saveFile(id, name)}
            data-testid="save-file"
          />
        )}
      </FileCard>
    </>
  );
}

/** The picture itself, once its bytes have said that it is one. */
function Preview({ id, name }: { id: string; name: string }) {
  const { t } = useTranslation();
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let made: string | null = null;
    let gone = false;
    openFile(id).then(
      ({ blob, picture }) => {
        if (gone || !picture) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      },
      // The card beneath says how it stands, and can be asked.
      () => undefined,
    );
    return () => {
      gone = true;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [id]);
  if (url === null) return null;
  return <img className={css['picture']} src={url} alt={t('files.picture', { name })} data-testid="picture" draggable={false} />;
}
