import { Bell, BellDot } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { TFunction } from 'i18next';
import type { Shift } from '../../../shared/bridge-shift.ts';
import { openTicket } from '../../app/desk.ts';
import { seen } from '../../app/shift.ts';
import { say } from '../../app/toasts.ts';
import { useMinute } from '../../app/clock.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { PopoverButton } from '../../ui/Popover.tsx';
import { listTime } from '../../ui/time.ts';
import css from './NoticeButton.module.css';

type Told = Shift['notices'][number];

/** What a notice says, in one line. */
export function noticeWords(notice: Told, t: TFunction): string {
  if (notice.kind === 'breach' || notice.kind === 'escalated') return t(`notice.${notice.kind}`, { clock: clockWord(notice.text, t) });
  if (notice.kind === 'stateForced') return t('notice.stateForced', { state: stateWord(notice.text, t) });
  return t(`notice.${notice.kind}`);
}

const clockWord = (kind: string, t: TFunction) =>
  kind === 'frt' || kind === 'nrt' || kind === 'rt' || kind === 'assign' ? t(`sla.${kind}`) : '';

function stateWord(state: string, t: TFunction): string {
  const known = ['available', 'busy', 'break', 'meal', 'meeting', 'training', 'offline'] as const;
  const found = known.find((one) => one === state);
  return found ? t(`shift.state.${found}`) : state;
}

const saysMore = (notice: Told) =>
  notice.kind === 'coach' || notice.kind === 'message' || notice.kind === 'transfer' || notice.kind === 'consult';

/** What I am to know, with how much of it is new; what comes while I work shows for a moment by itself. */
export function NoticeButton() {
  const { t } = useTranslation();
  const { value: shift } = useQuery('shift', null);
  const [open, setOpen] = useState(false);
  const shown = useRef<Set<string> | null>(null);
  const notices = shift?.notices;
  useEffect(() => {
    if (!notices) return;
    const known = shown.current;
    shown.current = new Set(notices.map(({ id }) => id));
    // What was there at the start is in the list; only what comes after it calls.
    if (!known) return;
    for (const notice of notices.filter((one) => !known.has(one.id) && one.seenAt === null).slice(0, 3)) {
      const { ticketId } = notice;
      const text = saysMore(notice) ? `${noticeWords(notice, t)}: ${notice.text}` : noticeWords(notice, t);
      const action = ticketId === null ? null : { label: t('notice.open'), undo: false, run: () => openTicket(ticketId) };
      say(text, { action });
    }
  }, [notices, t]);
  if (!shift) return null;
  const { unseen } = shift;
  return (
    <PopoverButton
      label={t('notice.title')}
      placement="top start"
      open={open}
      onOpenChange={setOpen}
      width={360}
      trigger={
        <AriaButton
          className={css['button'] ?? ''}
          data-testid="notices"
          aria-label={unseen > 0 ? t('notice.count', { count: unseen }) : t('notice.button')}
        >
          {unseen > 0 ? <BellDot size={14} aria-hidden /> : <Bell size={14} aria-hidden />}
          {unseen > 0 && <span className={css['figure']}>{unseen}</span>}
        </AriaButton>
      }
    >
      <List shift={shift} close={() => setOpen(false)} />
    </PopoverButton>
  );
}

function List({ shift, close }: { shift: Shift; close: () => void }) {
  const { t } = useTranslation();
  const now = useMinute();
  const fresh = shift.notices.flatMap((one) => (one.seenAt === null ? [one.id] : []));
  return (
    <div className={css['list']} data-testid="notice-list">
      <p className={css['head']}>
        <strong>{t('notice.title')}</strong>
        {fresh.length > 0 && (
          <Button size="small" look="quiet" onPress={() => seen(fresh)}>
            {t('notice.seen')}
          </Button>
        )}
      </p>
      {shift.notices.length === 0 && (
        <div className={css['empty']}>
          <p>{t('notice.none')}</p>
          <p className={css['hint']}>{t('notice.noneHint')}</p>
        </div>
      )}
      <ul className={css['items']}>
        {shift.notices.map((notice) => (
          <li key={notice.id} className={css['item']} data-new={notice.seenAt === null ? 'true' : undefined}>
            <p className={css['words']}>
              <span>{noticeWords(notice, t)}</span>
              <time className={css['hint']}>{listTime(notice.at, now, t)}</time>
            </p>
            {saysMore(notice) && <p className={css['text']}>{notice.text}</p>}
            {(notice.subject !== null || notice.fromName !== null) && (
              <p className={css['about']}>
                <span className={css['subject']}>
                  {notice.subject === null ? notice.fromName : t('notice.about', { number: notice.number ?? '…', subject: notice.subject })}
                </span>
                {notice.ticketId !== null && notice.subject !== null && (
                  <Button
                    size="small"
                    look="quiet"
                    onPress={() => {
                      seen([notice.id]);
                      close();
                      if (notice.ticketId !== null) openTicket(notice.ticketId);
                    }}
                  >
                    {t('notice.open')}
                  </Button>
                )}
              </p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
