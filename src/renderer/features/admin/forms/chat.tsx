/** The chat on web pages: who may embed it, what is asked first, and how a page says who its visitor is. */
import { useTranslation } from 'react-i18next';
import { useQuery } from '../../../app/useQuery.ts';
import { Check } from '../../../ui/Check.tsx';
import { Pick } from '../../../ui/Choice.tsx';
import { CopyText } from '../../../ui/RichText.tsx';
import css from '../Admin.module.css';
import formCss from '../Form.module.css';
import { FormField, Group, SecretField, useFieldTexts } from '../FormField.tsx';
import { lines, list, numeric, record, str, text, typedSecrets, useForm } from '../form.ts';
import type { VendorForm } from './vendor-form.ts';

const asked = ['name', 'phone', 'email'] as const;
const howMuch = ['off', 'optional', 'required'] as const;
type HowMuch = (typeof howMuch)[number];
const minuteMs = 60_000;

export const chat: VendorForm = {
  vendor: 'chat',
  hook: null,
  begin({ settings }) {
    const [preChat, consent, mail] = [record(settings['preChat']), record(settings['consent']), record(settings['continueByMail'])];
    const after = typeof mail['afterMs'] === 'number' ? mail['afterMs'] / minuteMs : 5;
    return {
      values: {
        'settings.allowedDomains': list(settings['allowedDomains']).join('\n'),
        'settings.consent.vi': str(consent['vi']),
        'settings.consent.en': str(consent['en']),
        'settings.continueByMail.channelId': str(mail['channelId']),
        'settings.continueByMail.afterMs': String(after),
        ...Object.fromEntries(asked.map((name) => [`settings.preChat.${name}`, str(preChat[name]) || 'optional'])),
      },
      rest: {
        preChat: Object.keys(preChat).length > 0,
        consent: Object.keys(consent).length > 0,
        mail: Object.keys(mail).length > 0,
      },
    };
  },
  fill: (form) => ({
    settings: {
      allowedDomains: lines(text(form, 'settings.allowedDomains')),
      preChat:
        form.rest['preChat'] === true ? Object.fromEntries(asked.map((name) => [name, text(form, `settings.preChat.${name}`)])) : null,
      consent: form.rest['consent'] === true ? { vi: text(form, 'settings.consent.vi'), en: text(form, 'settings.consent.en') } : null,
      continueByMail:
        form.rest['mail'] === true
          ? {
              channelId: text(form, 'settings.continueByMail.channelId'),
              afterMs: numeric(form, 'settings.continueByMail.afterMs') * minuteMs,
            }
          : null,
    },
    secrets: {
      ...typedSecrets(form, ['identitySecret']),
      ...(form.rest['clear.identitySecretBefore'] === true ? { identitySecretBefore: null } : {}),
    },
  }),
  Fields: ChatFields,
};

function ChatFields() {
  const { t } = useTranslation();
  const form = useForm();
  const { labelOf } = useFieldTexts();
  const { value: reference } = useQuery('reference', null);
  const mailboxes = (reference?.channels ?? []).filter(({ kind }) => kind === 'email').map(({ id, name }) => ({ value: id, label: name }));
  const snippet = `<script src="${form.hubUrl}/widget.js?channel=${form.channel.id}" async></script>`;
  return (
    <>
      <p className={formCss['hook']}>
        {t('channels.snippet')} <CopyText text={snippet} />
      </p>
      <FormField path="settings.allowedDomains" lines={2} hint={t('channels.hintOf.allowedDomains')} />
      <Group title={t('channels.group.visitors')}>
        <Check on={form.rest['preChat'] === true} onChange={(on) => form.setRest('preChat', on)}>
          {t('channels.preChat.use')}
        </Check>
        {form.rest['preChat'] === true && (
          <div className={formCss['triple']}>
            {asked.map((name) => (
              <Pick<HowMuch>
                key={name}
                label={labelOf(`settings.preChat.${name}`)}
                value={(form.values[`settings.preChat.${name}`] ?? 'optional') as HowMuch}
                options={howMuch.map((value) => ({ value, label: t(`channels.preChat.${value}`) }))}
                onChange={(value) => form.set(`settings.preChat.${name}`, value)}
              />
            ))}
          </div>
        )}
        <Check on={form.rest['consent'] === true} onChange={(on) => form.setRest('consent', on)}>
          {t('channels.consent')}
        </Check>
        {form.rest['consent'] === true && (
          <div className={formCss['pair']}>
            <FormField path="settings.consent.vi" lines={2} />
            <FormField path="settings.consent.en" lines={2} />
          </div>
        )}
        <Check on={form.rest['mail'] === true} disabled={mailboxes.length === 0} onChange={(on) => form.setRest('mail', on)}>
          {t('channels.continueByMail')}
          {mailboxes.length === 0 && ` (${t('channels.noMailbox')})`}
        </Check>
        {form.rest['mail'] === true && (
          <div className={formCss['pair']}>
            <Pick
              label={labelOf('settings.continueByMail.channelId')}
              value={form.values['settings.continueByMail.channelId'] || null}
              options={mailboxes}
              onChange={(value) => form.set('settings.continueByMail.channelId', value)}
            />
            <FormField path="settings.continueByMail.afterMs" />
          </div>
        )}
      </Group>
      <Group title={t('channels.group.keys')}>
        <SecretField path="secrets.identitySecret" makes={36} clears hint={t('channels.hintOf.identitySecret')} />
        {(form.channel.secrets['identitySecret'] ?? 0) > 0 && <p className={css['quiet']}>{t('secret.stays')}</p>}
        {(form.channel.secrets['identitySecretBefore'] ?? 0) > 0 && (
          <Check on={form.rest['clear.identitySecretBefore'] === true} onChange={(on) => form.setRest('clear.identitySecretBefore', on)}>
            {t('secret.drop')}
          </Check>
        )}
      </Group>
    </>
  );
}
