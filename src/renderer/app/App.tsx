import { useEffect } from 'react';
import { I18nProvider } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { forgetAdmin } from '../features/admin/state.ts';
import { clear as clearCall } from '../features/calls/form.ts';
import { SignIn } from '../features/sign-in/SignIn.tsx';
import { Expired } from '../features/sign-in/Expired.tsx';
import { FirstLoad } from '../features/sign-in/FirstLoad.tsx';
import { Locked } from '../features/sign-in/Locked.tsx';
import { State } from '../ui/State.tsx';
import { Broken } from './Broken.tsx';
import { resetDesk } from './desk.ts';
import { forgetDrafts } from './drafts.ts';
import { usePrefs } from './prefs.ts';
import { Frame } from './Frame.tsx';
import { hushAll } from './toasts.ts';
import { useLate } from './useLate.ts';
import { useQuery } from './useQuery.ts';

export function App() {
  const language = usePrefs((prefs) => prefs.language);
  return (
    <I18nProvider locale={language === 'vi' ? 'vi-VN' : 'en-GB'}>
      <Broken>
        <Phase />
      </Broken>
    </I18nProvider>
  );
}

function Phase() {
  const { t } = useTranslation();
  const { value: session } = useQuery('session.state', null);
  const late = useLate(session === undefined || session.phase === 'starting');
  const signedOut = session?.phase === 'signedOut';
  useEffect(() => {
    if (!signedOut) return;
    resetDesk();
    forgetDrafts();
    hushAll();
    clearCall();
    forgetAdmin();
  }, [signedOut]);
  if (session === undefined || session.phase === 'starting') {
    return late ? <State role="status" title={t('app.starting')} /> : null;
  }
  if (session.phase === 'signedOut') return <SignIn session={session} />;
  if (session.phase === 'locked') return <Locked session={session} />;
  if (session.phase === 'expired') return <Expired session={session} />;
  if (session.phase === 'loading') return <FirstLoad session={session} />;
  return <Frame />;
}
