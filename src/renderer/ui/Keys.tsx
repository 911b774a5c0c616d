import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import css from './Keys.module.css';

const mac = /mac/i.test(navigator.userAgent);
const names: Record<string, string> = {
  $mod: mac ? '⌘' : 'Ctrl',
  Shift: mac ? '⇧' : 'Shift',
  Enter: '↵',
  Escape: 'Esc',
  ArrowDown: '↓',
  ArrowUp: '↑',
};

/** One press as people read it: "$mod+k" is "Ctrl K", and so is a key named by its place ("KeyK"). */
export function pressNames(press: string): string[] {
  const parts = press.split('+').map((part) => names[part] ?? part.replace(/^Key(?=[A-Z]$)/, '').toUpperCase());
  return press === 'Shift+?' ? ['?'] : parts;
}

/** Keys as caps, for menus and tooltips; "g i" is a sequence. */
export function Keys({ keys, spoken = false }: { keys: string; spoken?: boolean }) {
  const { t } = useTranslation();
  return (
    <span className={css['keys']} aria-hidden={spoken ? undefined : true}>
      {keys.split(' ').map((press, at) => (
        <Fragment key={`${press}${at}`}>
          {at > 0 && <span className={css['then']}>{t('help.after')}</span>}
          {pressNames(press).map((name) => (
            <kbd key={name}>{name}</kbd>
          ))}
        </Fragment>
      ))}
    </span>
  );
}
