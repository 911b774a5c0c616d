import { CircleAlert, CircleCheck, Hourglass, RotateCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Delivery } from '../../../shared/webhook-admin.ts';
import { useMinute } from '../../app/clock.ts';
import { execute } from '../../app/engine.ts';
import { usePrefs } from '../../app/prefs.ts';
import { say } from '../../app/toasts.ts';
import { Button } from '../../ui/Button.tsx';
import { clockTime, exact, listTime } from '../../ui/time.ts';
import css from './Admin.module.css';
import formCss from './Form.module.css';
import logCss from './Log.module.css';
import { HubState } from '../../app/HubState.tsx';
import { useHub } from '../../app/useHub.ts';

/** ms after which what has been sent a moment ago is looked at again, and how often; then it is for whoever wants to know */
const again = { ms: 700, times: 4 };

/** What was sent to one endpoint, newest first. `told`: counts up when there is something new. */
export function Deliveries({ endpointId, told, onChange }: { endpointId: string; told: number; onChange: () => void }) {
  const { t } = useTranslation();
  const [looks, setLooks] = useState({ told, left: again.times });
  const { got, load } = useHub('webhooks.deliveries', { id: endpointId, before: null }, `${told} ${looks.left}`);
  const [older, setOlder] = useState<{ items: Delivery[]; next: number | null } | null>(null);
  if (looks.told !== told) setLooks({ told, left: again.times });
  const waits = got.state === 'here' && got.value.items.some(({ state }) => state === 'waiting');
  useEffect(() => {
    if (!waits || looks.left === 0) return;
    const timer = setTimeout(() => setLooks((one) => ({ ...one, left: one.left - 1 })), again.ms);
    return () => clearTimeout(timer);
  }, [waits, looks]);
  if (got.state !== 'here') return <HubState got={got} onAgain={load} bones={1} />;
  const items = [...got.value.items, ...(older?.items ?? [])];
  const next = older ? older.next : got.value.next;
  const more = async (before: number) => {
    const page = await execute('webhooks.deliveries', { id: endpointId, before });
    setOlder({ items: [...(older?.items ?? []), ...page.items], next: page.next });
  };
  const replay = async (deliveryId: string) => {
    try {
      await execute('webhooks.replay', { deliveryId });
      say(t('hooks.replayed'));
      setLooks((one) => ({ ...one, left: again.times }));
      load();
      onChange();
    } catch {
      say(t('admin.failed'), { tone: 'danger' });
    }
  };
  return (
    <section className={logCss['log']} aria-label={t('hooks.log')} data-testid="delivery-log">
      {items.length === 0 ? (
        <p className={css['quiet']}>{t('hooks.logNone')}</p>
      ) : (
        <ul>
          {items.map((delivery) => (
            <Line key={delivery.id} delivery={delivery} onReplay={() => void replay(delivery.id)} />
          ))}
        </ul>
      )}
      {next !== null && (
        <Button size="small" onPress={() => void more(next).catch(() => say(t('admin.failed'), { tone: 'danger' }))}>
          {t('admin.more')}
        </Button>
      )}
    </section>
  );
}

const marks = { waiting: Hourglass, sent: CircleCheck, failed: CircleAlert } as const;

function Line({ delivery, onReplay }: { delivery: Delivery; onReplay: () => void }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const now = useMinute();
  const { state, type, attempts, status, error, response, created_at: at, next_at: nextAt, body } = delivery;
  const Mark = marks[state];
  return (
    <li data-testid="delivery" data-state={state}>
      <details className={logCss['delivery']}>
        <summary>
          <span className={logCss[state]}>
            <Mark size={14} aria-hidden />
            {t(`hooks.delivery.${state}`)}
          </span>
          <strong>{type}</strong>
          <span className={logCss['figures']}>
            {status !== null && `HTTP ${status} · `}
            {t('hooks.attempts', { count: attempts })}
          </span>
          <time title={exact(at, language)}>{listTime(at, now, t)}</time>
        </summary>
        <div className={logCss['deliveryBody']}>
          {error !== null && state !== 'sent' && <p className={formCss['wrong']}>{error}</p>}
          {nextAt !== null && state === 'waiting' && <p>{t('hooks.nextAt', { at: clockTime(nextAt) })}</p>}
          {response !== null && (
            <div>
              <h3>{t('hooks.answer')}</h3>
              <code tabIndex={0}>{response}</code>
            </div>
          )}
          <div>
            <h3>{t('hooks.sentBody')}</h3>
            <code tabIndex={0}>{body}</code>
          </div>
        </div>
      </details>
      <Button size="small" look="quiet" icon={<RotateCw size={14} aria-hidden />} onPress={onReplay}>
        {t('hooks.replay')}
      </Button>
    </li>
  );
}
