import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ChannelKind, channelKinds } from '../../../shared/domain.ts';
import { rulesOf } from '../../../shared/rules.ts';
import { execute, mutate } from '../../app/engine.ts';
import { say } from '../../app/toasts.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { ChannelGlyph } from '../../ui/Channel.tsx';
import { Pick } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import css from './Admin.module.css';
import formCss from './Form.module.css';

/** times that the hub is asked for a channel that was just made, and ms between them */
const patience = { tries: 40, ms: 150 };

/** A new channel: its kind, its name, the queue that it feeds. What feeds it is entered after that. */
export function AddChannel({ onDone, onCancel }: { onDone: (channelId: string) => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const [kind, setKind] = useState<ChannelKind>('email');
  const [name, setName] = useState('');
  const [queueId, setQueueId] = useState<string | null>(null);
  const [wrong, setWrong] = useState(false);
  const [busy, setBusy] = useState(false);
  const queue = queueId ?? reference?.queues[0]?.id ?? null;
  const add = async () => {
    setWrong(name.trim() === '');
    if (name.trim() === '' || queue === null) return;
    setBusy(true);
    try {
      const channelId = `${kind}-${crypto.randomUUID().slice(0, 8)}`;
      await mutate('channel.save', { channelId, kind, name: name.trim(), queueId: queue, active: true, rules: rulesOf[kind] ?? null });
      // The console has it at once; the hub a moment later.
      for (let left = patience.tries; !(await isThere(channelId)); left -= 1) {
        if (left === 0) throw new Error('the hub has not heard of it yet');
        await new Promise((resolve) => setTimeout(resolve, patience.ms));
      }
      say(t('channels.addDone'));
      onDone(channelId);
    } catch {
      say(t('admin.failed'), { tone: 'danger' });
      setBusy(false);
    }
  };
  return (
    <section className={css['card']} aria-label={t('channels.addTitle')} data-testid="add-channel">
      <h2 className={css['cardTitle']}>{t('channels.addTitle')}</h2>
      <div className={formCss['triple']}>
        <Pick<ChannelKind>
          label={t('channels.addKind')}
          value={kind}
          options={channelKinds.map((value) => ({
            value,
            label: t(`channel.${value}`),
            icon: <ChannelGlyph kind={value} size={14} silent />,
          }))}
          onChange={setKind}
        />
        <Field
          autoFocus
          label={t('channels.name')}
          value={name}
          max={200}
          onChange={setName}
          error={wrong ? t('channels.wrongField', { label: t('channels.name'), what: t('channels.bad.empty') }) : null}
        />
        <Pick
          label={t('channels.queue')}
          value={queue}
          options={(reference?.queues ?? []).map((one) => ({ value: one.id, label: one.name }))}
          onChange={setQueueId}
        />
      </div>
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

async function isThere(channelId: string): Promise<boolean> {
  return (await execute('channels.list', null)).channels.some(({ id }) => id === channelId);
}
