import { CheckCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { plainName } from '../../shared/file-kind.ts';
import { percent, sizeText } from '../ui/bytes.ts';
import { State } from '../ui/State.tsx';
import { exact, listTime } from '../ui/time.ts';
import { useMinute } from './clock.ts';
import { openTicket } from './desk.ts';
import css from './Outbox.module.css';
import { usePrefs } from './prefs.ts';
import { useQuery } from './useQuery.ts';
import { changeName } from './changes.ts';

/** What waits to reach the hub, in the order in which it will. */
export function Outbox() {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const now = useMinute();
  const { value: items } = useQuery('outbox.list', null);
  const { value: files } = useQuery('file.unsent', null);
  return (
    <section className={css['outbox']} aria-label={t('outbox.title')} data-testid="outbox">
      <header className={css['head']}>
        <h2>{t('outbox.title')}</h2>
        <p>{t('outbox.hint')}</p>
      </header>
      {items?.length === 0 && files?.length === 0 ? (
        <State icon={<CheckCheck size={20} aria-hidden />} title={t('outbox.empty')} />
      ) : (
        <ol className={css['list']}>
          {items?.map((item) => (
            <li key={item.mutationId}>
              <button
                type="button"
                className={css['item']}
                disabled={item.ticketId === null}
                onClick={() => item.ticketId !== null && openTicket(item.ticketId)}
              >
                <span className={css['name']}>{changeName(item.name, t)}</span>
                <time title={exact(item.authoredAt, language)}>{listTime(item.authoredAt, now, t)}</time>
                <span className={css['subject']}>{item.ticketSubject}</span>
                {item.attempts > 1 && <span className={css['tries']}>{t('outbox.attempts', { n: item.attempts })}</span>}
              </button>
            </li>
          ))}
          {files?.map((file) => (
            <li key={file.id}>
              <button type="button" className={css['item']} onClick={() => openTicket(file.ticketId)} data-testid="unsent-file">
                <span className={`${css['name']} ${css['cut']}`} title={plainName(file.name)}>
                  {plainName(file.name)}
                </span>
                <span className={file.lasting ? css['failed'] : css['tries']}>
                  {file.lasting
                    ? t('files.failed')
                    : file.sent > 0
                      ? t('files.uploading', { percent: percent(file.sent, file.size) })
                      : t('files.waiting')}
                </span>
                <span className={css['subject']}>{file.ticketSubject ?? t('outbox.gone')}</span>
                <span className={css['tries']}>{sizeText(file.size, language)}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
