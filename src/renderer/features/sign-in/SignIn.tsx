import { CircleAlert, CloudOff, Info } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DemoAccount, SessionState } from '../../../shared/bridge.ts';
import { EngineError, execute } from '../../app/engine.ts';
import { setPref, usePrefs } from '../../app/prefs.ts';
import { useLate } from '../../app/useLate.ts';
import { useShownOnce } from '../../app/useShownOnce.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Avatar } from '../../ui/Person.tsx';
import css from './SignIn.module.css';

type SignedOut = Extract<SessionState, { phase: 'signedOut' }>;
const explained = ['WRONG_CREDENTIALS', 'TOO_MANY_ATTEMPTS', 'HUB_UNREACHABLE', 'STORAGE'] as const;

export function SignIn({ session }: { session: SignedOut }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const late = useLate(busy !== null);
  useShownOnce('sign-in', true);

  const enter = async (who: string, secret: string) => {
    setBusy(who);
    setProblem(null);
    try {
      await execute('session.signIn', { email: who, password: secret });
    } catch (error) {
      const code = error instanceof EngineError ? error.error.code : 'INTERNAL';
      const known = explained.find((each) => each === code);
      setProblem(known ? t(`signIn.${known}`) : t('signIn.other'));
    } finally {
      setBusy(null);
    }
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const incomplete = email.trim() === '' || password === '';
    setMissing(incomplete);
    if (!incomplete && busy === null) void enter(email.trim(), password);
  };

  return (
    <div className={css['page']}>
      <main className={css['card']}>
        <header className={css['head']}>
          <span className={css['logo']} aria-hidden>
            <Logo />
          </span>
          <h1>{t('signIn.title')}</h1>
          <p className={css['hub']}>
            {t('signIn.hub')} <span>{session.hubUrl}</span>
          </p>
        </header>
        {session.reason !== null && (
          <p className={`${css['banner']} ${css['info']}`} role="status">
            <Info size={16} aria-hidden />
            {t(`signIn.${session.reason}`)}
          </p>
        )}
        {session.hubReachable === false && (
          <p className={`${css['banner']} ${css['warning']}`} role="status">
            <CloudOff size={16} aria-hidden />
            {t('signIn.unreachable')}
          </p>
        )}
        <form className={css['form']} data-testid="sign-in-form" aria-label={t('signIn.title')} onSubmit={submit} noValidate>
          <Field
            label={t('signIn.email')}
            type="email"
            autoComplete="username"
            autoFocus
            value={email}
            onChange={setEmail}
            error={missing && email.trim() === '' ? t('signIn.needEmail') : null}
          />
          <Field
            label={t('signIn.password')}
            type="password"
            autoComplete="current-password"
            value={password}
            onChange={setPassword}
            error={missing && password === '' ? t('signIn.needPassword') : null}
          />
          {problem !== null && (
            <p className={`${css['banner']} ${css['danger']}`} role="alert">
              <CircleAlert size={16} aria-hidden />
              {problem}
            </p>
          )}
          <Button type="submit" look="primary" size="large" grow>
            {late ? t('signIn.busy') : t('signIn.submit')}
          </Button>
        </form>
        {session.accounts.length > 0 && (
          <section className={css['demo']} aria-label={t('people.title')}>
            <h2>{t('people.title')}</h2>
            <ul className={css['accounts']}>
              {session.accounts.map((account) => (
                <li key={account.email}>
                  <button
                    type="button"
                    className={css['account']}
                    disabled={busy !== null}
                    aria-label={t('people.choose', { name: account.name })}
                    data-testid="known-account"
                    onClick={() => {
                      setEmail(account.email);
                      document.querySelector<HTMLInputElement>('input[type="password"]')?.focus();
                    }}
                  >
                    <Avatar name={account.name} size={32} />
                    <span className={css['person']}>
                      <strong>{account.name}</strong>
                      <span>{account.unsent > 0 ? t('people.unsent', { count: account.unsent }) : account.email}</span>
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
        {session.demoAccounts.length > 0 && (
          <section className={css['demo']} aria-label={t('signIn.demo')}>
            <h2>{t('signIn.demo')}</h2>
            <p>{t('signIn.demoHint')}</p>
            <ul className={css['accounts']}>
              {session.demoAccounts.map((account) => (
                <li key={account.email}>
                  <DemoCard account={account} disabled={busy !== null} onEnter={() => void enter(account.email, account.password)} />
                </li>
              ))}
            </ul>
          </section>
        )}
      </main>
      <button
        type="button"
        className={css['language']}
        lang={language === 'vi' ? 'en' : 'vi'}
        onClick={() => setPref('language', language === 'vi' ? 'en' : 'vi')}
      >
        {language === 'vi' ? 'English' : 'Tiếng Việt'}
      </button>
    </div>
  );
}

function DemoCard({ account, disabled, onEnter }: { account: DemoAccount; disabled: boolean; onEnter: () => void }) {
  const { t } = useTranslation();
  const role = account.role === 'agent' || account.role === 'lead' || account.role === 'admin' ? t(`role.${account.role}`) : account.role;
  return (
    <button
      type="button"
      className={css['account']}
      disabled={disabled}
      aria-label={t('signIn.demoAs', { name: account.name })}
      onClick={onEnter}
    >
      <Avatar name={account.name} size={32} />
      <span className={css['person']}>
        <strong>{account.name}</strong>
        <span>{role}</span>
      </span>
    </button>
  );
}

/** A ring with a gap: the clock that runs on every desk. */
export function Logo() {
  return (
    <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden>
      <circle
        cx="12"
        cy="12"
        r="8.5"
        fill="none"
        stroke="currentColor"
        strokeWidth="3"
        strokeLinecap="round"
        pathLength="100"
        strokeDasharray="76 24"
        transform="rotate(-90 12 12)"
      />
      <circle cx="12" cy="12" r="2.5" fill="currentColor" />
    </svg>
  );
}
