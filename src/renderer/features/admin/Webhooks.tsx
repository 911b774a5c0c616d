import { Webhook } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type EventType, eventTypes } from '../../../shared/webhook-admin.ts';
import { execute } from '../../app/engine.ts';
import { say } from '../../app/toasts.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { Check } from '../../ui/Check.tsx';
import { Pick } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import { State } from '../../ui/State.tsx';
import css from './Admin.module.css';
import formCss from './Form.module.css';
import { EndpointCard, keyOfEvent } from './EndpointCard.tsx';
import { ShownOnce } from '../../app/ShownOnce.tsx';
import { HubState } from '../../app/HubState.tsx';
import { ListHead } from './ListHead.tsx';
import { useHub, wrongField } from '../../app/useHub.ts';

/** Where events go, what became of each, and once more. */
export function Webhooks() {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  /** the secret of one that was made or changed a moment ago */
  const [secret, setSecret] = useState<{ id: string; value: string } | null>(null);
  const { got, load } = useHub('webhooks.list', null);
  return (
    <div className={css['column']}>
      <ListHead
        title={t('hooks.title')}
        hint={t('hooks.hint')}
        add={t('hooks.addTitle')}
        adding={got.state === 'here' ? adding : null}
        onAdd={setAdding}
        onReload={load}
      />
      {adding && (
        <AddEndpoint
          onCancel={() => setAdding(false)}
          onDone={(made) => {
            setAdding(false);
            setSecret(made);
            load();
          }}
        />
      )}
      {got.state !== 'here' ? (
        <HubState got={got} onAgain={load} />
      ) : got.value.length === 0 && !adding ? (
        <State icon={<Webhook size={20} aria-hidden />} title={t('hooks.none')} hint={t('hooks.noneHint')} />
      ) : (
        <ul className={css['list']} aria-label={t('hooks.title')}>
          {got.value.map((endpoint) => (
            <li key={endpoint.id}>
              <EndpointCard endpoint={endpoint} onChange={load} onSecret={(value) => setSecret({ id: endpoint.id, value })}>
                {secret?.id === endpoint.id && (
                  <section className={formCss['secretList']} aria-label={t('hooks.secretTitle')}>
                    <header>
                      <h3>{t('hooks.secretTitle')}</h3>
                      <Button size="small" look="quiet" onPress={() => setSecret(null)}>
                        {t('hooks.secretDone')}
                      </Button>
                    </header>
                    <ShownOnce value={secret.value} saved />
                  </section>
                )}
              </EndpointCard>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function AddEndpoint({ onDone, onCancel }: { onDone: (made: { id: string; value: string }) => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const [url, setUrl] = useState('');
  const [events, setEvents] = useState<ReadonlySet<EventType>>(new Set(['message.created', 'ticket.created', 'ticket.resolved']));
  const [channelId, setChannelId] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const add = async () => {
    if (events.size === 0) return setWrong('events');
    setBusy(true);
    setWrong(null);
    try {
      const { webhook, secret } = await execute('webhooks.add', {
        url: url.trim(),
        events: eventTypes.filter((name) => events.has(name)),
        channel_id: channelId === '' ? null : channelId,
      });
      onDone({ id: webhook.id, value: secret ?? '' });
    } catch (error) {
      const field = wrongField(error);
      if (field === null) say(t('admin.failed'), { tone: 'danger' });
      else setWrong(field.replace(/^args\./, ''));
    } finally {
      setBusy(false);
    }
  };
  const badUrl = wrong?.startsWith('url') === true;
  return (
    <section className={css['card']} aria-label={t('hooks.addTitle')} data-testid="add-webhook">
      <h2 className={css['cardTitle']}>{t('hooks.addTitle')}</h2>
      <div className={formCss['wide']}>
        <Field
          autoFocus
          label={t('channels.field.url')}
          value={url}
          onChange={(value) => {
            setUrl(value);
            setWrong(null);
          }}
          placeholder="https://"
          error={badUrl ? t('channels.wrongField', { label: t('channels.field.url'), what: t('channels.bad.url') }) : null}
        />
        <Pick
          label={t('hooks.onlyChannel')}
          value={channelId}
          options={[
            { value: '', label: t('hooks.everyChannel') },
            ...(reference?.channels ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={setChannelId}
        />
      </div>
      <fieldset className={formCss['group']}>
        <legend>{t('channels.field.events')}</legend>
        <div className={formCss['checks']}>
          {eventTypes.map((name) => (
            <Check
              key={name}
              on={events.has(name)}
              onChange={(on) => setEvents(new Set(on ? [...events, name] : [...events].filter((one) => one !== name)))}
            >
              {t(`hooks.event.${keyOfEvent(name)}`)}
            </Check>
          ))}
        </div>
      </fieldset>
      {wrong !== null && !badUrl && (
        <p className={formCss['wrong']} role="alert">
          {t('channels.wrongField', { label: t('channels.field.events'), what: t('channels.bad.empty') })}
        </p>
      )}
      <div className={css['acts']}>
        <Button look="primary" isDisabled={busy} onPress={() => void add()}>
          {t('admin.add')}
        </Button>
        <Button look="quiet" onPress={onCancel}>
          {t('admin.cancel')}
        </Button>
      </div>
    </section>
  );
}
