import { CircleAlert, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../ui/Button.tsx';
import { keysOf } from './commands.ts';
import { hush, takesBack, useToasts } from './toasts.ts';
import css from './Toasts.module.css';

/** They stand over the customer pane, where nothing is written; where there is none, above the composer. */
export function Toasts({ overPane }: { overPane: number | null }) {
  const { t } = useTranslation();
  const toasts = useToasts((state) => state.toasts);
  return (
    <section
      className={css['region']}
      style={overPane === null ? { bottom: 208 } : { maxWidth: overPane - 16 }}
      aria-label={t('toast.region')}
      aria-live="polite"
    >
      {toasts.map((toast, at) => (
        <div key={toast.id} className={`${css['toast']} ${css[toast.tone]}`} data-testid="toast">
          {toast.tone === 'danger' && <CircleAlert size={16} aria-hidden />}
          <span className={css['text']}>{toast.text}</span>
          {toast.action && (
            <Button
              size="small"
              look="quiet"
              {...(at === toasts.findLastIndex(takesBack) ? { keys: keysOf('undo') ?? '' } : {})}
              onPress={() => {
                hush(toast.id);
                toast.action?.run();
              }}
            >
              {toast.action.label}
            </Button>
          )}
          <IconButton size="small" label={t('toast.dismiss')} icon={<X size={14} aria-hidden />} onPress={() => hush(toast.id)} />
        </div>
      ))}
    </section>
  );
}
