import { MessageSquare, PanelLeftOpen, PanelRightOpen, SearchX } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { foldCustomer, keysOf, run } from '../../app/commands.ts';
import { select, useDesk } from '../../app/desk.ts';
import { useMedia } from '../../app/useMedia.ts';
import { usePrefs } from '../../app/prefs.ts';
import { useQuery } from '../../app/useQuery.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Keys } from '../../ui/Keys.tsx';
import { State } from '../../ui/State.tsx';
import css from './Conversation.module.css';
import { Header } from './Header.tsx';
import { Coached } from './Coached.tsx';
import { Joining } from './Joining.tsx';
import { Timeline } from './Timeline.tsx';

export function Conversation({ ticketId, composer }: { ticketId: string | null; composer: ReactNode }) {
  const { t } = useTranslation();
  const { value: ticket } = useQuery('ticket.get', ticketId === null ? undefined : { ticketId });
  if (ticketId === null) {
    return (
      <Bare>
        <State icon={<MessageSquare size={20} aria-hidden />} title={t('ticket.none')} hint={<NoneHint />} />
      </Bare>
    );
  }
  if (ticket === undefined) return <Bare />;
  if (ticket === null) {
    return (
      <Bare>
        <State icon={<SearchX size={20} aria-hidden />} title={t('ticket.gone')} hint={t('ticket.goneHint')} />
      </Bare>
    );
  }
  return (
    <article className={css['conversation']} aria-label={ticket.subject} data-testid="conversation" data-ticket-id={ticket.id}>
      <Header ticket={ticket} before={<UnfoldInbox />} after={<UnfoldCustomer />} />
      <Coached ticketId={ticket.id} />
      <Joining key={`joining ${ticket.id}`} ticket={ticket} />
      <Timeline key={`timeline ${ticket.id}`} ticket={ticket} />
      {composer}
    </article>
  );
}

function Bare({ children }: { children?: ReactNode }) {
  return (
    <div className={css['bare']}>
      <div className={css['bareHead']}>
        <UnfoldInbox />
        <span className={css['space']} />
        <UnfoldCustomer />
      </div>
      {children}
    </div>
  );
}

/** The way back to a folded pane stands where the pane was. */
function UnfoldInbox() {
  const { t } = useTranslation();
  const open = useDesk((desk) => desk.inboxOpen);
  const tiny = useMedia('(max-width: 819px)');
  if (open && !tiny) return null;
  return (
    <IconButton
      label={t('inbox.unfold')}
      keys={keysOf('foldInbox')}
      icon={<PanelLeftOpen size={16} aria-hidden />}
      onPress={() => (tiny ? select(null) : run('foldInbox'))}
    />
  );
}

function UnfoldCustomer() {
  const { t } = useTranslation();
  const narrow = useMedia('(max-width: 1099px)');
  const open = usePrefs((prefs) => prefs.customerOpen);
  if (open && !narrow) return null;
  return (
    <IconButton
      label={t('customer.unfold')}
      keys={keysOf('foldCustomer')}
      icon={<PanelRightOpen size={16} aria-hidden />}
      onPress={foldCustomer}
    />
  );
}

function NoneHint() {
  const { t } = useTranslation();
  const shown = {
    down: keysOf('next') ?? '',
    up: keysOf('previous') ?? '',
    reply: keysOf('reply') ?? '',
    palette: keysOf('palette') ?? '',
  };
  const text = t('ticket.noneHint', {
    down: '\u0001down\u0001',
    up: '\u0001up\u0001',
    reply: '\u0001reply\u0001',
    palette: '\u0001palette\u0001',
  });
  return text.split('\u0001').map((piece, at) => {
    const keys = at % 2 === 1 ? shown[piece as keyof typeof shown] : undefined;
    return keys === undefined ? <Fragment key={at}>{piece}</Fragment> : <Keys key={at} keys={keys} spoken />;
  });
}
