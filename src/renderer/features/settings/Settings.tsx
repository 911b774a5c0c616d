import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { setPref, usePrefs } from '../../app/prefs.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Segments } from '../../ui/Choice.tsx';
import { PopoverButton } from '../../ui/Popover.tsx';
import css from './Settings.module.css';

export function Settings({ icon, onShortcuts }: { icon: ReactNode; onShortcuts: () => void }) {
  const { t } = useTranslation();
  const { theme, language, density } = usePrefs();
  return (
    <PopoverButton
      label={t('rail.settings')}
      placement="right bottom"
      width={300}
      trigger={<IconButton size="rail" side="right" label={t('rail.settings')} icon={icon} />}
    >
      <div className={css['panel']}>
        <Segments
          label={t('settings.theme')}
          value={theme}
          options={[
            { value: 'system', label: t('settings.system') },
            { value: 'light', label: t('settings.light') },
            { value: 'dark', label: t('settings.dark') },
          ]}
          onChange={(value) => setPref('theme', value)}
        />
        <Segments
          label={t('settings.language')}
          value={language}
          options={[
            { value: 'vi', label: 'Tiếng Việt' },
            { value: 'en', label: 'English' },
          ]}
          onChange={(value) => setPref('language', value)}
        />
        <Segments
          label={t('settings.density')}
          value={density}
          options={[
            { value: 'comfortable', label: t('settings.comfortable') },
            { value: 'compact', label: t('settings.compact') },
          ]}
          onChange={(value) => setPref('density', value)}
        />
        <Button slot="close" look="quiet" onPress={onShortcuts} keys="Shift+?">
          {t('settings.shortcuts')}
        </Button>
      </div>
    </PopoverButton>
  );
}
