import { CloudOff, Download } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { TextHint } from '../ui/Hint.tsx';
import { clockSeconds, exact } from '../ui/time.ts';
import css from './Freshness.module.css';
import { usePrefs } from './prefs.ts';
import { useQuery } from './useQuery.ts';

/** Up to when a pane is complete. Says nothing while it is live: that is what people expect. */
export function Freshness() {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const { value: status } = useQuery('status', null);
  if (!status) return null;
  if (status.loading !== null) {
    return (
      <TextHint className={css['fresh']} text={t('fresh.loadingHint')} side="bottom">
        <Download size={12} aria-hidden />
        <span data-testid="fresh" data-state="loading">
          {t('fresh.loading')}
        </span>
      </TextHint>
    );
  }
  if (status.connection === 'online' || status.dataAsOf === null) return null;
  return (
    <TextHint className={css['fresh']} text={t('fresh.offlineHint', { at: exact(status.dataAsOf, language) })} side="bottom">
      <CloudOff size={12} aria-hidden />
      <span data-testid="fresh" data-state="offline">
        {t('fresh.offline', { at: clockSeconds(status.dataAsOf) })}
      </span>
    </TextHint>
  );
}
