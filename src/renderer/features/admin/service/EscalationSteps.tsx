import { Plus, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { roles } from '../../../../shared/words.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Check } from '../../../ui/Check.tsx';
import { Field } from '../../../ui/Field.tsx';
import css from '../Admin.module.css';
import { mostSteps, type PolicyProblem, type StepForm } from './policy-form.ts';
import policyCss from './Policy.module.css';

/** What happens when a promise was not kept, one step after the other. */
export function EscalationSteps({
  steps,
  problems,
  onChange,
}: {
  steps: readonly StepForm[];
  problems: readonly PolicyProblem[];
  onChange: (step: string, steps: StepForm[]) => void;
}) {
  const { t } = useTranslation();
  const wrongAt = (field: string) => {
    const code = problems.find((problem) => problem.field === field)?.code;
    return code === 'BAD_PERCENT' || code === 'FALLING' || code === 'NO_ACTION' ? t(`policies.bad.${code}`) : null;
  };
  const add = () => {
    const last = Number(steps.at(-1)?.after ?? -50);
    const after = String(Number.isFinite(last) ? Math.min(1000, Math.max(0, last + 50)) : 0);
    onChange(`add step ${steps.length}`, [...steps, { key: crypto.randomUUID(), after, tell: ['lead'], raise: false, requeue: false }]);
  };
  return (
    <section className={css['card']} aria-labelledby="policy-escalation">
      <header className={css['cardHead']}>
        <div>
          <h2 className={css['cardTitle']} id="policy-escalation">
            {t('policies.escalation')}
          </h2>
          <p className={css['quiet']}>{steps.length === 0 ? t('policies.escalationNone') : t('policies.escalationHint')}</p>
        </div>
        <Button size="small" icon={<Plus size={14} aria-hidden />} isDisabled={steps.length >= mostSteps} onPress={add}>
          {t('policies.addStep')}
        </Button>
      </header>
      {steps.length > 0 && (
        <ol className={policyCss['steps']}>
          {steps.map((step, at) => {
            const set = (name: string, fields: Partial<StepForm>) =>
              onChange(
                `${step.key} ${name}`,
                steps.map((one) => (one.key === step.key ? { ...one, ...fields } : one)),
              );
            const idle = wrongAt(`escalation.${at}.tell`);
            const late = wrongAt(`escalation.${at}.afterPercent`);
            const [lateId, idleId] = [`step-${step.key}-late`, `step-${step.key}-idle`];
            return (
              <li key={step.key} data-testid="escalation-step" aria-label={t('policies.step', { n: at + 1 })}>
                <span className={policyCss['stepNumber']} aria-hidden>
                  {at + 1}
                </span>
                <div className={policyCss['stepBody']}>
                  <div className={policyCss['stepLine']}>
                    <span aria-hidden>{t('policies.after')}</span>
                    <span className={policyCss['percent']}>
                      <Field
                        hideLabel
                        label={`${t('policies.step', { n: at + 1 })}: ${t('policies.after')}, ${t('policies.percent')}`}
                        value={step.after}
                        max={4}
                        wrongBy={late === null ? null : lateId}
                        onChange={(after) => set('after', { after })}
                      />
                    </span>
                    <span aria-hidden>{t('policies.percent')}</span>
                    <span className={css['space']} />
                    <IconButton
                      size="small"
                      label={t('policies.removeStep', { n: at + 1 })}
                      icon={<Trash2 size={14} aria-hidden />}
                      onPress={() =>
                        onChange(
                          `remove ${step.key}`,
                          steps.filter(({ key }) => key !== step.key),
                        )
                      }
                    />
                  </div>
                  {late !== null && (
                    <p id={lateId} className={policyCss['wrong']}>
                      {late}
                    </p>
                  )}
                  <div className={policyCss['checks']} role="group" aria-label={t('policies.step', { n: at + 1 })}>
                    {roles.map((role) => (
                      <Check
                        key={role}
                        on={step.tell.includes(role)}
                        onChange={(on) =>
                          set(`tell ${role}`, { tell: roles.filter((one) => (one === role ? on : step.tell.includes(one))) })
                        }
                      >
                        {t('policies.tell')}: {t(`policies.role.${role}`)}
                      </Check>
                    ))}
                    <Check on={step.raise} onChange={(raise) => set('raise', { raise })}>
                      {t('policies.raise')}
                    </Check>
                    <Check on={step.requeue} onChange={(requeue) => set('requeue', { requeue })}>
                      {t('policies.requeue')}
                    </Check>
                  </div>
                  {idle !== null && (
                    <p id={idleId} className={policyCss['wrong']} role="alert">
                      {idle}
                    </p>
                  )}
                </div>
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}
