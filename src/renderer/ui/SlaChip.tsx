import { Check, Hourglass, Pause } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { InboxRow } from '../../shared/bridge.ts';
import { type ShownClock, slaAt, type SlaStep } from '../../shared/sla.ts';
import { businessTimeOf, hubNow, useClock, useTick } from '../app/clock.ts';
import css from './SlaChip.module.css';
import { chipTime, clockTime, moment, spanWords } from './time.ts';

type Clocked = Pick<InboxRow, 'id' | 'pendingAnswer'> & ShownClock;

/** A tick says "on time" this long before the place is given up. */
const metMs = 4000;

/** Whether the clock was met while this chip was on the screen, a moment ago. */
function useJustMet(ticketId: string, step: SlaStep): boolean {
  const before = useRef({ ticketId, step });
  const [met, setMet] = useState(false);
  useEffect(() => {
    const was = before.current;
    before.current = { ticketId, step };
    if (step !== 'met' || was.ticketId !== ticketId || was.step === 'met' || was.step === 'none') {
      setMet(false);
      return;
    }
    setMet(true);
    const timer = setTimeout(() => setMet(false), metMs);
    return () => clearTimeout(timer);
  }, [ticketId, step]);
  return met;
}

/** The clock of a ticket; `otherwise` stands in its place while there is none. */
export function SlaChip({ ticket, otherwise = null }: { ticket: Clocked; otherwise?: React.ReactNode }) {
  const { t } = useTranslation();
  const confirmed = useClock((clock) => clock.confirmed);
  // One string per second and ticket: the chip draws only when what it shows has changed.
  const shown = useTick((now) => {
    const at = slaAt(ticket, now, businessTimeOf(ticket.slaCalendarId));
    return `${at.step}|${chipTime(at.leftMs, t)}|${Math.ceil(at.fraction * 60)}`;
  });
  const [stepText = 'none', time = '', sixtieths = '0'] = shown.split('|');
  const step = stepText as SlaStep;
  const justMet = useJustMet(ticket.id, step);
  if (step === 'none' || (step === 'met' && !justMet)) return otherwise;

  const kind = t(`sla.${ticket.slaKind ?? 'frt'}`);
  const due = ticket.slaDueAt ?? 0;
  const now = hubNow();
  const facts = { kind, at: moment(due, now, t), left: spanWords(slaAt(ticket, now, businessTimeOf(ticket.slaCalendarId)).leftMs, t) };
  const words =
    step === 'paused'
      ? t('sla.pausedLong', facts)
      : step === 'met'
        ? t('sla.metLong', facts)
        : step === 'overdue'
          ? t('sla.late', facts)
          : t('sla.due', facts);
  const long = [words, ticket.pendingAnswer ? t('sla.queuedLong') : '', confirmed ? '' : t('sla.approx')].filter(Boolean).join(' ');
  const mark = confirmed ? '' : '≈';
  return (
    <span
      className={`${css['chip']} ${css[step]}`}
      data-testid="sla-chip"
      data-step={step}
      data-queued={ticket.pendingAnswer || undefined}
      title={`${long} (${clockTime(due)})`}
      role="img"
      aria-label={long}
    >
      {step === 'paused' ? (
        <Pause size={12} aria-hidden />
      ) : step === 'met' ? (
        <Check size={12} aria-hidden />
      ) : ticket.pendingAnswer ? (
        <Hourglass size={12} aria-hidden />
      ) : (
        <Ring sixtieths={Number(sixtieths)} />
      )}
      <span className={css['time']}>
        {step === 'paused'
          ? t('sla.paused')
          : step === 'met'
            ? t('sla.met')
            : step === 'overdue'
              ? t('sla.overdue', { time: mark + time })
              : mark + time}
      </span>
      {ticket.pendingAnswer && step !== 'met' && <span className={css['word']}>{t('sla.queued')}</span>}
    </span>
  );
}

function Ring({ sixtieths }: { sixtieths: number }) {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden className={css['ring']}>
      <circle cx="6" cy="6" r="4.75" fill="none" stroke="currentColor" strokeWidth="2" opacity="0.25" />
      <circle
        cx="6"
        cy="6"
        r="4.75"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        pathLength="60"
        strokeDasharray={`${sixtieths} 60`}
        transform="rotate(-90 6 6) scale(1 -1) translate(0 -12)"
      />
    </svg>
  );
}
