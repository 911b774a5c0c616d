import { Bot as BotIcon, KeyRound, Plus, Send, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OutsideBot } from '../../../shared/bot-admin.ts';
import { useMinute } from '../../app/clock.ts';
import { execute } from '../../app/engine.ts';
import { say } from '../../app/toasts.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { Check } from '../../ui/Check.tsx';
import { Field } from '../../ui/Field.tsx';
import { CopyText } from '../../ui/RichText.tsx';
import { listTime } from '../../ui/time.ts';
import css from './Admin.module.css';
import formCss from './Form.module.css';
import { type Checking, CheckResult } from './CheckResult.tsx';
import { ShownOnce } from '../../app/ShownOnce.tsx';
import { wrongField } from '../../app/useHub.ts';

const fresh: OutsideBot = {
  id: '',
  settings: { name: '', channelIds: [], webhookUrl: null, timeoutMs: 10_000 },
  secrets: 0,
  refused: null,
};

/** Bots of other makers: where they are told of messages, and on which channels they answer. */
export function OutsideBots({ bots, hubUrl, onChange }: { bots: readonly OutsideBot[]; hubUrl: string; onChange: () => void }) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<{ id: string; value: string } | null>(null);
  const saved = (id: string, value: string | null) => {
    setAdding(false);
    if (value !== null) setSecret({ id, value });
    onChange();
  };
  return (
    <section className={css['asides']} aria-label={t('bot.outside')}>
      <header className={css['cardHead']}>
        <div>
          <h2 className={css['cardTitle']}>{t('bot.outside')}</h2>
          <p className={css['quiet']}>{t('bot.outsideHint')}</p>
        </div>
        <Button icon={<Plus size={14} aria-hidden />} aria-expanded={adding} onPress={() => setAdding(!adding)}>
          {t('bot.addOutside')}
        </Button>
      </header>
      {adding && (
        <article className={css['card']}>
          <BotForm bot={fresh} onSaved={saved} onCancel={() => setAdding(false)} />
        </article>
      )}
      {bots.length === 0 && !adding && <p className={css['quiet']}>{t('bot.outsideNone')}</p>}
      {bots.map((bot) => (
        <OutsideCard key={bot.id} bot={bot} hubUrl={hubUrl} secret={secret?.id === bot.id ? secret.value : null} onSaved={saved} />
      ))}
    </section>
  );
}

function OutsideCard({
  bot,
  hubUrl,
  secret,
  onSaved,
}: {
  bot: OutsideBot;
  hubUrl: string;
  secret: string | null;
  onSaved: (id: string, secret: string | null) => void;
}) {
  const { t } = useTranslation();
  const now = useMinute();
  const { value: reference } = useQuery('reference', null);
  const [open, setOpen] = useState(false);
  const [checking, setChecking] = useState<Checking | null>(null);
  const { id, settings, refused } = bot;
  const names = settings.channelIds.map((one) => reference?.channels.find((channel) => channel.id === one)?.name ?? one);
  const test = async () => {
    setChecking({ state: 'running', since: Date.now() });
    try {
      setChecking({ state: 'done', check: await execute('channels.test', { channelId: id }) });
    } catch {
      setChecking(null);
      say(t('admin.failed'), { tone: 'danger' });
    }
  };
  const rotate = async () => {
    try {
      onSaved(id, (await execute('bots.connect', { id, settings, rotate: true })).secret);
    } catch {
      say(t('admin.failed'), { tone: 'danger' });
    }
  };
  return (
    <article className={css['card']} data-testid="outside-bot">
      <header className={css['top']}>
        <BotIcon size={20} aria-hidden />
        <div className={css['who']}>
          <h2>{settings.name}</h2>
          <p>{names.length === 0 ? t('bot.noChannels') : names.join(', ')}</p>
        </div>
      </header>
      <p className={formCss['hook']}>
        {t('bot.events')} <CopyText text={`${hubUrl}/api/v1/bots/${id}/events`} />
      </p>
      {refused !== null && (
        <p className={css['refused']}>
          <ShieldAlert size={14} aria-hidden />
          <span>{t('bot.refused', { count: refused.count, when: listTime(refused.at, now, t) })}</span>
        </p>
      )}
      {secret !== null && <ShownOnce value={secret} saved />}
      <div className={css['acts']}>
        <Button icon={<Send size={14} aria-hidden />} isDisabled={checking?.state === 'running'} onPress={() => void test()}>
          {t('channels.test.run')}
        </Button>
        <Button aria-expanded={open} onPress={() => setOpen(!open)}>
          {t('channels.change')}
        </Button>
        <Button look="quiet" icon={<KeyRound size={14} aria-hidden />} onPress={() => void rotate()}>
          {t('bot.rotate')}
        </Button>
      </div>
      {checking !== null && <CheckResult checking={checking} kind="bot" onClose={() => setChecking(null)} />}
      {open && (
        <BotForm
          bot={bot}
          onCancel={() => setOpen(false)}
          onSaved={(one, value) => {
            setOpen(false);
            onSaved(one, value);
          }}
        />
      )}
    </article>
  );
}

const labels = {
  id: ['botId', 'other'],
  'settings.name': ['botName', 'empty'],
  'settings.webhookUrl': ['webhookUrl', 'url'],
  'settings.timeoutMs': ['timeout', 'number'],
  'settings.channelIds': ['botChannels', 'list'],
} as const;

function BotForm({
  bot,
  onSaved,
  onCancel,
}: {
  bot: OutsideBot;
  onSaved: (id: string, secret: string | null) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const [values, setValues] = useState({
    id: bot.id,
    name: bot.settings.name,
    url: bot.settings.webhookUrl ?? '',
    seconds: String(bot.settings.timeoutMs / 1000),
    channels: bot.settings.channelIds,
  });
  const [wrong, setWrong] = useState<keyof typeof labels | null>(null);
  const set = (fields: Partial<typeof values>) => setValues({ ...values, ...fields });
  const error = (path: keyof typeof labels) =>
    wrong === path
      ? t('channels.wrongField', { label: t(`channels.field.${labels[path][0]}`), what: t(`channels.bad.${labels[path][1]}`) })
      : null;
  const save = async () => {
    setWrong(null);
    const id = values.id.trim();
    if (id === '') return setWrong('id');
    const settings = {
      name: values.name,
      channelIds: values.channels,
      webhookUrl: values.url.trim() === '' ? null : values.url.trim(),
      timeoutMs: Math.round(Number(values.seconds) * 1000),
    };
    try {
      onSaved(id, (await execute('bots.connect', { id, settings, rotate: false })).secret);
    } catch (thrown) {
      const field = wrongField(thrown);
      const found = (Object.keys(labels) as (keyof typeof labels)[]).find((path) => field === path || field?.startsWith(`${path}.`));
      if (found) setWrong(found);
      else say(t('admin.failed'), { tone: 'danger' });
    }
  };
  return (
    <div className={formCss['form']}>
      <div className={formCss['pair']}>
        <Field
          label={t('channels.field.botName')}
          value={values.name}
          max={200}
          onChange={(name) => set({ name })}
          error={error('settings.name')}
        />
        {bot.id === '' ? (
          <Field label={t('channels.field.botId')} value={values.id} max={63} onChange={(id) => set({ id })} error={error('id')} />
        ) : (
          <Field
            label={t('channels.field.timeout')}
            value={values.seconds}
            onChange={(seconds) => set({ seconds })}
            error={error('settings.timeoutMs')}
          />
        )}
      </div>
      <Field
        label={t('channels.field.webhookUrl')}
        placeholder="https://"
        value={values.url}
        onChange={(url) => set({ url })}
        error={error('settings.webhookUrl')}
      />
      <fieldset className={formCss['group']}>
        <legend>{t('channels.field.botChannels')}</legend>
        <div className={formCss['checks']}>
          {(reference?.channels ?? []).map(({ id, name }) => (
            <Check
              key={id}
              on={values.channels.includes(id)}
              onChange={(on) => set({ channels: on ? [...values.channels, id] : values.channels.filter((one) => one !== id) })}
            >
              {name}
            </Check>
          ))}
        </div>
      </fieldset>
      <div className={css['acts']}>
        <Button look="primary" onPress={() => void save()}>
          {t('admin.save')}
        </Button>
        <Button look="quiet" onPress={onCancel}>
          {t('admin.cancel')}
        </Button>
      </div>
    </div>
  );
}
