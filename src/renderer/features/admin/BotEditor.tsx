import { Plus, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RuleBot } from '../../../shared/bot-admin.ts';
import type { BotRules } from '../../../shared/bot.ts';
import { execute } from '../../app/engine.ts';
import { say } from '../../app/toasts.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { Check } from '../../ui/Check.tsx';
import { Pick } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import css from './Admin.module.css';
import botCss from './Bot.module.css';
import formCss from './Form.module.css';
import { type BotFault, emptyRule, faultOf, isAt } from './bot-check.ts';
import { Hours } from './Hours.tsx';
import { RuleCard } from './RuleCard.tsx';
import { type BotDraft, changeBot, isDirty, savedBot, undoBot } from './state.ts';
import { wrongField } from '../../app/useHub.ts';

const fields = { name: 'name', channels: 'channels' } as const;
const configFields = { greeting: 'greeting', missed: 'missed', handedOver: 'handedOver', misses: 'misses', hours: 'hours' } as const;
const ruleFields = { exact: 'exact', keywords: 'keywords', say: 'say', form: 'form', skill: 'skill' } as const;

/** What a bot says and when. Nothing that is written here is lost by going elsewhere, and each step leads back. */
export function BotEditor({
  id,
  draft,
  open,
  onOpen,
  onSaved,
}: {
  id: string;
  draft: BotDraft;
  open: ReadonlySet<string>;
  onOpen: (open: ReadonlySet<string>) => void;
  onSaved: () => void;
}) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const [fault, setFault] = useState<BotFault | null>(null);
  const [busy, setBusy] = useState(false);
  const { bot } = draft;
  const { config } = bot;
  const dirty = isDirty(draft);
  const change = (step: string, next: (bot: RuleBot) => RuleBot) => {
    setFault(null);
    changeBot(id, step, next);
  };
  const set = (step: string, next: Partial<RuleBot>) => change(step, (before) => ({ ...before, ...next }));
  const setConfig = (step: string, next: Partial<BotRules>) =>
    change(step, (before) => ({ ...before, config: { ...before.config, ...next } }));

  const whereOf = (path: string): string => {
    const [, , at, name = ''] = /^(config)\.rules\.(\d+)\.?(\w*)/.exec(path) ?? [];
    if (at !== undefined) {
      const inner = Object.hasOwn(ruleFields, name) ? ` · ${t(`bot.${name as keyof typeof ruleFields}`)}` : '';
      return `${t('bot.rule', { n: Number(at) + 1 })}${inner}`;
    }
    const [first = '', second = ''] = path.split('.');
    if (first === 'config' && Object.hasOwn(configFields, second)) return t(`bot.${second as keyof typeof configFields}`);
    return Object.hasOwn(fields, first) ? t(`bot.${first as keyof typeof fields}`) : t('bot.title');
  };
  const textOf = (one: BotFault) => t('bot.wrong', { where: whereOf(one.path), what: t(`bot.what.${one.what}`) });
  const wrong = (path: string) => (fault !== null && isAt(fault, path) ? textOf(fault) : null);
  const show = (found: BotFault) => {
    setFault(found);
    const at = /^config\.rules\.(\d+)/.exec(found.path)?.[1];
    const rule = at === undefined ? undefined : config.rules[Number(at)];
    if (rule) onOpen(new Set([...open, rule.id]));
  };
  const save = async () => {
    const found = faultOf(bot);
    if (found) return show(found);
    setBusy(true);
    try {
      savedBot(id, await execute('bots.save', { id, bot }));
      say(t('bot.saved'));
      onSaved();
    } catch (error) {
      const field = wrongField(error);
      if (field === null) say(t('admin.failed'), { tone: 'danger' });
      else show({ path: field, what: 'other' });
    } finally {
      setBusy(false);
    }
  };
  const discard = () => {
    const { saved } = draft;
    if (!saved) return;
    change('discard', () => saved);
    say(t('bot.discarded'), { action: { label: t('admin.undo'), run: () => undoBot(id) } });
  };
  const move = (at: number, by: -1 | 1) => {
    const rules = [...config.rules];
    const [rule] = rules.splice(at, 1);
    if (!rule) return;
    rules.splice(at + by, 0, rule);
    setConfig(`move ${rule.id} ${at} ${by}`, { rules });
  };
  const servable = (reference?.channels ?? []).filter(({ kind }) => kind !== 'phone' && kind !== 'counter' && kind !== 'other');
  return (
    <div className={botCss['editor']} data-testid="bot-editor">
      <section className={css['card']}>
        <div className={formCss['pair']}>
          <Field label={t('bot.name')} value={bot.name} max={200} onChange={(name) => set('name', { name })} error={wrong('name')} />
          <Pick
            label={t('bot.misses')}
            value={String(config.misses)}
            options={[1, 2, 3, 4, 5].map((n) => ({ value: String(n), label: String(n) }))}
            onChange={(value) => setConfig('misses', { misses: Number(value) })}
          />
        </div>
        <fieldset className={formCss['group']}>
          <legend>{t('bot.channels')}</legend>
          <div className={formCss['checks']}>
            {servable.map(({ id: channelId, name }) => (
              <Check
                key={channelId}
                on={bot.channels.includes(channelId)}
                onChange={(on) =>
                  set(`channel ${channelId}`, {
                    channels: on ? [...bot.channels, channelId] : bot.channels.filter((one) => one !== channelId),
                  })
                }
              >
                {name}
              </Check>
            ))}
          </div>
        </fieldset>
        <Field
          label={t('bot.greeting')}
          lines={2}
          max={1000}
          value={config.greeting ?? ''}
          onChange={(greeting) => setConfig('greeting', { greeting: greeting === '' ? null : greeting })}
          error={wrong('config.greeting')}
        />
        <Check on={config.faq} onChange={(faq) => setConfig('faq', { faq })}>
          {t('bot.faq')}
        </Check>
      </section>
      <section className={css['card']} aria-label={t('bot.rules')}>
        <header className={css['cardHead']}>
          <div>
            <h2 className={css['cardTitle']}>{t('bot.rules')}</h2>
            <p className={css['quiet']}>{t('bot.rulesHint')}</p>
          </div>
          <Button
            size="small"
            icon={<Plus size={14} aria-hidden />}
            onPress={() => {
              const rule = emptyRule();
              setConfig(`add ${rule.id}`, { rules: [...config.rules, rule] });
              onOpen(new Set([...open, rule.id]));
            }}
          >
            {t('bot.addRule')}
          </Button>
        </header>
        {config.rules.length === 0 && <p className={css['quiet']}>{t('bot.rulesNone')}</p>}
        <ol className={botCss['rules']}>
          {config.rules.map((rule, at) => (
            <RuleCard
              key={rule.id}
              rule={rule}
              at={at}
              last={at === config.rules.length - 1}
              open={open.has(rule.id)}
              fault={fault}
              textOf={textOf}
              onOpen={(on) => onOpen(new Set(on ? [...open, rule.id] : [...open].filter((one) => one !== rule.id)))}
              onChange={(step, next) => setConfig(step, { rules: config.rules.map((one) => (one.id === rule.id ? next : one)) })}
              onMove={(by) => move(at, by)}
              onRemove={() => {
                setConfig(`remove ${rule.id}`, { rules: config.rules.filter((one) => one.id !== rule.id) });
                say(t('bot.removeRule', { n: at + 1 }), { action: { label: t('admin.undo'), run: () => undoBot(id) } });
              }}
            />
          ))}
        </ol>
      </section>
      <section className={css['card']}>
        <div className={formCss['pair']}>
          <Field
            label={t('bot.missed')}
            lines={3}
            max={1000}
            value={config.missed}
            onChange={(missed) => setConfig('missed', { missed })}
            error={wrong('config.missed')}
          />
          <Field
            label={t('bot.handedOver')}
            lines={3}
            max={1000}
            value={config.handedOver}
            onChange={(handedOver) => setConfig('handedOver', { handedOver })}
            error={wrong('config.handedOver')}
          />
        </div>
        <Hours hours={config.hours} error={wrong('config.hours')} onChange={(step, hours) => setConfig(`hours ${step}`, { hours })} />
      </section>
      {fault !== null && (
        <p className={formCss['wrong']} role="alert" data-testid="bot-wrong">
          {textOf(fault)}
        </p>
      )}
      <footer className={botCss['saveBar']} data-dirty={dirty}>
        <span role="status">{dirty ? t('bot.dirty') : ''}</span>
        <Button look="quiet" icon={<Undo2 size={14} aria-hidden />} isDisabled={draft.past.length === 0} onPress={() => undoBot(id)}>
          {t('admin.undo')}
        </Button>
        {dirty && draft.saved !== null && (
          <Button look="quiet" onPress={discard}>
            {t('bot.discard')}
          </Button>
        )}
        <Button look="primary" isDisabled={busy || !dirty} onPress={() => void save()}>
          {t('bot.save')}
        </Button>
      </footer>
    </div>
  );
}
