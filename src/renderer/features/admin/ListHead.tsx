import { Plus, RotateCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/Button.tsx';
import css from './Admin.module.css';

/** The head of a list that the hub holds: what it is, anew, and one more. `adding` null: nothing can be added now. */
export function ListHead({
  title,
  hint,
  add,
  adding,
  onAdd,
  onReload,
}: {
  title: string;
  hint: string;
  add: string;
  adding: boolean | null;
  onAdd: (adding: boolean) => void;
  onReload: () => void;
}) {
  const { t } = useTranslation();
  return (
    <header className={css['head']}>
      <div>
        <h1>{title}</h1>
        <p>{hint}</p>
      </div>
      <div className={css['acts']}>
        <Button look="quiet" icon={<RotateCw size={14} aria-hidden />} onPress={onReload}>
          {t('admin.reload')}
        </Button>
        {adding !== null && (
          <Button icon={<Plus size={14} aria-hidden />} aria-expanded={adding} onPress={() => onAdd(!adding)}>
            {add}
          </Button>
        )}
      </div>
    </header>
  );
}
