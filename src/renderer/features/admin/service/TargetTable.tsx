import { CopyCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type ClockKind, clockKinds, type Priority } from '../../../../shared/words.ts';
import { Button } from '../../../ui/Button.tsx';
import { Field } from '../../../ui/Field.tsx';
import css from '../Admin.module.css';
import { type PolicyForm, type PolicyProblem, shownPriorities } from './policy-form.ts';
import policyCss from './Policy.module.css';
import { readSpan, showSpan } from './span.ts';

const wrongId = 'target-wrong';

/** How fast, by what is owed and how urgent it is. */
export function TargetTable({
  form: { targets },
  problems,
  onChange,
  children,
}: {
  form: Pick<PolicyForm, 'targets'>;
  problems: readonly PolicyProblem[];
  onChange: (step: string, targets: PolicyForm['targets']) => void;
  /** what else there is to say of the promises */
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const set = (priority: Priority, kind: ClockKind, text: string) =>
    onChange(`target ${priority} ${kind}`, { ...targets, [priority]: { ...targets[priority], [kind]: text } });
  const tidy = (priority: Priority, kind: ClockKind) => {
    const text = targets[priority][kind];
    const read = readSpan(text);
    if (read !== 'wrong' && showSpan(read) !== text) set(priority, kind, showSpan(read));
  };
  const where = (priority: Priority, kind: ClockKind) =>
    t('policies.target', { kind: t(`sla.${kind}`), priority: t(`priority.${priority}`) });
  const wrong = problems.find(({ code }) => code === 'BAD_SPAN');
  const nothing = problems.some(({ code }) => code === 'NOTHING');
  const isWrong = (priority: Priority, kind: ClockKind) => problems.some(({ field }) => field === `targets.${priority}.${kind}`);
  const [, wrongPriority = 'low', wrongKind = 'frt'] = (wrong?.field.split('.') ?? []) as [string?, Priority?, ClockKind?];
  return (
    <section className={css['card']} aria-labelledby="policy-targets">
      <header className={css['cardHead']}>
        <div>
          <h2 className={css['cardTitle']} id="policy-targets">
            {t('policies.targets')}
          </h2>
          <p className={css['quiet']}>{t('policies.targetsHint')}</p>
        </div>
        <Button
          size="small"
          icon={<CopyCheck size={14} aria-hidden />}
          onPress={() => {
            const row = targets.urgent;
            onChange('fill', { low: { ...row }, normal: { ...row }, high: { ...row }, urgent: row });
          }}
        >
          {t('policies.fillDown')}
        </Button>
      </header>
      <table className={policyCss['targets']}>
        <thead>
          <tr>
            <th scope="col">{t('priority.label')}</th>
            {clockKinds.map((kind) => (
              <th key={kind} scope="col">
                {t(`sla.${kind}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shownPriorities.map((priority) => (
            <tr key={priority}>
              <th scope="row">{t(`priority.${priority}`)}</th>
              {clockKinds.map((kind) => (
                <td key={kind}>
                  <Field
                    hideLabel
                    label={where(priority, kind)}
                    value={targets[priority][kind]}
                    max={40}
                    placeholder="–"
                    wrongBy={isWrong(priority, kind) || (nothing && priority === 'urgent' && kind === 'frt') ? wrongId : null}
                    onChange={(text) => set(priority, kind, text)}
                    onBlur={() => tidy(priority, kind)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {(wrong || nothing) && (
        <p id={wrongId} className={policyCss['wrong']}>
          {wrong ? t('policies.bad.BAD_SPAN', { where: where(wrongPriority, wrongKind) }) : t('policies.bad.NOTHING')}
        </p>
      )}
      {children}
    </section>
  );
}
