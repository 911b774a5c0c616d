import { useTranslation } from 'react-i18next';
import type { SessionState } from '../../../shared/bridge.ts';
import { usePrefs } from '../../app/prefs.ts';
import { useLate } from '../../app/useLate.ts';
import css from './SignIn.module.css';

export function FirstLoad({ session }: { session: Extract<SessionState, { phase: 'loading' }> }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const shown = useLate(true);
  if (!shown) return null;
  const figures = new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB');
  const { done, total } = session;
  const text =
    total === null
      ? t('loading.count', { done: figures.format(done) })
      : t('loading.progress', { done: figures.format(done), total: figures.format(total) });
  const share = total === null || total === 0 ? 0 : Math.min(1, done / total);
  const title = t('loading.title', { name: session.user.name });
  return (
    <div className={css['page']}>
      <main className={css['load']} data-testid="first-load">
        <h1>{title}</h1>
        <div
          className={css['track']}
          role="progressbar"
          aria-label={title}
          aria-valuemin={0}
          aria-valuemax={100}
          {...(total === null ? {} : { 'aria-valuenow': Math.round(share * 100) })}
          aria-valuetext={text}
        >
          <div className={css['done']} style={{ width: `${share * 100}%` }} />
        </div>
        <p className={css['figure']}>{text}</p>
        <p>{t('loading.hint')}</p>
      </main>
    </div>
  );
}
