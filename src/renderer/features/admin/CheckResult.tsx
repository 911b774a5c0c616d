import { CircleAlert, CircleCheck, Loader, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ChannelCheck } from '../../../shared/channel-admin.ts';
import { useTick } from '../../app/clock.ts';
import { IconButton } from '../../ui/Button.tsx';
import logCss from './Log.module.css';

export type Checking = { state: 'running'; since: number } | { state: 'done'; check: ChannelCheck };

/** A test as it runs, and what each of its steps has come to. */
export function CheckResult({ checking, kind, onClose }: { checking: Checking; kind: string; onClose: () => void }) {
  const { t } = useTranslation();
  // Figures for what lasts longer than a second.
  const seconds = useTick(() => (checking.state === 'running' ? Math.max(0, Math.round((Date.now() - checking.since) / 1000)) : 0));
  if (checking.state === 'running')
    return (
      <p className={logCss['check']} role="status" data-testid="check-running">
        <Loader size={14} aria-hidden />
        {t('channels.test.running', { seconds })}
      </p>
    );
  const { ok, steps, tookMs } = checking.check;
  return (
    <section
      className={`${logCss['result']} ${ok ? logCss['resultGood'] : logCss['resultBad']}`}
      role="status"
      data-testid="check-result"
      data-ok={ok}
    >
      <header>
        {ok ? <CircleCheck size={16} aria-hidden /> : <CircleAlert size={16} aria-hidden />}
        <strong>{ok ? t('channels.test.good', { seconds: (tookMs / 1000).toFixed(1) }) : t('channels.test.bad')}</strong>
        <IconButton size="small" label={t('channels.test.close')} icon={<X size={14} aria-hidden />} onPress={onClose} />
      </header>
      <ol>
        {steps.map(({ step, ok: good, detail, remedy }) => (
          <li key={step} data-ok={good}>
            {good ? <CircleCheck size={14} aria-hidden /> : <CircleAlert size={14} aria-hidden />}
            <div>
              <strong>{t(`channels.test.step.${step}`)}</strong>
              {detail !== '' && <span className={logCss['said']}>{detail}</span>}
              {step === 'listen' && <p>{t(kind === 'phone' ? 'channels.test.listen.phone' : 'channels.test.listen.chat')}</p>}
              {remedy !== null && <p>{t(`channels.test.remedy.${remedy}`)}</p>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
