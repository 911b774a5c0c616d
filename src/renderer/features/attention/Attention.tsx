import { ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { AttentionCard } from '../../app/AttentionCard.tsx';
import { useLate } from '../../app/useLate.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Bone, State } from '../../ui/State.tsx';
import css from './Attention.module.css';

export function Attention() {
  const { t } = useTranslation();
  const { value: items, error } = useQuery('attention.list', null);
  const late = useLate(items === undefined);
  return (
    <div className={css['screen']}>
      <div className={css['column']}>
        <header className={css['head']}>
          <h1>{t('attention.title')}</h1>
          <p>{t('attention.hint')}</p>
        </header>
        {error !== null && items === undefined ? (
          <State role="alert" title={t('attention.error')} hint={t('inbox.errorHint')} />
        ) : items === undefined ? (
          late && (
            <div aria-hidden>
              <Bone width="100%" height={120} />
            </div>
          )
        ) : items.length === 0 ? (
          <State icon={<ShieldCheck size={20} aria-hidden />} title={t('attention.empty')} hint={t('attention.emptyHint')} />
        ) : (
          <ul className={css['list']} aria-label={t('attention.region')}>
            {items.map((item) => (
              <li key={item.mutationId}>
                <AttentionCard item={item} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
