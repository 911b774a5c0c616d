import { type SubmitEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AdminChannel } from '../../../shared/channel-admin.ts';
import type { Channel } from '../../../shared/domain.ts';
import { execute, mutate } from '../../app/engine.ts';
import { say } from '../../app/toasts.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { Pick } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import { CopyText } from '../../ui/RichText.tsx';
import css from './Admin.module.css';
import formCss from './Form.module.css';
import { fieldAt, useFieldTexts } from './FormField.tsx';
import { type FormApi, FormContext, type FormState } from './form.ts';
import type { VendorForm } from './forms/vendor-form.ts';
import { wrongField } from '../../app/useHub.ts';

/** What feeds a channel, to be entered. Secrets go in and never come out: an empty field leaves what is there. */
export function Connect({
  channel,
  form,
  hubUrl,
  onDone,
  onCancel,
}: {
  channel: AdminChannel;
  form: VendorForm;
  hubUrl: string;
  onDone: () => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const { wrongOf } = useFieldTexts();
  const [state, setState] = useState<FormState>(() => ({ ...form.begin(channel), lists: {} }));
  const [named, setNamed] = useState({ name: channel.name, queueId: channel.queueId });
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const api: FormApi = {
    ...state,
    channel,
    hubUrl,
    wrong: wrong === null ? null : fieldAt(wrong),
    set: (path, value) => {
      // What is being mended is not wrong any more.
      if (wrong !== null && fieldAt(wrong) === path) setWrong(null);
      setState((before) => ({ ...before, values: { ...before.values, [path]: value } }));
    },
    setList: (name, change) => setState((before) => ({ ...before, lists: { ...before.lists, [name]: change } })),
    setRest: (name, value) => setState((before) => ({ ...before, rest: { ...before.rest, [name]: value } })),
  };
  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    setWrong(null);
    try {
      const row = reference?.channels.find(({ id }) => id === channel.id);
      if (row && (named.name.trim() !== row.name || named.queueId !== row.queueId)) await rename(row, named);
      await execute('channels.connect', { channelId: channel.id, vendor: form.vendor, ...form.fill(state, channel) });
      say(t('channels.saved'));
      onDone();
    } catch (error) {
      const field = wrongField(error);
      if (field === null) say(t('admin.failed'), { tone: 'danger' });
      else setWrong(field);
    } finally {
      setBusy(false);
    }
  };
  const { Fields } = form;
  const known = wrong === null ? null : fieldAt(wrong);
  return (
    <FormContext value={api}>
      <form className={formCss['form']} onSubmit={(event) => void submit(event)} noValidate data-testid="connect-form">
        <div className={formCss['pair']}>
          <Field
            label={t('channels.name')}
            value={named.name}
            max={200}
            onChange={(name) => setNamed({ ...named, name })}
            error={
              wrong === 'args.args.name' ? t('channels.wrongField', { label: t('channels.name'), what: t('channels.bad.empty') }) : null
            }
          />
          <Pick
            label={t('channels.queue')}
            value={named.queueId}
            options={(reference?.queues ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(queueId) => setNamed({ ...named, queueId })}
          />
        </div>
        {form.hook !== null && (
          <p className={formCss['hook']}>
            {t('channels.hook')}{' '}
            <CopyText
              text={`${hubUrl}${form.hook}${form.vendor === 'cti' ? state.values['secrets.token'] || t('channels.tokenHere') : channel.id}`}
            />
            <span className={css['quiet']}>{t('channels.hookInner')}</span>
          </p>
        )}
        <Fields />
        {wrong !== null && (
          <p className={formCss['wrong']} role="alert" data-testid="form-wrong">
            {known === null ? t('channels.wrong') : wrongOf(known)}
          </p>
        )}
        <div className={css['acts']}>
          <Button look="primary" type="submit" isDisabled={busy}>
            {t('channels.save')}
          </Button>
          <Button look="quiet" onPress={onCancel}>
            {t('admin.cancel')}
          </Button>
        </div>
      </form>
    </FormContext>
  );
}

function rename({ id, kind, active, rules }: Channel, { name, queueId }: { name: string; queueId: string }): Promise<unknown> {
  return mutate('channel.save', { channelId: id, kind, name: name.trim(), queueId, active, rules });
}
