import { CloudOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { SessionState } from '../../../shared/bridge.ts';
import { execute } from '../../app/engine.ts';
import { usePrefs } from '../../app/prefs.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { exact } from '../../ui/time.ts';
import css from './SignIn.module.css';

/** Longer without the hub than the centre allows: everything is kept, nothing is shown. */
export function Expired({ session }: { session: Extract<SessionState, { phase: 'expired' }> }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const { value: status } = useQuery('status', null);
  const trying = status?.connection === 'connecting';
  return (
    <div className={css['page']}>
      <main className={css['card']} data-testid="expired">
        <header className={css['head']}>
          <span className={css['logo']} aria-hidden>
            <CloudOff size={20} />
          </span>
          <h1>{t('expired.title')}</h1>
        </header>
        <p>{t('expired.why', { at: exact(session.since, language) })}</p>
        {session.queued > 0 && <p className={`${css['banner']} ${css['info']}`}>{t('expired.queued', { count: session.queued })}</p>}
        <Button look="primary" size="large" grow onPress={() => void execute('sync.now', null).catch(() => undefined)}>
          {trying ? t('expired.trying') : t('expired.retry')}
        </Button>
        <Button look="quiet" onPress={() => void execute('session.switch', null).catch(() => undefined)}>
          {t('locked.switch')}
        </Button>
      </main>
    </div>
  );
}
