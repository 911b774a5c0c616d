import { CloudOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { execute } from '../../app/engine.ts';
import { usePrefs } from '../../app/prefs.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { exact } from '../../ui/time.ts';
import css from './Timeline.module.css';

/** What was said before is at the hub: it is fetched when somebody looks, if there is a line. */
export function Older({ ticketId, since, few }: { ticketId: string; since: number; few: boolean }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const { value: status } = useQuery('status', null);
  const [state, setState] = useState<'idle' | 'loading' | 'failed'>('idle');
  const online = status?.connection === 'online';

  const load = () => {
    setState('loading');
    execute('history.load', { ticketId }).then(
      () => setState('idle'),
      () => setState('failed'),
    );
  };
  // A conversation that would open empty is filled by itself, once for each beginning that is known.
  useEffect(() => {
    if (few && online) load();
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [few, online, ticketId, since]);

  const at = exact(since, language);
  return (
    <div className={css['atHub']} data-testid="history-at-hub" role="status">
      {state === 'loading' ? (
        t('history.loading')
      ) : online ? (
        <>
          <span>{state === 'failed' ? t('history.failed') : t('history.atHub', { at })}</span>
          <Button size="small" look="quiet" onPress={load}>
            {t('history.load')}
          </Button>
        </>
      ) : (
        <>
          <CloudOff size={12} aria-hidden />
          {t('history.offline', { at })}
        </>
      )}
    </div>
  );
}
