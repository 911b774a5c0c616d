import { useTranslation } from 'react-i18next';
import type { Reference } from '../../../../shared/bridge.ts';
import { Check } from '../../../ui/Check.tsx';
import { Pick } from '../../../ui/Choice.tsx';
import { Field } from '../../../ui/Field.tsx';
import css from '../Admin.module.css';
import formCss from '../Form.module.css';
import { act } from './act.ts';
import { beginEdit, changeEdit, type Edit } from './edit.ts';
import { EditorFrame } from './EditorFrame.tsx';
import { EscalationSteps } from './EscalationSteps.tsx';
import { MatchFields } from './MatchFields.tsx';
import { type PolicyFields, type PolicyForm, policyForm, type PolicyProblem, readPolicy } from './policy-form.ts';
import policyCss from './Policy.module.css';
import { Preview } from './Preview.tsx';
import { TargetTable } from './TargetTable.tsx';
import { byText, matchText, promiseTexts } from './words.ts';

const always = 'always';

/** For whom, how fast, by which hours, and what happens when it is late. */
export function PolicyEditor({ edit, reference }: { edit: Edit<PolicyForm>; reference: Reference }) {
  const { t } = useTranslation();
  const form = edit.now;
  const { fields, problems } = readPolicy(form);
  const row = reference.slaPolicies.find(({ id }) => id === form.id);
  const { name } = fields;
  const promises = promiseTexts(fields, t);
  const untouched = edit.past.length === 0;
  const change = (step: string, next: Partial<PolicyForm>) => changeEdit('policy', step, (before) => ({ ...before, ...next }));
  // A form that was opened a moment ago is empty, not wrong.
  const shown = problems.filter(({ code }) => !untouched || (code !== 'NO_NAME' && code !== 'NOTHING'));
  const calendars = [
    { value: always, label: t('policies.aroundTheClock') },
    ...reference.calendars.map((one) => ({ value: one.id, label: one.name })),
  ];
  if (form.calendarId !== null && !reference.calendars.some(({ id }) => id === form.calendarId))
    calendars.push({ value: form.calendarId, label: t('policies.lostCalendar') });
  return (
    <EditorFrame
      kind="policy"
      edit={edit}
      savedAt={row?.updatedAt ?? null}
      title={edit.rowAt === null ? t('policies.newTitle') : edit.begun.name}
      note={row ? t('policies.version', { n: row.version }) : null}
      problems={problems.length}
      words={{
        save: t('policies.save'),
        saved: t('policies.saved', { name }),
        remove: t('policies.remove'),
        removeAsk: t('policies.removeAsk', { name: edit.begun.name }),
        removeWhat: t('policies.removeWhat'),
        removed: t('policies.removed', { name: edit.begun.name }),
      }}
      held={null}
      // Its place is the list's to change; somebody may have done so meanwhile.
      onSave={() => act('slaPolicy.save', { policyId: form.id, ...fields, position: row?.position ?? fields.position })}
      onRemove={() => act('slaPolicy.remove', { policyId: form.id })}
      onTakeNewer={() => row && beginEdit('policy', policyForm(row), row.updatedAt)}
      aside={<PolicyPreview id={form.id} fields={fields} problems={problems} reference={reference} />}
    >
      <section className={css['card']}>
        <div className={formCss['pair']}>
          <Field
            autoFocus={edit.rowAt === null && untouched}
            label={t('policies.name')}
            value={form.name}
            max={200}
            onChange={(next) => change('name', { name: next })}
            error={shown.some(({ code }) => code === 'NO_NAME') ? t('policies.bad.NO_NAME') : null}
          />
          <Pick
            label={t('policies.calendar')}
            value={form.calendarId ?? always}
            options={calendars}
            onChange={(id) => change('calendar', { calendarId: id === always ? null : id })}
          />
        </div>
        <Check on={form.active} onChange={(active) => change('active', { active })}>
          {t('policies.active')}
        </Check>
        <p className={policyCss['sentence']} data-testid="policy-sentence">
          {matchText(form.match, reference.queues, t)}, {byText(form.calendarId, reference.calendars, t)}
          {promises.length > 0 && `: ${promises.map(({ kind, span }) => `${kind.toLocaleLowerCase()} ${span}`).join(', ')}`}
        </p>
      </section>
      <MatchFields match={form.match} reference={reference} onChange={(step, match) => change(step, { match })} />
      <TargetTable form={form} problems={shown} onChange={(step, targets) => change(step, { targets })}>
        <Check on={form.thirdPartyPauses} onChange={(thirdPartyPauses) => change('thirdParty', { thirdPartyPauses })}>
          {t('policies.thirdParty')}
        </Check>
        <p className={policyCss['under']}>{t('policies.thirdPartyHint')}</p>
      </TargetTable>
      <EscalationSteps steps={form.escalation} problems={shown} onChange={(step, escalation) => change(step, { escalation })} />
    </EditorFrame>
  );
}

function PolicyPreview({
  id,
  fields,
  problems,
  reference,
}: {
  id: string;
  fields: PolicyFields;
  problems: readonly PolicyProblem[];
  reference: Reference;
}) {
  const { t } = useTranslation();
  const { calendars, slaPolicies: policies } = reference;
  const row = policies.find((policy) => policy.id === id);
  // A name, and what is done once it is late, change no verdict.
  if (problems.some(({ code }) => code === 'BAD_SPAN' || code === 'NOTHING')) return <Preview said={t('slaPreview.wrong')} />;
  if (!fields.active && row?.active !== true) return <Preview said={t('slaPreview.inactive')} />;
  const draft = { ...fields, id, version: (row?.version ?? 0) + 1, updatedAt: 0 };
  const after = row
    ? policies.map((policy) => (policy.id === id ? { ...draft, position: policy.position } : policy))
    : [...policies, draft];
  return <Preview before={{ policies, calendars }} after={{ policies: after, calendars }} of={JSON.stringify(fields)} />;
}
