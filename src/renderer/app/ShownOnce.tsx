import { Copy } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/Button.tsx';
import css from './ShownOnce.module.css';
import { copy } from './tickets.ts';

/** A secret that was made a moment ago, to be copied; it is shown this once. */
export function ShownOnce({ value, saved = false }: { value: string; saved?: boolean }) {
  const { t } = useTranslation();
  return (
    <div className={css['once']} data-testid="secret-once">
      <code>{value}</code>
      <Button size="small" look="primary" icon={<Copy size={14} aria-hidden />} onPress={() => void copy(value)}>
        {t('admin.copy')}
      </Button>
      <p>
        {t('secret.once')} {!saved && t('secret.pending')}
      </p>
    </div>
  );
}
