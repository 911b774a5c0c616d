import { Lock, LogOut, UsersRound } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { keysOf, run } from '../../app/commands.ts';
import { EngineError, execute } from '../../app/engine.ts';
import { shell } from '../../app/shell.ts';
import { errorText } from '../../app/tickets.ts';
import { say } from '../../app/toasts.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Avatar } from '../../ui/Person.tsx';
import { PopoverButton, Sheet } from '../../ui/Popover.tsx';
import css from './Settings.module.css';

export function Me({ icon }: { icon: ReactNode }) {
  const { t } = useTranslation();
  const { value: session } = useQuery('session.state', null);
  const { value: status } = useQuery('status', null);
  const [asking, setAsking] = useState(false);
  const user = session?.phase === 'ready' ? session.user : null;

  const signOut = (discard: boolean) => {
    setAsking(false);
    execute('session.signOut', { discard }).catch((error: unknown) => {
      const why = error instanceof EngineError ? error.error : { code: 'INTERNAL' as const };
      if (why.code === 'UNSENT_WORK') setAsking(true);
      else say(errorText(why), { tone: 'danger' });
    });
  };
  return (
    <>
      <PopoverButton
        label={t('rail.me')}
        placement="right bottom"
        width={260}
        trigger={
          <IconButton
            size="rail"
            side="right"
            label={user?.name ?? t('rail.me')}
            icon={user ? <Avatar name={user.name} size={24} /> : icon}
            data-testid="me"
          />
        }
      >
        <div className={css['panel']}>
          {user && (
            <div className={css['who']}>
              <Avatar name={user.name} size={32} />
              <div>
                <p className={css['name']}>{user.name}</p>
                <p className={css['sub']}>{t(`role.${user.role}`)}</p>
                <p className={css['sub']}>{user.email}</p>
              </div>
            </div>
          )}
          <Button slot="close" icon={<Lock size={16} aria-hidden />} onPress={() => run('lock')} keys={keysOf('lock') ?? ''}>
            {t('people.lock')}
          </Button>
          <Button slot="close" icon={<UsersRound size={16} aria-hidden />} onPress={() => run('switchUser')}>
            {t('people.switch')}
          </Button>
          <Button slot="close" icon={<LogOut size={16} aria-hidden />} onPress={() => signOut(false)}>
            {t('me.signOut')}
          </Button>
          <p className={css['version']}>
            {session?.phase === 'ready' ? `${session.workspace.name} · ` : ''}
            {t('me.version', { version: shell.info.version })}
          </p>
        </div>
      </PopoverButton>
      <Sheet kind="alert" label={t('me.unsentTitle')} open={asking} onOpenChange={setAsking}>
        <div className={css['ask']}>
          <h2>{t('me.unsentTitle')}</h2>
          <p>{t('me.unsent', { n: status?.queued ?? 0 })}</p>
          <div className={css['acts']}>
            <Button autoFocus onPress={() => setAsking(false)}>
              {t('me.stay')}
            </Button>
            <Button look="danger" onPress={() => signOut(true)}>
              {t('me.discard')}
            </Button>
          </div>
        </div>
      </Sheet>
    </>
  );
}
