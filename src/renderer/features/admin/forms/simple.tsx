/** Forms of vendors whose accounts are a few ids and secrets: Messenger, Instagram, Zalo, programs. */
import { useTranslation } from 'react-i18next';
import { FormField, SecretField, SecretList } from '../FormField.tsx';
import { orNull, rotatedSecrets, str, text, typedSecrets } from '../form.ts';
import type { VendorForm } from './vendor-form.ts';

export const meta: Omit<VendorForm, 'vendor'> = {
  hook: '/hooks/messenger/',
  begin: () => ({ values: {}, rest: {} }),
  fill: (form) => ({ settings: {}, secrets: typedSecrets(form, ['appSecret', 'verifyToken', 'pageToken']) }),
  Fields: () => (
    <>
      <SecretField path="secrets.appSecret" />
      <SecretField path="secrets.verifyToken" makes={18} />
      <SecretField path="secrets.pageToken" clears />
    </>
  ),
};

export const zalo: VendorForm = {
  vendor: 'zalo',
  hook: '/hooks/zalo/',
  begin: ({ settings }) => ({ values: { 'settings.appId': str(settings['appId']), 'settings.oaId': str(settings['oaId']) }, rest: {} }),
  fill: (form) => ({
    settings: { appId: text(form, 'settings.appId'), oaId: orNull(text(form, 'settings.oaId')) },
    secrets: typedSecrets(form, ['secretKey', 'appSecret', 'refreshToken']),
  }),
  Fields: ZaloFields,
};

function ZaloFields() {
  const { t } = useTranslation();
  return (
    <>
      <FormField path="settings.appId" />
      <FormField path="settings.oaId" />
      <SecretField path="secrets.secretKey" />
      <SecretField path="secrets.appSecret" clears />
      <SecretField path="secrets.refreshToken" hint={t('channels.hintOf.refreshToken')} />
    </>
  );
}

/** lists of the hub's, see the accounts of programs */
const mostSecrets = 4;

export const api: VendorForm = {
  vendor: 'api',
  hook: null,
  begin: ({ settings }) => ({ values: { 'settings.webhookUrl': str(settings['webhookUrl']) }, rest: {} }),
  fill: (form, channel) => ({
    settings: { webhookUrl: orNull(text(form, 'settings.webhookUrl')) },
    secrets: rotatedSecrets(form, channel, ['apiKeys', 'webhookSecrets'], mostSecrets),
  }),
  Fields: ApiFields,
};

function ApiFields() {
  const { t } = useTranslation();
  return (
    <>
      <FormField path="settings.webhookUrl" placeholder="https://" hint={t('channels.hintOf.webhookUrl')} />
      <SecretList name="apiKeys" />
      <SecretList name="webhookSecrets" />
    </>
  );
}
