import { History } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useMinute } from '../../app/clock.ts';
import { bringBack } from '../../app/drafts.ts';
import { usePrefs } from '../../app/prefs.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { PopoverButton } from '../../ui/Popover.tsx';
import { exact, listTime } from '../../ui/time.ts';
import css from './Composer.module.css';

/** Texts that this one has taken the place of: from another workstation, or thrown away. */
export function Earlier({ ticketId }: { ticketId: string }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const now = useMinute();
  const [open, setOpen] = useState(false);
  const { value: texts } = useQuery('draft.revisions', { ticketId });
  if (!texts || texts.length === 0) return null;
  return (
    <PopoverButton
      label={t('drafts.title')}
      placement="top start"
      width={360}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <AriaButton className={css['earlier'] ?? ''} data-testid="earlier-drafts">
          <History size={12} aria-hidden />
          {t('drafts.earlier', { count: texts.length })}
        </AriaButton>
      }
    >
      <ul className={css['texts']} aria-label={t('drafts.title')}>
        {texts.map((text) => (
          <li key={text.id}>
            <p className={css['text']}>{text.body}</p>
            <div className={css['textFoot']}>
              <span title={exact(text.updatedAt, language)}>
                {text.device === '' ? t('drafts.here') : text.device} · {listTime(text.updatedAt, Math.max(now, text.updatedAt), t)}
              </span>
              <Button
                size="small"
                onPress={() => {
                  setOpen(false);
                  void bringBack(ticketId, text.id);
                }}
              >
                {t('drafts.restore')}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </PopoverButton>
  );
}
