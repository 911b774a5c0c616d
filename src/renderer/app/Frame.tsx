import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Attention } from '../features/attention/Attention.tsx';
import { LaterAdmin } from '../features/admin/Later.tsx';
import { CallPop } from '../features/calls/CallPop.tsx';
import { PhoneNote } from '../features/calls/PhoneNote.tsx';
import { Conversation } from '../features/conversation/Conversation.tsx';
import { Composer } from '../features/composer/Composer.tsx';
import { CustomerPane } from '../features/customer/CustomerPane.tsx';
import { WhyButton } from '../features/why/Why.tsx';
import { LaterFloor } from '../features/floor/Later.tsx';
import { Inbox } from '../features/inbox/Inbox.tsx';
import { Alarm } from '../features/shift/Alarm.tsx';
import { OfferPop } from '../features/shift/OfferPop.tsx';
import { fetchSearch, LaterSearch } from '../features/search/Later.tsx';
import { Sheet } from '../ui/Popover.tsx';
import { Splitter } from '../ui/Splitter.tsx';
import { CheatSheet } from './CheatSheet.tsx';
import { setDesk, useDesk } from './desk.ts';
import { execute } from './engine.ts';
import css from './Frame.module.css';
import { Palette } from './Palette.tsx';
import { setPref, usePrefs } from './prefs.ts';
import { Rail } from './Rail.tsx';
import { StatusBar } from './StatusBar.tsx';
import { Toasts } from './Toasts.tsx';
import { useMedia } from './useMedia.ts';
import { useQuery } from './useQuery.ts';
import { useShortcuts } from './useShortcuts.ts';

export function Frame() {
  const { t } = useTranslation();
  const screen = useDesk((desk) => desk.screen);
  const selectedId = useDesk((desk) => desk.selectedId);
  const inboxOpen = useDesk((desk) => desk.inboxOpen);
  const drawer = useDesk((desk) => desk.drawer);
  const { inboxWidth, customerWidth, customerOpen } = usePrefs();
  const narrow = useMedia('(max-width: 1099px)');
  const tiny = useMedia('(max-width: 819px)');
  useShortcuts(true);
  useEffect(fetchSearch, []);
  useQuery('reference', null);
  const { value: ticket } = useQuery('ticket.get', selectedId === null ? undefined : { ticketId: selectedId });
  const customerId = screen === 'inbox' ? (ticket?.customerId ?? null) : null;

  const viewed = screen === 'inbox' ? selectedId : null;
  useEffect(() => {
    const timer = setTimeout(() => void execute('viewing', { ticketId: viewed, typing: false }).catch(() => undefined), 150);
    return () => clearTimeout(timer);
  }, [viewed]);

  // Focus is never lost: what held it may have gone with the ticket or the screen.
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      if (document.activeElement === null || document.activeElement === document.body)
        (document.getElementById('inbox-list') ?? document.getElementById('main'))?.focus();
    });
    return () => cancelAnimationFrame(frame);
  });

  // A very small window, or a large zoom: the list and the ticket take turns.
  const drilled = tiny && screen === 'inbox' && selectedId !== null;
  const withInbox = tiny
    ? screen === 'inbox' && !drilled
    : inboxOpen && screen !== 'attention' && screen !== 'search' && screen !== 'channels' && screen !== 'floor';
  const withPane = screen === 'inbox' && customerOpen && !narrow;
  const why = selectedId === null ? null : <WhyButton key={selectedId} ticketId={selectedId} />;
  return (
    <div className={css['frame']}>
      <Rail />
      <div className={css['panes']}>
        {withInbox && (
          <>
            <div className={css['inbox']} style={{ width: tiny ? '100%' : inboxWidth }}>
              <Inbox />
            </div>
            <Splitter
              label={t('inbox.resize')}
              value={inboxWidth}
              min={320}
              max={420}
              side="left"
              onChange={(width) => setPref('inboxWidth', width)}
            />
          </>
        )}
        <main
          id="main"
          tabIndex={-1}
          hidden={tiny && withInbox}
          className={css['main']}
          data-testid={`view-${screen === 'inbox' ? 'ticket' : screen}`}
          aria-label={t('app.main')}
        >
          {screen === 'attention' ? (
            <Attention />
          ) : screen === 'channels' ? (
            <LaterAdmin />
          ) : screen === 'floor' ? (
            <LaterFloor />
          ) : screen === 'search' ? (
            <LaterSearch />
          ) : screen === 'call' ? (
            <PhoneNote onto={ticket ?? null} />
          ) : (
            <Conversation ticketId={selectedId} composer={ticket ? <Composer key={ticket.id} ticket={ticket} /> : null} />
          )}
        </main>
        {withPane && (
          <>
            <Splitter
              label={t('customer.resize')}
              value={customerWidth}
              min={300}
              max={380}
              side="right"
              onChange={(width) => setPref('customerWidth', width)}
            />
            <div className={css['customer']} style={{ width: customerWidth }}>
              <CustomerPane customerId={customerId} ticketId={selectedId} service={why} />
            </div>
          </>
        )}
        {narrow && (
          <Sheet kind="drawer" label={t('customer.pane')} open={drawer} onOpenChange={(open) => setDesk({ drawer: open })}>
            <CustomerPane customerId={customerId} ticketId={selectedId} service={why} />
          </Sheet>
        )}
      </div>
      <CallPop />
      <OfferPop />
      <Alarm />
      <StatusBar />
      <Toasts overPane={withPane ? customerWidth : null} />
      <Palette />
      <CheatSheet />
    </div>
  );
}
