import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClockWarning } from '../../../shared/bridge-shift.ts';
import { hubNow, useTick } from '../../app/clock.ts';
import { openTicket } from '../../app/desk.ts';
import { notify } from '../../app/notify.ts';
import { refOf } from '../../app/refs.ts';
import { say } from '../../app/toasts.ts';
import { useQuery } from '../../app/useQuery.ts';
import { spanWords } from '../../ui/time.ts';

/** A moment that is longer past than this is no news any more: the machine was asleep, or the console closed. */
const newsMs = 60_000;

const keyOf = ({ ticketId, kind, startedAt }: ClockWarning, moment: number) => `${ticketId} ${kind} ${startedAt} ${moment}`;

/** Warns of my clocks before they run out, each moment once, with or without a line to the hub. Shows nothing of its own. */
export function Alarm() {
  const { t } = useTranslation();
  const { value: clocks } = useQuery('sla.warnings', null);
  const said = useRef(new Set<string>());
  const began = useRef(hubNow());
  const now = useTick((at) => Math.floor(at / 1000)) * 1000;
  useEffect(() => {
    for (const clock of clocks ?? []) {
      for (const moment of clock.moments) {
        // What had passed before the console was opened is in the list, with its colour.
        if (moment > now || moment < Math.max(began.current, now - newsMs)) continue;
        const key = keyOf(clock, moment);
        if (said.current.has(key)) continue;
        said.current.add(key);
        const left = spanWords(Math.max(0, clock.dueAt - now), t);
        const text = t('shift.warning', { kind: t(`sla.${clock.kind}`), ref: refOf(clock) ?? '', left });
        const open = () => openTicket(clock.ticketId);
        say(text, { action: { label: t('notice.open'), undo: false, run: open } });
        notify(text, open);
      }
    }
  }, [clocks, now, t]);
  return null;
}
