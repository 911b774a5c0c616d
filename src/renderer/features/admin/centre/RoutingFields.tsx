import { Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Reference } from '../../../../shared/bridge.ts';
import { workClasses } from '../../../../shared/words.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Check } from '../../../ui/Check.tsx';
import { Pick, Segments } from '../../../ui/Choice.tsx';
import { Field } from '../../../ui/Field.tsx';
import css from '../Admin.module.css';
import formCss from '../Form.module.css';
import own from './Centre.module.css';
import { otherWays } from '../../../../shared/routing-rows.ts';
import { newOverflow, type OverflowForm, type QueueForm, type RoutingForm } from './queue-form.ts';
import type { WrongAt } from './QueueEditor.tsx';

const always = 'always';
const levels = [1, 2, 3, 4, 5] as const;
const mostNeeds = 20;
type Change = (step: string, next: Partial<RoutingForm>) => void;

/** By hand, or given out: to whom, when, for how long, and what happens when nobody comes. */
export function RoutingFields({
  form,
  reference,
  wrongAt,
  onTurn,
  onChange,
}: {
  form: QueueForm;
  reference: Reference;
  wrongAt: WrongAt;
  onTurn: (routed: boolean) => void;
  onChange: Change;
}) {
  const { t } = useTranslation();
  const { routed, routing } = form;
  const calendars = [
    { value: always, label: t('queues.always') },
    ...reference.calendars.map(({ id, name }) => ({ value: id, label: name })),
  ];
  return (
    <section className={css['card']} aria-labelledby="queue-routing">
      <header className={css['cardHead']}>
        <div>
          <h2 className={css['cardTitle']} id="queue-routing">
            {t('queues.routing')}
          </h2>
          <p className={css['quiet']}>{t(routed ? 'queues.autoHint' : 'queues.handHint')}</p>
        </div>
        <Segments
          hideLabel
          label={t('queues.routing')}
          value={routed ? 'auto' : 'hand'}
          options={[
            { value: 'hand', label: t('queues.hand') },
            { value: 'auto', label: t('queues.auto') },
          ]}
          onChange={(next) => onTurn(next === 'auto')}
        />
      </header>
      {routed && (
        <>
          <div className={formCss['triple']}>
            <Pick
              label={t('queues.strategy')}
              value={routing.strategy}
              options={(['longestIdle', 'leastLoaded', 'roundRobin'] as const).map((value) => ({
                value,
                label: t(`queues.strategies.${value}`),
              }))}
              onChange={(strategy) => onChange('strategy', { strategy })}
            />
            <Pick
              label={t('queues.order')}
              value={routing.order}
              options={(['priority', 'sla'] as const).map((value) => ({ value, label: t(`queues.orders.${value}`) }))}
              onChange={(order) => onChange('order', { order })}
            />
            <Pick
              label={t('queues.calendar')}
              value={routing.calendarId ?? always}
              options={calendars}
              onChange={(id) => onChange('calendar', { calendarId: id === always ? null : id })}
            />
          </div>
          <div className={own['column']}>
            <Check on={routing.cherryPick} onChange={(cherryPick) => onChange('cherryPick', { cherryPick })}>
              {t('queues.cherryPick')}
            </Check>
            <p className={`${own['under']} ${own['hintUnder']}`}>{t('queues.cherryPickHint')}</p>
          </div>
          <Part title={t('queues.offer')} hint={`${t('queues.offerHint')} ${t('queues.spans')}`}>
            <ByClass
              field="routing.offerMs"
              values={routing.offer}
              wrongAt={wrongAt}
              onChange={(step, offer) => onChange(step, { offer })}
            />
          </Part>
          <Part title={t('queues.wrapUp')} hint={t('queues.wrapUpHint')}>
            <ByClass
              field="routing.wrapUpMs"
              values={routing.wrapUp}
              wrongAt={wrongAt}
              onChange={(step, wrapUp) => onChange(step, { wrapUp })}
            />
          </Part>
          <Needs routing={routing} reference={reference} wrongAt={wrongAt} onChange={onChange} />
          <Part title={t('queues.preferred')} hint={t('queues.preferredHint')}>
            <div className={own['four']}>
              <Field
                hideLabel
                label={t('queues.preferred')}
                value={routing.preferred}
                max={20}
                onChange={(preferred) => onChange('preferred', { preferred })}
                error={wrongAt('routing.preferredMs')}
              />
            </div>
          </Part>
          <Overflow form={form} reference={reference} wrongAt={wrongAt} onChange={onChange} />
        </>
      )}
    </section>
  );
}

function Part({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <fieldset className={own['part']}>
      <legend>{title}</legend>
      {hint !== undefined && <p className={own['under']}>{hint}</p>}
      {children}
    </fieldset>
  );
}

/** A span for each kind of work. */
function ByClass({
  field,
  values,
  wrongAt,
  onChange,
}: {
  field: 'routing.offerMs' | 'routing.wrapUpMs';
  values: RoutingForm['offer'];
  wrongAt: WrongAt;
  onChange: (step: string, values: RoutingForm['offer']) => void;
}) {
  const { t } = useTranslation();
  return (
    <div className={own['four']}>
      {workClasses.map((one) => (
        <Field
          key={one}
          label={t(`staff.class.${one}`)}
          value={values[one]}
          max={20}
          onChange={(text) => onChange(`${field} ${one}`, { ...values, [one]: text })}
          error={wrongAt(`${field}.${one}`)}
        />
      ))}
    </div>
  );
}

function Needs({
  routing,
  reference,
  wrongAt,
  onChange,
}: {
  routing: RoutingForm;
  reference: Reference;
  wrongAt: WrongAt;
  onChange: Change;
}) {
  const { t } = useTranslation();
  const { needs, rings } = routing;
  const skills = reference.skills.toSorted((a, b) => a.name.localeCompare(b.name, 'vi'));
  const set = (key: string, step: string, next: Partial<RoutingForm['needs'][number]>) =>
    onChange(`need ${key} ${step}`, { needs: needs.map((need) => (need.key === key ? { ...need, ...next } : need)) });
  const free = skills.find(({ id }) => !needs.some(({ skillId }) => skillId === id));
  const add = () =>
    onChange(`need ${needs.length}`, { needs: [...needs, { key: crypto.randomUUID(), skillId: free?.id ?? '', level: 1, must: false }] });
  return (
    <Part
      title={t('queues.needs')}
      hint={skills.length === 0 ? t('queues.noSkills') : t(needs.length === 0 ? 'queues.needsNone' : 'queues.needsHint')}
    >
      {needs.length > 0 && (
        <ul className={own['needs']}>
          {needs.map(({ key, skillId, level, must }, at) => (
            <li key={key} className={own['need']} data-testid="queue-need">
              <Pick
                label={t('queues.needSkill')}
                value={skillId === '' ? null : skillId}
                options={skills.map((skill) => ({ value: skill.id, label: skill.name }))}
                placeholder={t('queues.bad.NO_SKILL')}
                onChange={(next) => set(key, 'skill', { skillId: next })}
                error={wrongAt(`routing.needs.${at}.skillId`)}
              />
              <Pick
                label={t('queues.needLevel')}
                value={String(level)}
                options={levels.map((n) => ({ value: String(n), label: t('staff.level', { n }) }))}
                onChange={(next) => set(key, 'level', { level: Number(next) })}
              />
              <span className={own['besideField']}>
                <Check on={must} onChange={(on) => set(key, 'must', { must: on })}>
                  {t('queues.must')}
                </Check>
              </span>
              <span className={own['besideField']}>
                <IconButton
                  size="small"
                  label={t('queues.removeNeed', { name: skills.find(({ id }) => id === skillId)?.name ?? '' })}
                  icon={<Trash2 size={14} aria-hidden />}
                  onPress={() => onChange(`remove need ${key}`, { needs: needs.filter((need) => need.key !== key) })}
                />
              </span>
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button
          size="small"
          icon={<Plus size={14} aria-hidden />}
          isDisabled={skills.length === 0 || needs.length >= mostNeeds}
          onPress={add}
        >
          {t('queues.addNeed')}
        </Button>
      </div>
      {needs.some(({ must }) => !must) && (
        <div className={own['column']} role="group" aria-label={t('queues.rings')}>
          <p className={own['under']}>{t('queues.rings')}</p>
          <div className={own['three']}>
            {([0, 1, 2] as const).map((at) => (
              <Field
                key={at}
                label={t('queues.ring', { n: at + 1 })}
                value={rings[at]}
                max={20}
                onChange={(text) => onChange(`ring ${at}`, { rings: rings.with(at, text) as RoutingForm['rings'] })}
                error={wrongAt(`routing.ringsMs.${at}`)}
              />
            ))}
          </div>
        </div>
      )}
    </Part>
  );
}

function Overflow({ form, reference, wrongAt, onChange }: { form: QueueForm; reference: Reference; wrongAt: WrongAt; onChange: Change }) {
  const { t } = useTranslation();
  const { overflow } = form.routing;
  const set = (step: string, next: Partial<OverflowForm>) =>
    overflow && onChange(`overflow ${step}`, { overflow: { ...overflow, ...next } });
  const targets = [
    ...reference.queues.filter(({ id }) => id !== form.id).map(({ id, name }) => ({ value: id, label: t('queues.to.queue', { name }) })),
    ...otherWays.map((value) => ({ value, label: t(`queues.to.${value}`) })),
  ];
  return (
    <Part title={t('queues.overflow')}>
      <Check on={overflow !== null} onChange={(on) => onChange('overflow', { overflow: on ? newOverflow() : null })}>
        {t('queues.overflowOn')}
      </Check>
      {overflow && (
        <>
          <div className={formCss['triple']}>
            <Field
              label={t('queues.overflowAfter')}
              value={overflow.after}
              max={20}
              onChange={(after) => set('after', { after })}
              error={wrongAt('routing.overflow.afterMs')}
            />
            <Field
              label={t('queues.overflowLonger')}
              value={overflow.longer}
              max={6}
              onChange={(longer) => set('longer', { longer })}
              error={wrongAt('routing.overflow.longerThan')}
            />
            <Pick
              label={t('queues.overflowTo')}
              value={overflow.to === '' ? null : overflow.to}
              options={targets}
              placeholder={t('queues.bad.NO_TARGET')}
              onChange={(to) => set('to', { to })}
              error={wrongAt('routing.overflow.to')}
            />
          </div>
          <div className={own['checks']}>
            <Check on={overflow.whenNobody} onChange={(whenNobody) => set('nobody', { whenNobody })}>
              {t('queues.whenNobody')}
            </Check>
            <Check on={overflow.whenClosed} onChange={(whenClosed) => set('closed', { whenClosed })}>
              {t('queues.whenClosed')}
            </Check>
          </div>
          {wrongAt('routing.overflow') !== null && (
            <p className={own['wrong']} role="alert">
              {wrongAt('routing.overflow')}
            </p>
          )}
        </>
      )}
    </Part>
  );
}
