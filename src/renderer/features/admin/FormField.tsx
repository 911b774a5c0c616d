import { RefreshCw, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ShownOnce } from '../../app/ShownOnce.tsx';
import { Button } from '../../ui/Button.tsx';
import { Field, type FieldProps } from '../../ui/Field.tsx';
import css from './Admin.module.css';
import formCss from './Form.module.css';
import { newWebhookSecret, randomText, useForm } from './form.ts';

export const fieldNames = {
  'settings.appId': ['appId', 'id'],
  'settings.oaId': ['oaId', 'id'],
  'secrets.appSecret': ['appSecret', 'secret'],
  'secrets.verifyToken': ['verifyToken', 'secret'],
  'secrets.pageToken': ['pageToken', 'secret'],
  'secrets.secretKey': ['secretKey', 'secret'],
  'secrets.refreshToken': ['refreshToken', 'secret'],
  'secrets.token': ['token', 'secret'],
  'settings.answers': ['answers', 'other'],
  'settings.users': ['users', 'list'],
  'settings.queues': ['queues', 'list'],
  'settings.callerIds': ['callerIds', 'list'],
  'settings.dialUrl': ['dialUrl', 'url'],
  'secrets.dialToken': ['dialToken', 'secret'],
  'settings.address': ['address', 'address'],
  'settings.name': ['senderName', 'other'],
  'settings.imap.host': ['imapHost', 'host'],
  'settings.imap.port': ['imapPort', 'number'],
  'settings.imap.security': ['imapSecurity', 'other'],
  'settings.imap.user': ['imapUser', 'empty'],
  'settings.imap.folder': ['folder', 'empty'],
  'settings.smtp.host': ['smtpHost', 'host'],
  'settings.smtp.port': ['smtpPort', 'number'],
  'settings.smtp.security': ['smtpSecurity', 'other'],
  'settings.smtp.user': ['smtpUser', 'empty'],
  'settings.ownDomains': ['ownDomains', 'domain'],
  'settings.pollSeconds': ['pollSeconds', 'number'],
  'settings.sinceDays': ['sinceDays', 'number'],
  'settings.oauth.clientId': ['clientId', 'empty'],
  'settings.oauth.tokenUrl': ['tokenUrl', 'url'],
  'settings.oauth.scope': ['scope', 'other'],
  'settings.dkim.domain': ['dkimDomain', 'domain'],
  'settings.dkim.selector': ['dkimSelector', 'other'],
  'secrets.imapPassword': ['password', 'secret'],
  'secrets.smtpPassword': ['smtpPassword', 'secret'],
  'secrets.oauthClientSecret': ['clientSecret', 'secret'],
  'secrets.oauthRefreshToken': ['refreshToken', 'secret'],
  'secrets.dkimKey': ['dkimKey', 'secret'],
  'settings.webhookUrl': ['webhookUrl', 'url'],
  'secrets.apiKeys': ['apiKeys', 'list'],
  'secrets.webhookSecrets': ['webhookSecrets', 'list'],
  'settings.allowedDomains': ['allowedDomains', 'domain'],
  'settings.preChat.name': ['preChatName', 'other'],
  'settings.preChat.phone': ['preChatPhone', 'other'],
  'settings.preChat.email': ['preChatEmail', 'other'],
  'settings.consent.vi': ['consentVi', 'empty'],
  'settings.consent.en': ['consentEn', 'empty'],
  'settings.continueByMail.channelId': ['continueChannel', 'other'],
  'settings.continueByMail.afterMs': ['continueAfter', 'number'],
  'secrets.identitySecret': ['identitySecret', 'secret'],
  'secrets.identitySecretBefore': ['identitySecretBefore', 'secret'],
} as const;
export type FieldPath = keyof typeof fieldNames;

/** The field that a path of the hub belongs to, the way in a list left out. */
export function fieldAt(path: string): FieldPath | null {
  const parts = path.split('.');
  for (let length = parts.length; length > 1; length -= 1) {
    const found = parts.slice(0, length).join('.');
    if (Object.hasOwn(fieldNames, found)) return found as FieldPath;
  }
  return null;
}

/** A field's name, and what is wrong with it: the name and what to do. */
export function useFieldTexts(): { labelOf(path: FieldPath): string; wrongOf(path: FieldPath): string } {
  const { t } = useTranslation();
  const labelOf = (path: FieldPath) => t(`channels.field.${fieldNames[path][0]}`);
  return { labelOf, wrongOf: (path) => t('channels.wrongField', { label: labelOf(path), what: t(`channels.bad.${fieldNames[path][1]}`) }) };
}

type Shown = Pick<FieldProps, 'hint' | 'placeholder' | 'lines' | 'max' | 'autoFocus'>;

/** A setting, by its path. */
export function FormField({ path, ...shown }: { path: FieldPath } & Shown) {
  const form = useForm();
  const { labelOf, wrongOf } = useFieldTexts();
  return (
    <Field
      {...shown}
      label={labelOf(path)}
      value={form.values[path] ?? ''}
      onChange={(value) => form.set(path, value)}
      error={form.wrong === path ? wrongOf(path) : null}
    />
  );
}

/** A secret that somebody else has made. `clears`: it need not be there. `makes`: of how many bytes one is made here. */
export function SecretField({ path, clears = false, makes, ...shown }: { path: FieldPath; clears?: boolean; makes?: number } & Shown) {
  const { t } = useTranslation();
  const form = useForm();
  const { labelOf, wrongOf } = useFieldTexts();
  const name = path.slice('secrets.'.length);
  const isSet = (form.channel.secrets[name] ?? 0) > 0;
  const cleared = form.rest[`clear.${name}`] === true;
  const value = form.values[path] ?? '';
  const made = form.rest[`made.${name}`] === value && value !== '';
  return (
    <div className={formCss['secret']}>
      <Field
        {...shown}
        type="password"
        label={labelOf(path)}
        value={made ? '••••••••' : value}
        onChange={(next) => {
          form.set(path, made ? next.replaceAll('•', '') : next);
          if (cleared) form.setRest(`clear.${name}`, false);
        }}
        error={form.wrong === path ? wrongOf(path) : null}
        placeholder={cleared ? t('secret.cleared') : isSet ? t('secret.kept') : (shown.placeholder ?? '')}
        autoComplete="off"
      />
      {made && <ShownOnce value={value} />}
      {((makes !== undefined && !made) || (clears && isSet && !cleared && value === '')) && (
        <div className={css['acts']}>
          {makes !== undefined && !made && (
            <Button
              size="small"
              icon={<RefreshCw size={14} aria-hidden />}
              onPress={() => {
                const fresh = randomText(makes);
                form.set(path, fresh);
                form.setRest(`made.${name}`, fresh);
              }}
            >
              {t('secret.generate')}
            </Button>
          )}
          {clears && isSet && !cleared && value === '' && (
            <Button size="small" look="quiet" icon={<Trash2 size={14} aria-hidden />} onPress={() => form.setRest(`clear.${name}`, true)}>
              {t('secret.clear')}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

const makers = { apiKeys: () => `truc_${randomText(32)}`, webhookSecrets: newWebhookSecret };

/** Secrets of which several are good at a time: a new one is made here, beside the old, which ends when somebody says so. */
export function SecretList({ name }: { name: keyof typeof makers }) {
  const { t } = useTranslation();
  const form = useForm();
  const path: FieldPath = `secrets.${name}`;
  const { labelOf, wrongOf } = useFieldTexts();
  const count = form.channel.secrets[name] ?? 0;
  const change = form.lists[name] ?? { fresh: null, drop: false };
  const old = change.fresh === null ? count > 1 : count > 0;
  return (
    <section className={formCss['secretList']} aria-label={labelOf(path)}>
      <header>
        <h3>{labelOf(path)}</h3>
        <span>{count === 0 ? t('secret.none') : t('secret.set', { count })}</span>
      </header>
      {change.fresh !== null && <ShownOnce value={change.fresh} />}
      {change.fresh !== null && count > 0 && !change.drop && <p className={css['quiet']}>{t('secret.stays')}</p>}
      {change.drop && old && <p className={css['quiet']}>{t('secret.dropped')}</p>}
      <div className={css['acts']}>
        {change.fresh === null && (
          <Button
            size="small"
            icon={<RefreshCw size={14} aria-hidden />}
            onPress={() => form.setList(name, { ...change, fresh: makers[name]() })}
          >
            {t('secret.generate')}
          </Button>
        )}
        {old && (
          <Button
            size="small"
            look="quiet"
            icon={<Trash2 size={14} aria-hidden />}
            onPress={() => form.setList(name, { ...change, drop: !change.drop })}
          >
            {t(change.drop ? 'secret.keep' : 'secret.drop')}
          </Button>
        )}
      </div>
      {form.wrong === path && (
        <p className={formCss['wrong']} role="alert">
          {wrongOf(path)}
        </p>
      )}
    </section>
  );
}

/** Fields that belong together, under their name. */
export function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className={formCss['group']}>
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}
