import { CircleHelp, CloudOff, Hourglass, RefreshCw, X } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Heading } from 'react-aria-components';
import type { WhyAnswer } from '../../../shared/why-answer.ts';
import { EngineError, execute } from '../../app/engine.ts';
import { useLate } from '../../app/useLate.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Sheet } from '../../ui/Popover.tsx';
import { Bone, State } from '../../ui/State.tsx';
import { clockSeconds } from '../../ui/time.ts';
import { Clock } from './Clock.tsx';
import css from './Why.module.css';

type Told = { state: 'asking' } | { state: 'failed'; why: 'offline' | 'gone' | 'failed' } | { state: 'here'; answer: WhyAnswer };

/** Opens what has become of the time of a ticket's clocks. */
export function WhyButton({ ticketId }: { ticketId: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        size="small"
        icon={<CircleHelp size={14} aria-hidden />}
        onPress={() => setOpen(true)}
        aria-haspopup="dialog"
        data-testid="why-button"
      >
        {t('why.open')}
      </Button>
      <Sheet label={t('why.title')} open={open} onOpenChange={setOpen}>
        <Told ticketId={ticketId} onClose={() => setOpen(false)} />
      </Sheet>
    </>
  );
}

function Told({ ticketId, onClose }: { ticketId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { told, ask } = useWhy(ticketId);
  const late = useLate(told.state === 'asking');
  const answer = told.state === 'here' ? told.answer : null;
  return (
    <div className={css['sheet']} data-testid="why">
      <header className={css['top']}>
        <Heading slot="title" level={2} className={css['title'] ?? ''}>
          {t('why.title')}
        </Heading>
        {answer && <span className={css['asOf']}>{t('why.asOf', { at: clockSeconds(answer.at) })}</span>}
        <IconButton size="small" label={t('why.again')} icon={<RefreshCw size={14} aria-hidden />} onPress={ask} />
        <IconButton size="small" label={t('why.close')} icon={<X size={16} aria-hidden />} onPress={onClose} />
      </header>
      {/* It scrolls, so a key has to reach it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={css['body']} role="region" aria-label={t('why.title')} tabIndex={0} aria-busy={told.state === 'asking'}>
        {told.state === 'failed' ? (
          <State
            role="alert"
            icon={<CloudOff size={20} aria-hidden />}
            title={t(`why.${told.why}`)}
            hint={t(told.why === 'gone' ? 'why.goneHint' : 'why.offlineHint')}
            action={<Button onPress={ask}>{t('why.again')}</Button>}
          />
        ) : !answer ? (
          late && <Skeleton />
        ) : answer.clocks.length === 0 ? (
          <State icon={<Hourglass size={20} aria-hidden />} title={t('why.none')} hint={t('why.noneHint')} />
        ) : (
          <>
            {answer.ticketId !== ticketId && <p className={css['note']}>{t('why.followed')}</p>}
            {answer.clocks.map((clock) => (
              <Clock key={clock.id} clock={clock} />
            ))}
          </>
        )}
      </div>
    </div>
  );
}

/** Asked of the hub when it is opened, and on demand; what is here stays until the next answer is. */
function useWhy(ticketId: string): { told: Told; ask: () => void } {
  const [told, setTold] = useState<Told>({ state: 'asking' });
  const load = useCallback(
    (show: (next: Told) => void) => {
      execute('why', { ticketId }).then(
        (answer) => show({ state: 'here', answer }),
        (error: unknown) => {
          const code = error instanceof EngineError ? error.error.code : null;
          show({ state: 'failed', why: code === 'HUB_UNREACHABLE' ? 'offline' : code === 'REJECTED' ? 'gone' : 'failed' });
        },
      );
    },
    [ticketId],
  );
  useEffect(() => {
    let here = true;
    load((next) => here && setTold(next));
    return () => {
      here = false;
    };
  }, [load]);
  const ask = () => {
    if (told.state === 'failed') setTold({ state: 'asking' });
    load(setTold);
  };
  return { told, ask };
}

function Skeleton() {
  return (
    <div className={css['clock']} aria-hidden>
      <Bone width="40%" height={16} />
      <Bone width="80%" />
      <Bone width="100%" height={28} />
      <Bone width="60%" />
    </div>
  );
}
