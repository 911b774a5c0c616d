import { useTranslation } from 'react-i18next';
import { ShownOnce } from '../../../app/ShownOnce.tsx';
import { usePrefs } from '../../../app/prefs.ts';
import { Button } from '../../../ui/Button.tsx';
import { Sheet } from '../../../ui/Popover.tsx';
import { exact } from '../../../ui/time.ts';
import css from '../Admin.module.css';
import { forgetLink, useLink } from './links.ts';

/** The link that was made a moment ago, until it is put away. */
export function LinkSheet() {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const link = useLink((state) => state.link);
  if (!link) return null;
  const { name } = link;
  return (
    <Sheet kind="alert" label={t('staff.link', { name })} open onOpenChange={(open) => !open && forgetLink()}>
      <div className={css['ask']} data-testid="person-link">
        <h2>{t('staff.link', { name })}</h2>
        <p>{t('staff.linkWhat', { name })}</p>
        <ShownOnce value={link.link} saved />
        <p className={css['quiet']}>{t('staff.linkUntil', { at: exact(link.until, language) })}</p>
        <div className={css['acts']}>
          <Button onPress={forgetLink}>{t('staff.linkDone')}</Button>
        </div>
      </div>
    </Sheet>
  );
}
