import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Reference } from '../../../../shared/bridge.ts';
import type { Watched } from '../../../app/engine.ts';
import { useLate } from '../../../app/useLate.ts';
import { Bone, State } from '../../../ui/State.tsx';
import css from '../Admin.module.css';

/** What this workstation holds of the centre; until it is there, bones, and what happened if it can't be read. */
export function LocalState({
  watched: { value, error },
  children,
}: {
  watched: Watched<Reference | null>;
  children: (reference: Reference) => ReactNode;
}) {
  const { t } = useTranslation();
  const late = useLate(value === undefined && error === null);
  if (value) return children(value);
  if (error !== null || value === null)
    return <State role="alert" icon={<CircleAlert size={20} aria-hidden />} title={t('service.failed')} hint={t('inbox.errorHint')} />;
  if (!late) return null;
  return (
    <div aria-hidden className={css['column']}>
      <Bone width={220} height={24} />
      <Bone width="100%" height={84} />
      <Bone width="100%" height={84} />
    </div>
  );
}
