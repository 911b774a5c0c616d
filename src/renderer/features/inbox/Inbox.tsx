import { PanelLeftClose } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sortsOffered } from './sorts.ts';
import { keysOf, run } from '../../app/commands.ts';
import { setDesk, useDesk } from '../../app/desk.ts';
import { Freshness } from '../../app/Freshness.tsx';
import { usePrefs } from '../../app/prefs.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Pick } from '../../ui/Choice.tsx';
import { Filter } from './Filter.tsx';
import css from './Inbox.module.css';
import { List } from './List.tsx';
import { useShown } from './useShown.ts';

export function Inbox() {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const view = useDesk((desk) => desk.view);
  const sort = useDesk((desk) => desk.sort);
  const [first, setFirst] = useState(0);
  const [hovered, setHovered] = useState(false);
  const { shown, late, error } = useShown(first, hovered);

  // A key asks for what waits: in keyboard work the list is live, whatever the pointer rests on.
  useEffect(() => {
    const release = () => setHovered(false);
    window.addEventListener('keydown', release);
    return () => window.removeEventListener('keydown', release);
  }, []);

  return (
    <section className={css['inbox']} aria-label={t('inbox.pane')}>
      <header className={css['head']}>
        <h1>{t(`view.${view}`)}</h1>
        {shown !== null && (
          <span className={css['total']} data-testid="inbox-total" data-count={shown.total}>
            {new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB').format(shown.total)}
          </span>
        )}
        <Freshness />
        <span className={css['space']} />
        <Pick
          look="bare"
          label={t('sort.label')}
          value={sort}
          options={sortsOffered.map((value) => ({ value, label: t(`sort.${value}`) }))}
          onChange={(value) => setDesk({ sort: value })}
        />
        <IconButton
          size="small"
          label={t('command.foldInbox')}
          keys={keysOf('foldInbox')}
          icon={<PanelLeftClose size={16} aria-hidden />}
          onPress={() => run('foldInbox')}
        />
      </header>
      <Filter />
      <List shown={shown} late={late} error={error} onFirst={setFirst} onHover={setHovered} />
    </section>
  );
}
