import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../ui/Button.tsx';
import { Keys } from '../ui/Keys.tsx';
import { Sheet } from '../ui/Popover.tsx';
import css from './CheatSheet.module.css';
import { commandIds, groups, keysOf, spec } from './commands.ts';
import { setDesk, useDesk } from './desk.ts';

export function CheatSheet() {
  const { t } = useTranslation();
  const open = useDesk((desk) => desk.help);
  return (
    <Sheet label={t('help.title')} open={open} onOpenChange={(next) => setDesk({ help: next })}>
      <div className={css['sheet']}>
        <header className={css['head']}>
          <div>
            <h2>{t('help.title')}</h2>
            <p>{t('help.hint')}</p>
          </div>
          <IconButton label={t('act.close')} keys="Escape" icon={<X size={16} aria-hidden />} onPress={() => setDesk({ help: false })} />
        </header>
        <div className={css['columns']}>
          {groups.map((group) => (
            <section key={group} className={css['group']}>
              <h3>{t(`group.${group}`)}</h3>
              <dl>
                {commandIds
                  .filter((id) => spec(id).group === group && keysOf(id) !== undefined)
                  .map((id) => (
                    <div key={id} className={css['line']}>
                      <dt>{t(`command.${id}`)}</dt>
                      <dd>
                        <Keys keys={keysOf(id) ?? ''} spoken />
                      </dd>
                    </div>
                  ))}
              </dl>
            </section>
          ))}
        </div>
      </div>
    </Sheet>
  );
}
