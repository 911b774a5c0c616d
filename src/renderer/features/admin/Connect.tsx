import { type SubmitEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AdminChannel } from '../../../shared/channel-admin.ts';
import { EngineError, execute } from '../../app/engine.ts';
import { say } from '../../app/toasts.ts';
import { Button } from '../../ui/Button.tsx';
import { Segments } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import { CopyText } from '../../ui/RichText.tsx';
import css from './Channels.module.css';

const metaSecrets = ['appSecret', 'verifyToken', 'pageToken'] as const;
/** What each vendor's account asks for, by our names. */
const forms = {
  messenger: { vendor: 'messenger', settings: [], secrets: metaSecrets, hook: '/hooks/messenger/' },
  instagram: { vendor: 'instagram', settings: [], secrets: metaSecrets, hook: '/hooks/messenger/' },
  zalo: { vendor: 'zalo', settings: ['appId', 'oaId'], secrets: ['secretKey', 'appSecret'], hook: '/hooks/zalo/' },
  phone: { vendor: 'cti', settings: [], secrets: ['token'], hook: '/hooks/cti/' },
} as const;

/** Secrets go in and never come out: an empty field leaves what is there. */
export function Connect({ channel, onDone }: { channel: AdminChannel; onDone: () => void }) {
  const { t } = useTranslation();
  const form = forms[channel.kind as keyof typeof forms];
  const [settings, setSettings] = useState<Record<string, string>>(() =>
    Object.fromEntries(form.settings.map((name) => [name, typeof channel.settings[name] === 'string' ? channel.settings[name] : ''])),
  );
  const [answers, setAnswers] = useState<'json' | 'xml'>(channel.settings['answers'] === 'xml' ? 'xml' : 'json');
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    setWrong(null);
    const more = form.vendor === 'cti' ? { answers, users: {}, queues: {}, callerIds: {}, ...cleaned(channel.settings) } : {};
    try {
      await execute('channels.connect', {
        channelId: channel.id,
        vendor: form.vendor,
        settings: {
          ...more,
          ...(form.vendor === 'cti' ? { answers } : {}),
          ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, value.trim() === '' ? null : value.trim()])),
        },
        secrets: Object.fromEntries(Object.entries(secrets).filter(([, value]) => value.trim() !== '')),
      });
      say(t('channels.saved'));
      onDone();
    } catch (error) {
      const why = error instanceof EngineError ? error.error : null;
      if (why?.code === 'BAD_REQUEST') setWrong(why.field?.split('.').at(-1) ?? '');
      else say(t('channels.failed'), { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  const at = `${form.hook}${form.vendor === 'cti' ? t('channels.tokenHere') : channel.id}`;
  const known = (name: string): name is keyof typeof labels => name in labels;
  const labels = {
    appId: t('channels.field.appId'),
    oaId: t('channels.field.oaId'),
    appSecret: t('channels.field.appSecret'),
    verifyToken: t('channels.field.verifyToken'),
    pageToken: t('channels.field.pageToken'),
    secretKey: t('channels.field.secretKey'),
    token: t('channels.field.token'),
  };
  return (
    <form className={css['form']} onSubmit={(event) => void submit(event)} noValidate>
      <p className={css['hook']}>
        {t('channels.hook')} <CopyText text={at} />
      </p>
      {form.settings.map((name) => (
        <Field
          key={name}
          label={labels[name]}
          value={settings[name] ?? ''}
          onChange={(value) => setSettings({ ...settings, [name]: value })}
          error={wrong === name ? t('channels.wrong') : null}
          spellCheck={false}
        />
      ))}
      {form.vendor === 'cti' && (
        <Segments
          label={t('channels.field.answers')}
          value={answers}
          options={[
            { value: 'json', label: 'JSON' },
            { value: 'xml', label: 'XML (sipgate, Placetel)' },
          ]}
          onChange={setAnswers}
        />
      )}
      {form.secrets.map((name) => (
        <Field
          key={name}
          type="password"
          label={known(name) ? labels[name] : name}
          value={secrets[name] ?? ''}
          onChange={(value) => setSecrets({ ...secrets, [name]: value })}
          error={wrong === name ? t('channels.wrong') : null}
          placeholder={channel.secrets[name] ? t('channels.kept') : ''}
          autoComplete="off"
        />
      ))}
      {wrong !== null && !(wrong in labels) && <p role="alert">{t('channels.wrong')}</p>}
      <div className={css['acts']}>
        <Button look="primary" type="submit" isDisabled={busy}>
          {t('channels.save')}
        </Button>
      </div>
    </form>
  );
}

/** What an exchange has been told of users and numbers stays as it is. */
function cleaned(settings: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => typeof value === 'object' && value !== null));
}
