import { ArrowDown, ArrowUp, ChevronDown, ChevronRight, Plus, Trash2, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components';
import type { BotField, BotRule } from '../../../shared/bot.ts';
import { priorities, type Priority } from '../../../shared/domain.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Check } from '../../ui/Check.tsx';
import { Pick } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import css from './Admin.module.css';
import botCss from './Bot.module.css';
import formCss from './Form.module.css';
import { type BotFault, isAt } from './bot-check.ts';
import { LinesField, readKeywords, readLines, writeKeywords, writeLines } from './LinesField.tsx';

const kinds = ['text', 'order', 'phone', 'email', 'choice'] as const;

export interface RuleCardProps {
  rule: BotRule;
  /** from 0 */
  at: number;
  last: boolean;
  open: boolean;
  fault: BotFault | null;
  textOf: (fault: BotFault) => string;
  onOpen: (open: boolean) => void;
  onChange: (step: string, rule: BotRule) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

/** One rule: by what it is known, and what the bot does then. */
export function RuleCard({ rule, at, last, open, fault, textOf, onOpen, onChange, onMove, onRemove }: RuleCardProps) {
  const { t } = useTranslation();
  const n = at + 1;
  const path = `config.rules.${at}`;
  const wrong = (name: string) => (fault !== null && isAt(fault, `${path}.${name}`) ? textOf(fault) : null);
  const change = (step: string, fields: Partial<BotRule>) => onChange(`${rule.id} ${step}`, { ...rule, ...fields });
  const field = (place: number, step: string, fields: Partial<BotField>) =>
    change(`form ${place} ${step}`, { form: rule.form.map((one, here) => (here === place ? { ...one, ...fields } : one)) });
  const said = [...rule.exact, ...rule.keywords.map((words) => words.join(' + '))].join(' · ');
  return (
    <li className={botCss['rule']} data-testid="bot-rule" data-wrong={isAt(fault, path)}>
      <header>
        <AriaButton className={botCss['ruleHead'] ?? ''} aria-expanded={open} onPress={() => onOpen(!open)}>
          {open ? <ChevronDown size={16} aria-hidden /> : <ChevronRight size={16} aria-hidden />}
          <span className={botCss['ruleNumber']}>{n}</span>
          <span className={botCss['ruleSaid']}>{said || t('bot.rule', { n })}</span>
          {!open && <span className={botCss['ruleSays']}>{rule.say ?? rule.form[0]?.ask ?? (rule.handOff ? t('bot.handOff') : '')}</span>}
        </AriaButton>
        <IconButton
          size="small"
          label={t('bot.up', { n })}
          icon={<ArrowUp size={14} aria-hidden />}
          isDisabled={at === 0}
          onPress={() => onMove(-1)}
        />
        <IconButton
          size="small"
          label={t('bot.down', { n })}
          icon={<ArrowDown size={14} aria-hidden />}
          isDisabled={last}
          onPress={() => onMove(1)}
        />
        <IconButton size="small" label={t('bot.removeRule', { n })} icon={<Trash2 size={14} aria-hidden />} onPress={onRemove} />
      </header>
      {open && (
        <div className={botCss['ruleBody']}>
          <div className={formCss['pair']}>
            <LinesField
              label={t('bot.exact')}
              hint={t('bot.exactHint')}
              value={rule.exact}
              read={readLines}
              write={writeLines}
              onChange={(exact) => change('exact', { exact })}
              error={wrong('exact')}
              rows={3}
            />
            <LinesField
              label={t('bot.keywords')}
              hint={t('bot.keywordsHint')}
              value={rule.keywords}
              read={readKeywords}
              write={writeKeywords}
              onChange={(keywords) => change('keywords', { keywords })}
              error={wrong('keywords')}
              rows={3}
            />
          </div>
          <Field
            label={t('bot.say')}
            lines={3}
            max={2000}
            value={rule.say ?? ''}
            onChange={(say) => change('say', { say: say === '' ? null : say })}
            error={wrong('say')}
          />
          <section className={formCss['table']} aria-label={t('bot.form')}>
            <h3>{t('bot.form')}</h3>
            {rule.form.map((one, place) => (
              <div key={place} className={botCss['question']}>
                <div className={botCss['questionRow']}>
                  <Field
                    hideLabel={place > 0}
                    label={t('bot.fieldAsk')}
                    value={one.ask}
                    max={500}
                    onChange={(ask) => field(place, 'ask', { ask })}
                    error={wrong(`form.${place}.ask`)}
                  />
                  <Pick
                    label={t('bot.fieldKind')}
                    value={one.kind}
                    options={kinds.map((value) => ({ value, label: t(`bot.kind.${value}`) }))}
                    onChange={(kind) => field(place, 'kind', { kind })}
                  />
                  <Field
                    hideLabel={place > 0}
                    label={t('bot.fieldName')}
                    value={one.name}
                    max={60}
                    onChange={(name) => field(place, 'name', { name })}
                    error={wrong(`form.${place}.name`)}
                  />
                  <IconButton
                    label={`${t('admin.remove')} ${one.ask}`}
                    icon={<X size={14} aria-hidden />}
                    onPress={() => change('form remove', { form: rule.form.filter((_, here) => here !== place) })}
                  />
                </div>
                {one.kind === 'choice' && (
                  <LinesField
                    label={t('bot.choices')}
                    value={one.choices}
                    read={readLines}
                    write={writeLines}
                    onChange={(choices) => field(place, 'choices', { choices })}
                    error={wrong(`form.${place}.choices`)}
                    rows={3}
                  />
                )}
              </div>
            ))}
            <div className={css['acts']}>
              <Button
                size="small"
                look="quiet"
                icon={<Plus size={14} aria-hidden />}
                isDisabled={rule.form.length >= 10}
                onPress={() =>
                  change('form add', {
                    form: [...rule.form, { name: `field_${rule.form.length + 1}`, ask: '', kind: 'text', choices: [] }],
                  })
                }
              >
                {t('bot.addField')}
              </Button>
            </div>
          </section>
          {rule.form.length > 0 ? (
            <p className={css['quiet']}>{t('bot.formHands')}</p>
          ) : (
            <Check on={rule.handOff} onChange={(handOff) => change('handOff', { handOff })}>
              {t('bot.handOff')}
            </Check>
          )}
          {(rule.handOff || rule.form.length > 0) && (
            <div className={formCss['pair']}>
              <Field
                label={t('bot.skill')}
                value={rule.skill ?? ''}
                max={40}
                onChange={(skill) => change('skill', { skill: skill === '' ? null : skill })}
                error={wrong('skill')}
              />
              <Pick<Priority | 'asIs'>
                label={t('bot.priority')}
                value={rule.priority ?? 'asIs'}
                options={[
                  { value: 'asIs', label: t('bot.asIs') },
                  ...priorities.map((value) => ({ value, label: t(`priority.${value}`) })),
                ]}
                onChange={(value) => change('priority', { priority: value === 'asIs' ? null : value })}
              />
            </div>
          )}
        </div>
      )}
    </li>
  );
}
