import { RotateCw } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { i18n } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { State } from '../ui/State.tsx';

/** A bug in a screen: say what is safe and offer the way on. React has no hook for this. */
export class Broken extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };
  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }
  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <State
        role="alert"
        title={i18n.t('app.broken')}
        hint={i18n.t('app.brokenSafe')}
        action={
          <Button look="primary" icon={<RotateCw size={16} aria-hidden />} onPress={() => window.location.reload()}>
            {i18n.t('app.reload')}
          </Button>
        }
      />
    );
  }
}
