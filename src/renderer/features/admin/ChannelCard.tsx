import { CircleAlert, CirclePause, CirclePlay, KeyRound, PlugZap, Send, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AdminChannel } from '../../../shared/channel-admin.ts';
import { useMinute } from '../../app/clock.ts';
import { execute } from '../../app/engine.ts';
import { usePrefs } from '../../app/prefs.ts';
import { say } from '../../app/toasts.ts';
import { Button } from '../../ui/Button.tsx';
import { ChannelGlyph } from '../../ui/Channel.tsx';
import { exact, listTime } from '../../ui/time.ts';
import css from './Admin.module.css';
import { type Checking, CheckResult } from './CheckResult.tsx';
import { Connect } from './Connect.tsx';
import { forms } from './forms/forms.ts';

/** One channel: how it does, what was refused, and what can be done about it. */
export function ChannelCard({
  channel,
  queue,
  hubUrl,
  begin,
  onChange,
}: {
  channel: AdminChannel;
  queue: string;
  hubUrl: string;
  /** its form is open from the beginning */
  begin: boolean;
  onChange: () => void;
}) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const now = useMinute();
  /** null: nobody has opened or closed it yet */
  const [turned, setOpen] = useState<boolean | null>(null);
  const open = turned ?? begin;
  const [busy, setBusy] = useState(false);
  const [checking, setChecking] = useState<Checking | null>(null);
  const form = forms[channel.kind];
  const turn = async (on: boolean) => {
    setBusy(true);
    try {
      await execute('channels.switch', { channelId: channel.id, on });
      if (!on) say(t('channels.paused'), { action: { label: t('admin.undo'), run: () => void turn(true) } });
      onChange();
    } catch {
      say(t('admin.failed'), { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  const test = async () => {
    setChecking({ state: 'running', since: Date.now() });
    try {
      setChecking({ state: 'done', check: await execute('channels.test', { channelId: channel.id }) });
      onChange();
    } catch {
      setChecking(null);
      say(t('admin.failed'), { tone: 'danger' });
    }
  };
  const state = channel.vendor === null && form !== null && channel.kind !== 'chat' ? 'unconnected' : channel.state;
  const time = (at: number) => <time title={exact(at, language)}>{listTime(at, now, t)}</time>;
  const when = (at: number | null) => (at === null ? t('channels.never') : time(at));
  const { refused } = channel;
  /** the hub's word for it in ours, then what the other side said */
  const whyOf = (reason: string | null) => {
    const [, code, said = ''] = /^(SIGN_IN_AGAIN|SETTINGS): ?(.*)$/s.exec(reason ?? '') ?? [];
    return code === undefined ? reason : `${t(`channels.why.${code as 'SETTINGS' | 'SIGN_IN_AGAIN'}`)} (${said})`;
  };
  return (
    <article className={css['card']} data-testid="channel-card" data-state={state} data-channel={channel.id}>
      <header className={css['top']}>
        <ChannelGlyph kind={channel.kind} size={20} />
        <div className={css['who']}>
          <h2>{channel.name}</h2>
          <p>
            {t(`channel.${channel.kind}`)} · {queue}
          </p>
        </div>
        <span className={`${css['state']} ${css[state]}`}>{t(`channels.state.${state}`)}</span>
      </header>
      {channel.state === 'attention' && (
        <p className={css['reason']} role="alert">
          <CircleAlert size={14} aria-hidden />
          <span>
            {t('channels.attention')} {whyOf(channel.reason)}
          </span>
        </p>
      )}
      {refused !== null && (
        <p className={css['refused']} data-testid="refused">
          <ShieldAlert size={14} aria-hidden />
          <span title={exact(refused.at, language)}>
            {t('channels.refused.line', {
              reason: t(`channels.refused.reason.${refused.reason}`),
              when: listTime(refused.at, now, t),
              count: refused.count,
            })}{' '}
            {t(`channels.refused.remedy.${refused.reason}`)}
          </span>
        </p>
      )}
      <dl className={css['facts']}>
        <div>
          <dt>{t('channels.lastEvent')}</dt>
          <dd>{when(channel.lastEventAt)}</dd>
        </div>
        <div>
          <dt>{t('channels.lastSent')}</dt>
          <dd>{when(channel.lastSentAt)}</dd>
        </div>
        <div>
          <dt>{t('channels.waiting')}</dt>
          <dd>{channel.waiting}</dd>
        </div>
        <div>
          <dt>{t('channels.aside')}</dt>
          <dd>{channel.aside}</dd>
        </div>
      </dl>
      {form !== null && (
        <div className={css['acts']}>
          {channel.vendor !== null && (
            <Button icon={<Send size={14} aria-hidden />} isDisabled={checking?.state === 'running'} onPress={() => void test()}>
              {t('channels.test.run')}
            </Button>
          )}
          <Button
            look={channel.vendor === null ? 'primary' : 'plain'}
            icon={channel.vendor === null ? <PlugZap size={14} aria-hidden /> : <KeyRound size={14} aria-hidden />}
            aria-expanded={open}
            onPress={() => setOpen(!open)}
          >
            {t(channel.vendor === null ? 'channels.connect' : 'channels.change')}
          </Button>
          {channel.vendor !== null && channel.state === 'ok' && (
            <Button look="quiet" isDisabled={busy} icon={<CirclePause size={14} aria-hidden />} onPress={() => void turn(false)}>
              {t('channels.pause')}
            </Button>
          )}
          {channel.vendor !== null && channel.state !== 'ok' && (
            <Button look="primary" isDisabled={busy} icon={<CirclePlay size={14} aria-hidden />} onPress={() => void turn(true)}>
              {t('channels.resume')}
            </Button>
          )}
        </div>
      )}
      {checking !== null && <CheckResult checking={checking} kind={channel.kind} onClose={() => setChecking(null)} />}
      {open && form !== null && (
        <Connect
          channel={channel}
          form={form}
          hubUrl={hubUrl}
          onCancel={() => setOpen(false)}
          onDone={() => {
            setOpen(false);
            onChange();
          }}
        />
      )}
    </article>
  );
}
