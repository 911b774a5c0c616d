import { CircleAlert, Lock } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionState } from '../../../shared/bridge.ts';
import { EngineError, execute } from '../../app/engine.ts';
import { useLate } from '../../app/useLate.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Avatar } from '../../ui/Person.tsx';
import css from './SignIn.module.css';

const explained = ['HUB_UNREACHABLE', 'TOO_MANY_ATTEMPTS'] as const;

/** Nobody touched the machine for a while, or the agent locked it. */
export function Locked({ session }: { session: Extract<SessionState, { phase: 'locked' }> }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const late = useLate(busy);
  const { user, triesLeft } = session;

  const enter = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await execute('session.unlock', { password });
    } catch (error) {
      const code = error instanceof EngineError ? error.error.code : 'INTERNAL';
      const known = explained.find((each) => each === code);
      setProblem(code === 'WRONG_CREDENTIALS' ? t('locked.wrong') : known ? t(`locked.${known}`) : t('locked.other'));
      setPassword('');
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (password !== '' && !busy) void enter();
  };
  const few = triesLeft > 0 && triesLeft < 5;
  return (
    <div className={css['page']}>
      <main className={css['card']} data-testid="locked">
        <header className={css['head']}>
          <span className={css['logo']} aria-hidden>
            <Lock size={20} />
          </span>
          <h1>{t('locked.title')}</h1>
          <p className={css['hub']}>{t('locked.hint')}</p>
        </header>
        <div className={css['whoami']}>
          <Avatar name={user.name} size={32} />
          <span className={css['person']}>
            <strong>{user.name}</strong>
            <span>{user.email}</span>
          </span>
        </div>
        {triesLeft === 0 && (
          <p className={`${css['banner']} ${css['warning']}`} role="status">
            <CircleAlert size={16} aria-hidden />
            {t('locked.hub')}
          </p>
        )}
        <form className={css['form']} aria-label={t('locked.title')} onSubmit={submit} noValidate>
          <Field
            label={t('signIn.password')}
            type="password"
            autoComplete="current-password"
            autoFocus
            value={password}
            onChange={setPassword}
            error={null}
          />
          {problem !== null && (
            <p className={`${css['banner']} ${css['danger']}`} role="alert">
              <CircleAlert size={16} aria-hidden />
              <span>
                {problem}
                {few && ` ${t('locked.tries', { count: triesLeft })}`}
              </span>
            </p>
          )}
          <Button type="submit" look="primary" size="large" grow>
            {late ? t('locked.busy') : t('locked.unlock')}
          </Button>
          <Button look="quiet" onPress={() => void execute('session.switch', null).catch(() => undefined)}>
            {t('locked.switch')}
          </Button>
        </form>
      </main>
    </div>
  );
}
