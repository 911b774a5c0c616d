import {
  CircleDot,
  Coffee,
  GraduationCap,
  type LucideIcon,
  MinusCircle,
  Moon,
  PenLine,
  PlugZap,
  TriangleAlert,
  Users,
  Utensils,
} from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { Shift } from '../../../shared/bridge-shift.ts';
import type { PresenceState } from '../../../shared/routing-rows.ts';
import { type WorkClass, workClasses } from '../../../shared/words.ts';
import { hubNow, useTick } from '../../app/clock.ts';
import { choices, enter, switchWork } from '../../app/shift.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { Check as CheckBox } from '../../ui/Check.tsx';
import { PopoverButton } from '../../ui/Popover.tsx';
import { clockTime, spanWords } from '../../ui/time.ts';
import css from './ShiftButton.module.css';

export const stateGlyphs: Record<PresenceState, LucideIcon> = {
  available: CircleDot,
  busy: MinusCircle,
  break: Coffee,
  meal: Utensils,
  meeting: Users,
  training: GraduationCap,
  wrapUp: PenLine,
  notResponding: TriangleAlert,
  disconnected: PlugZap,
  offline: Moon,
};

/** How I am, in the bar below; behind it whatever I may change of it. */
export function ShiftButton({ online }: { online: boolean }) {
  const { t } = useTranslation();
  const { value: shift } = useQuery('shift', null);
  const [open, setOpen] = useState(false);
  if (!shift) return null;
  const state = shift.presence?.state ?? 'offline';
  const Glyph = stateGlyphs[state];
  const inHand = workClasses.reduce((sum, one) => sum + shift.load[one], 0);
  return (
    <PopoverButton
      label={t('shift.title')}
      placement="top start"
      open={open}
      onOpenChange={setOpen}
      width={300}
      trigger={
        <AriaButton className={`${css['button']} ${css[state]}`} data-testid="shift" data-state={state}>
          <Glyph size={14} aria-hidden />
          {shift.presence === null ? t('shift.begin') : t(`shift.state.${state}`)}
          {state === 'wrapUp' && <WrapUpLeft until={shift.presence?.until ?? null} />}
          {inHand > 0 && <span className={css['load']}>{inHand}</span>}
        </AriaButton>
      }
    >
      <Menu shift={shift} state={state} online={online} close={() => setOpen(false)} />
    </PopoverButton>
  );
}

function WrapUpLeft({ until }: { until: number | null }) {
  const left = useTick((now) => (until === null ? '' : String(Math.max(0, Math.ceil((until - now) / 1000)))));
  return <span className={css['load']}>{left}</span>;
}

function Menu({ shift, state, online, close }: { shift: Shift; state: PresenceState; online: boolean; close: () => void }) {
  const { t } = useTranslation();
  const { presence, load, capacity } = shift;
  const off = presence?.off ?? [];
  const go = (next: (typeof choices)[number]) => void enter(next).then((done) => done && close());
  return (
    <div className={css['menu']} data-testid="shift-menu">
      <p className={css['head']}>
        <strong>{presence === null ? t('shift.never') : t(`shift.state.${state}`)}</strong>
        {presence !== null && <span className={css['since']}>{t('shift.since', { at: clockTime(presence.since) })}</span>}
      </p>
      {!online && <p className={css['hint']}>{t('shift.offlineHint')}</p>}
      {state === 'disconnected' && <p className={css['hint']}>{t('shift.back')}</p>}
      {state === 'notResponding' && (
        <>
          <p className={css['hint']}>{t('shift.missed')}</p>
          <Button look="primary" isDisabled={!online} onPress={() => go('available')}>
            {t('shift.imBack')}
          </Button>
        </>
      )}
      {state === 'wrapUp' && (
        <>
          <p className={css['hint']}>{t('shift.wrapUpLeft', { left: spanWords(Math.max(0, (presence?.until ?? 0) - hubNow()), t) })}</p>
          <Button look="primary" isDisabled={!online} onPress={() => go('available')}>
            {t('shift.endWrapUp')}
          </Button>
        </>
      )}
      <div className={css['choices']} role="group" aria-label={t('shift.title')}>
        {choices.map((one) => {
          const Glyph = stateGlyphs[one];
          return (
            <AriaButton
              key={one}
              className={css['choice'] ?? ''}
              isDisabled={!online}
              data-current={one === state ? 'true' : undefined}
              {...(one === state ? { 'aria-current': 'true' as const } : {})}
              onPress={() => go(one)}
            >
              <Glyph size={16} aria-hidden />
              {t(`shift.state.${one}`)}
            </AriaButton>
          );
        })}
      </div>
      <p className={css['title']}>{t('shift.channels')}</p>
      <div className={css['classes']}>
        {workClasses.map((one) => (
          <div key={one} className={css['class']}>
            <CheckBox on={!off.includes(one)} disabled={!online} onChange={(on) => void switchWork(without(off, one, on))}>
              {t(`shift.work.${one}`)}
            </CheckBox>
            <span className={css['figure']}>{t('shift.loadOf', { n: load[one], most: capacity.most[one] })}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

function without(off: readonly WorkClass[], one: WorkClass, on: boolean): WorkClass[] {
  const others = off.filter((other) => other !== one);
  return on ? others : [...others, one];
}
