import { CloudOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useLate } from './useLate.ts';
import { Button } from '../ui/Button.tsx';
import { Bone, State } from '../ui/State.tsx';
import css from './HubState.module.css';
import type { Got } from './useHub.ts';

/** What stands in the place of a list that is not there yet, or could not be had. Null: it is there. */
export function HubState({ got, onAgain, bones = 2 }: { got: Got<unknown>; onAgain: () => void; bones?: number }) {
  const { t } = useTranslation();
  const late = useLate(got.state === 'loading');
  if (got.state === 'here') return null;
  if (got.state === 'failed')
    return (
      <State
        role="alert"
        icon={<CloudOff size={20} aria-hidden />}
        title={t(got.offline ? 'admin.offline' : 'admin.failed')}
        hint={t('admin.offlineHint')}
        action={<Button onPress={onAgain}>{t('admin.again')}</Button>}
      />
    );
  if (!late) return null;
  return (
    <div aria-hidden className={css['list']}>
      {Array.from({ length: bones }, (_, at) => (
        <Bone key={at} width="100%" height={128} />
      ))}
    </div>
  );
}
