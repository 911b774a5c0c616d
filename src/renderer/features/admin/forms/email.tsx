/** A mailbox: presets fill in the servers, the rest is folded away. */
import { useTranslation } from 'react-i18next';
import { Check } from '../../../ui/Check.tsx';
import { Segments } from '../../../ui/Choice.tsx';
import formCss from '../Form.module.css';
import { FormField, Group, SecretField } from '../FormField.tsx';
import { type FormState, lines, list, numeric, orNull, record, str, text, typedSecrets, useForm } from '../form.ts';
import type { VendorForm } from './vendor-form.ts';

type Preset = 'gmail' | 'microsoft' | 'own';
type Security = 'tls' | 'starttls' | 'none';

const servers: Record<Preset, Record<string, string>> = {
  gmail: {
    'settings.imap.host': 'imap.gmail.com',
    'settings.imap.port': '993',
    'settings.imap.security': 'tls',
    'settings.smtp.host': 'smtp.gmail.com',
    'settings.smtp.port': '465',
    'settings.smtp.security': 'tls',
    'settings.oauth.tokenUrl': 'https://oauth2.googleapis.com/token',
    'settings.oauth.scope': '',
  },
  microsoft: {
    'settings.imap.host': 'outlook.office365.com',
    'settings.imap.port': '993',
    'settings.imap.security': 'tls',
    'settings.smtp.host': 'smtp.office365.com',
    'settings.smtp.port': '587',
    'settings.smtp.security': 'starttls',
    'settings.oauth.tokenUrl': 'https://login.microsoftonline.com/TENANT/oauth2/v2.0/token',
    'settings.oauth.scope': 'https://outlook.office365.com/.default',
  },
  own: {
    'settings.imap.port': '993',
    'settings.imap.security': 'tls',
    'settings.smtp.port': '465',
    'settings.smtp.security': 'tls',
  },
};

const presetOf = (host: string): Preset => (host === 'imap.gmail.com' ? 'gmail' : host === 'outlook.office365.com' ? 'microsoft' : 'own');

export const email: VendorForm = {
  vendor: 'email',
  hook: null,
  begin({ settings, secrets, vendor }) {
    const [imap, smtp, oauth, dkim] = ['imap', 'smtp', 'oauth', 'dkim'].map((name) => record(settings[name])) as [
      Record<string, unknown>,
      Record<string, unknown>,
      Record<string, unknown>,
      Record<string, unknown>,
    ];
    const fresh = vendor === null;
    const values: Record<string, string> = {
      ...servers[fresh ? 'own' : presetOf(str(imap['host']))],
      'settings.address': str(settings['address']),
      'settings.name': str(settings['name']),
      'settings.imap.folder': str(imap['folder']) || 'INBOX',
      'settings.ownDomains': list(settings['ownDomains']).join('\n'),
      'settings.pollSeconds': str(settings['pollSeconds']) || '60',
      'settings.sinceDays': str(settings['sinceDays']) || '0',
    };
    for (const [name, of] of Object.entries({ imap, smtp, oauth, dkim }))
      for (const [key, value] of Object.entries(of)) values[`settings.${name}.${key}`] = str(value);
    return {
      values,
      rest: {
        preset: fresh ? 'own' : presetOf(str(imap['host'])),
        oauth: Object.keys(oauth).length > 0,
        separate: !fresh && (str(smtp['user']) !== str(imap['user']) || (secrets['smtpPassword'] ?? 0) !== (secrets['imapPassword'] ?? 0)),
        plusAddresses: settings['plusAddresses'] !== false,
        keepsSent: settings['keepsSent'] === true,
        dkim: Object.keys(dkim).length > 0,
      },
    };
  },
  fill(form, { secrets: known }) {
    const { rest } = form;
    const user = text(form, 'settings.imap.user') || text(form, 'settings.address');
    const server = (name: 'imap' | 'smtp') => ({
      host: text(form, `settings.${name}.host`),
      port: numeric(form, `settings.${name}.port`),
      security: text(form, `settings.${name}.security`),
    });
    const byOauth = rest['oauth'] === true;
    const secrets = typedSecrets(form, byOauth ? ['oauthClientSecret', 'oauthRefreshToken'] : ['imapPassword', 'smtpPassword']);
    // One password for both, unless somebody says otherwise.
    if (!byOauth && rest['separate'] !== true && secrets['imapPassword'] !== undefined) secrets['smtpPassword'] = secrets['imapPassword'];
    const signs = rest['dkim'] === true;
    if (signs) Object.assign(secrets, typedSecrets(form, ['dkimKey']));
    else if ((known['dkimKey'] ?? 0) > 0) secrets['dkimKey'] = null;
    return {
      settings: {
        address: text(form, 'settings.address'),
        name: text(form, 'settings.name'),
        imap: { ...server('imap'), user, folder: text(form, 'settings.imap.folder') },
        smtp: { ...server('smtp'), user: rest['separate'] === true ? orNull(text(form, 'settings.smtp.user')) : user },
        ownDomains: lines(text(form, 'settings.ownDomains')),
        pollSeconds: numeric(form, 'settings.pollSeconds'),
        sinceDays: numeric(form, 'settings.sinceDays'),
        plusAddresses: rest['plusAddresses'] === true,
        keepsSent: rest['keepsSent'] === true,
        oauth: byOauth
          ? {
              clientId: text(form, 'settings.oauth.clientId'),
              tokenUrl: text(form, 'settings.oauth.tokenUrl'),
              scope: orNull(text(form, 'settings.oauth.scope')),
            }
          : null,
        dkim: signs ? { domain: text(form, 'settings.dkim.domain'), selector: text(form, 'settings.dkim.selector') } : null,
      },
      secrets,
    };
  },
  Fields: EmailFields,
};

const isOpen = (form: FormState & { wrong: string | null }) =>
  form.rest['preset'] === 'own' || /^settings\.(imap|smtp|ownDomains|pollSeconds|sinceDays|dkim)/.test(form.wrong ?? '');

function EmailFields() {
  const { t } = useTranslation();
  const form = useForm();
  const { rest } = form;
  const preset = rest['preset'] as Preset;
  const byOauth = rest['oauth'] === true;
  const choose = (next: Preset) => {
    form.setRest('preset', next);
    for (const [path, value] of Object.entries(servers[next])) form.set(path, value);
    if (next !== 'own') form.setRest('keepsSent', true);
    // It has no passwords for programs any more.
    if (next === 'microsoft') form.setRest('oauth', true);
    if (next !== 'microsoft' && preset === 'microsoft') form.setRest('oauth', false);
  };
  const security = (path: 'settings.imap.security' | 'settings.smtp.security') => (
    <Segments<Security>
      label={t(path === 'settings.imap.security' ? 'channels.field.imapSecurity' : 'channels.field.smtpSecurity')}
      value={(form.values[path] ?? 'tls') as Security}
      options={(['tls', 'starttls', 'none'] as const).map((value) => ({ value, label: t(`channels.mail.secure.${value}`) }))}
      onChange={(value) => form.set(path, value)}
    />
  );
  return (
    <>
      <Segments<Preset>
        label={t('channels.mail.preset')}
        value={preset}
        options={(['gmail', 'microsoft', 'own'] as const).map((value) => ({ value, label: t(`channels.mail.${value}`) }))}
        onChange={choose}
      />
      <p className={formCss['advice']}>{t(`channels.mail.hint.${preset === 'gmail' && byOauth ? 'gmailOauth' : preset}`)}</p>
      <div className={formCss['pair']}>
        <FormField path="settings.address" placeholder="cskh@…" />
        <FormField path="settings.name" />
      </div>
      <Group title={t('channels.group.signIn')}>
        {preset !== 'microsoft' && (
          <Segments<'password' | 'oauth'>
            label={t('channels.mail.way')}
            value={byOauth ? 'oauth' : 'password'}
            options={(['password', 'oauth'] as const).map((value) => ({ value, label: t(`channels.mail.${value}`) }))}
            onChange={(value) => form.setRest('oauth', value === 'oauth')}
          />
        )}
        {byOauth ? (
          <>
            <FormField path="settings.oauth.clientId" />
            <SecretField path="secrets.oauthClientSecret" clears />
            <SecretField path="secrets.oauthRefreshToken" clears />
            <FormField path="settings.oauth.tokenUrl" />
            <FormField path="settings.oauth.scope" hint={t('channels.hintOf.scope')} />
          </>
        ) : (
          <>
            <SecretField path="secrets.imapPassword" />
            <Check on={rest['separate'] === true} onChange={(on) => form.setRest('separate', on)}>
              {t('channels.mail.separate')}
            </Check>
            {rest['separate'] === true && (
              <div className={formCss['pair']}>
                <FormField path="settings.smtp.user" />
                <SecretField path="secrets.smtpPassword" clears />
              </div>
            )}
          </>
        )}
      </Group>
      <details className={formCss['fold']} open={isOpen(form)}>
        <summary>{t('channels.group.servers')}</summary>
        <div className={formCss['foldIn']}>
          <div className={formCss['server']}>
            <FormField path="settings.imap.host" />
            <FormField path="settings.imap.port" />
            {security('settings.imap.security')}
          </div>
          <div className={formCss['server']}>
            <FormField path="settings.smtp.host" />
            <FormField path="settings.smtp.port" />
            {security('settings.smtp.security')}
          </div>
          <div className={formCss['pair']}>
            <FormField path="settings.imap.user" placeholder={form.values['settings.address'] ?? ''} />
            <FormField path="settings.imap.folder" />
          </div>
        </div>
      </details>
      <details className={formCss['fold']}>
        <summary>{t('channels.group.advanced')}</summary>
        <div className={formCss['foldIn']}>
          <FormField path="settings.ownDomains" lines={2} hint={t('channels.hintOf.ownDomains')} />
          <div className={formCss['pair']}>
            <FormField path="settings.sinceDays" hint={t('channels.hintOf.sinceDays')} />
            <FormField path="settings.pollSeconds" />
          </div>
          <Check on={rest['plusAddresses'] === true} onChange={(on) => form.setRest('plusAddresses', on)}>
            {t('channels.mail.plus')}
          </Check>
          <Check on={rest['keepsSent'] === true} onChange={(on) => form.setRest('keepsSent', on)}>
            {t('channels.mail.keepsSent')}
          </Check>
          <Check on={rest['dkim'] === true} onChange={(on) => form.setRest('dkim', on)}>
            {t('channels.mail.dkim')}
          </Check>
          {rest['dkim'] === true && (
            <>
              <div className={formCss['pair']}>
                <FormField path="settings.dkim.domain" />
                <FormField path="settings.dkim.selector" />
              </div>
              <SecretField path="secrets.dkimKey" lines={3} />
            </>
          )}
        </div>
      </details>
    </>
  );
}
