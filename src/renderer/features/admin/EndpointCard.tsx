import { CircleAlert, CirclePause, CirclePlay, KeyRound, ScrollText, Send, Trash2, Webhook } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Endpoint, EventType } from '../../../shared/webhook-admin.ts';
import { execute } from '../../app/engine.ts';
import { say } from '../../app/toasts.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { Chip } from '../../ui/Chip.tsx';
import { Sheet } from '../../ui/Popover.tsx';
import css from './Admin.module.css';
import { Deliveries } from './Deliveries.tsx';

type Dashed<T extends string> = T extends `${infer A}.${infer B}` ? `${A}-${B}` : never;
/** A dot means something else in a catalogue's keys. */
export const keyOfEvent = (name: EventType): Dashed<EventType> => name.replace('.', '-') as Dashed<EventType>;

/** One endpoint: what it gets, whether it does, and its log. */
export function EndpointCard({
  endpoint,
  onChange,
  onSecret,
  children,
}: {
  endpoint: Endpoint;
  onChange: () => void;
  onSecret: (secret: string) => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const [log, setLog] = useState(false);
  /** counts up: the log is to be asked for anew */
  const [told, setTold] = useState(0);
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const { id, url, state, reason, waiting, events, channel_id: channelId } = endpoint;
  const run = async (act: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await act();
      setTold((count) => count + 1);
      onChange();
    } catch {
      say(t('admin.failed'), { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  const turn = (active: boolean) => run(() => execute('webhooks.change', { id, change: { active } }));
  const pause = async () => {
    await turn(false);
    say(t('hooks.state.disabled'), { action: { label: t('admin.undo'), run: () => void turn(true) } });
  };
  const rotate = () =>
    run(async () => {
      const { secret } = await execute('webhooks.change', { id, change: { rotate: true } });
      if (secret !== null) onSecret(secret);
      say(t('hooks.rotated'));
    });
  const test = () =>
    run(async () => {
      await execute('webhooks.test', { id });
      setLog(true);
      say(t('hooks.tested'));
    });
  const whyOf = (text: string) => {
    const [, code, said = ''] = /^(GAVE_UP|GONE): ?(.*)$/s.exec(text) ?? [];
    return code === undefined ? text : `${t(`hooks.why.${code as 'GAVE_UP' | 'GONE'}`)} (${said})`;
  };
  const only = reference?.channels.find((one) => one.id === channelId)?.name;
  return (
    <article className={css['card']} data-testid="webhook-card" data-state={state}>
      <header className={css['top']}>
        <Webhook size={20} aria-hidden />
        <div className={css['who']}>
          <h2 title={url}>{url}</h2>
          <p>
            {channelId === null ? t('hooks.everyChannel') : `${t('hooks.onlyChannel')} ${only ?? channelId}`}
            {waiting > 0 && ` · ${t('hooks.waiting', { count: waiting })}`}
          </p>
        </div>
        <span className={`${css['state']} ${css[state === 'active' ? 'ok' : 'paused']}`}>{t(`hooks.state.${state}`)}</span>
      </header>
      {reason !== null && (
        <p className={css['reason']} role="alert">
          <CircleAlert size={14} aria-hidden />
          <span>{t('hooks.reason', { reason: whyOf(reason) })}</span>
        </p>
      )}
      <div className={css['chips']}>
        {events.map((name) => (
          <Chip key={name}>{t(`hooks.event.${keyOfEvent(name)}`)}</Chip>
        ))}
      </div>
      {children}
      <div className={css['acts']}>
        {state === 'active' ? (
          <>
            <Button icon={<Send size={14} aria-hidden />} isDisabled={busy} onPress={() => void test()}>
              {t('hooks.test')}
            </Button>
            <Button look="quiet" icon={<CirclePause size={14} aria-hidden />} isDisabled={busy} onPress={() => void pause()}>
              {t('hooks.pause')}
            </Button>
          </>
        ) : (
          <Button look="primary" icon={<CirclePlay size={14} aria-hidden />} isDisabled={busy} onPress={() => void turn(true)}>
            {t('hooks.enable')}
          </Button>
        )}
        <Button look="quiet" icon={<KeyRound size={14} aria-hidden />} isDisabled={busy} onPress={() => void rotate()}>
          {t('hooks.rotate')}
        </Button>
        <Button look="quiet" icon={<ScrollText size={14} aria-hidden />} aria-expanded={log} onPress={() => setLog(!log)}>
          {t('hooks.log')}
        </Button>
        <span className={css['space']} />
        <Button look="quiet" icon={<Trash2 size={14} aria-hidden />} onPress={() => setAsks(true)}>
          {t('hooks.removeIt')}
        </Button>
      </div>
      {log && <Deliveries endpointId={id} told={told} onChange={onChange} />}
      <Sheet kind="alert" label={t('hooks.removeAsk')} open={asks} onOpenChange={setAsks}>
        <div className={css['ask']}>
          <h2>{t('hooks.removeAsk')}</h2>
          <p>{t('hooks.removeWhat')}</p>
          <div className={css['acts']}>
            <Button
              look="danger"
              onPress={() => {
                setAsks(false);
                void run(() => execute('webhooks.remove', { id }));
              }}
            >
              {t('hooks.removeIt')}
            </Button>
            <Button look="quiet" onPress={() => setAsks(false)}>
              {t('admin.cancel')}
            </Button>
          </div>
        </div>
      </Sheet>
    </article>
  );
}
