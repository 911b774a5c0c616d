import { Cable, CircleAlert, CirclePause, CirclePlay, CloudOff, KeyRound, PlugZap, RotateCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AdminChannel } from '../../../shared/channel-admin.ts';
import { useMinute } from '../../app/clock.ts';
import { EngineError, execute } from '../../app/engine.ts';
import { usePrefs } from '../../app/prefs.ts';
import { say } from '../../app/toasts.ts';
import { useLate } from '../../app/useLate.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { ChannelGlyph } from '../../ui/Channel.tsx';
import { Bone, State } from '../../ui/State.tsx';
import { exact, listTime } from '../../ui/time.ts';
import { Aside } from './Aside.tsx';
import css from './Channels.module.css';
import { Connect } from './Connect.tsx';

type Got = { state: 'loading' } | { state: 'failed'; offline: boolean } | { state: 'here'; channels: AdminChannel[] };

async function ask(): Promise<Got> {
  try {
    return { state: 'here', channels: await execute('channels.list', null) };
  } catch (error) {
    return { state: 'failed', offline: error instanceof EngineError && error.error.code === 'HUB_UNREACHABLE' };
  }
}

/** Every channel with how it does, what feeds it, and what could not be handled. */
export function Channels() {
  const { t } = useTranslation();
  const [{ got, of }, setShown] = useState<{ got: Got; of: string }>({ got: { state: 'loading' }, of: '' });
  const [asked, setAsked] = useState(0);
  const { value: reference } = useQuery('reference', null);
  // What is known of a channel's health comes through the log: then the rest is asked for anew.
  const wanted = `${asked} ${reference?.channels.map((one) => `${one.id}${one.health}`).join(' ') ?? ''}`;
  useEffect(() => {
    if (of === wanted) return;
    let here = true;
    void ask().then((next) => {
      // What is on the screen stays there when it can't be had anew.
      if (here) setShown((before) => ({ got: next.state === 'failed' && before.got.state === 'here' ? before.got : next, of: wanted }));
    });
    return () => {
      here = false;
    };
  }, [of, wanted]);
  const load = () => setAsked((count) => count + 1);
  const late = useLate(got.state === 'loading');
  return (
    <div className={css['screen']}>
      <div className={css['column']}>
        <header className={css['head']}>
          <div>
            <h1>{t('channels.title')}</h1>
            <p>{t('channels.hint')}</p>
          </div>
          <Button icon={<RotateCw size={14} aria-hidden />} onPress={load}>
            {t('channels.reload')}
          </Button>
        </header>
        {got.state === 'loading' ? (
          late && (
            <div aria-hidden className={css['list']}>
              <Bone width="100%" height={96} />
              <Bone width="100%" height={96} />
            </div>
          )
        ) : got.state === 'failed' ? (
          <State
            role="alert"
            icon={<CloudOff size={20} aria-hidden />}
            title={t(got.offline ? 'channels.offline' : 'channels.failed')}
            hint={t('channels.offlineHint')}
            action={<Button onPress={load}>{t('channels.again')}</Button>}
          />
        ) : got.channels.length === 0 ? (
          <State icon={<Cable size={20} aria-hidden />} title={t('channels.none')} />
        ) : (
          <>
            <ul className={css['list']} aria-label={t('channels.title')}>
              {got.channels.map((channel) => (
                <li key={channel.id}>
                  <Card channel={channel} queue={reference?.queues.find(({ id }) => id === channel.queueId)?.name ?? ''} onChange={load} />
                </li>
              ))}
            </ul>
            <Aside names={new Map(got.channels.map(({ id, name }) => [id, name]))} onChange={load} />
          </>
        )}
      </div>
    </div>
  );
}

const connectable: ReadonlySet<string> = new Set(['messenger', 'instagram', 'zalo', 'phone']);

function Card({ channel, queue, onChange }: { channel: AdminChannel; queue: string; onChange: () => void }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const now = useMinute();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const turn = async (on: boolean) => {
    setBusy(true);
    try {
      await execute('channels.switch', { channelId: channel.id, on });
      onChange();
    } catch {
      say(t('channels.failed'), { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  const state = channel.vendor === null && connectable.has(channel.kind) ? 'unconnected' : channel.state;
  const when = (at: number | null) => (at === null ? t('channels.never') : <time title={exact(at, language)}>{listTime(at, now, t)}</time>);
  return (
    <article className={css['card']} data-testid="channel-card" data-state={state}>
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
            {t('channels.attention')} {channel.reason}
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
      {connectable.has(channel.kind) && (
        <div className={css['acts']}>
          <Button
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
      {open && (
        <Connect
          channel={channel}
          onDone={() => {
            setOpen(false);
            onChange();
          }}
        />
      )}
    </article>
  );
}
