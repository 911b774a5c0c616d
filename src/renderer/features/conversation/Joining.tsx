import { Bot, GitMerge } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TicketDetail } from '../../../shared/bridge.ts';
import { goAlong, select, useDesk } from '../../app/desk.ts';
import { isSettled } from '../../app/limits.ts';
import { refOf } from '../../app/refs.ts';
import { change } from '../../app/tickets.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import css from './Joining.module.css';

/** Who else has a part in this ticket: a bot that still answers, another ticket in which it goes on, or could. */
export function Joining({ ticket }: { ticket: TicketDetail }) {
  if (ticket.status === 'bot') return <WithBot ticket={ticket} />;
  if (ticket.merged !== null) return <GoesOn from={ticket.id} into={ticket.merged.into} />;
  return isSettled(ticket.status) ? null : <Offer ticket={ticket} />;
}

/** An agent may take it over at any time; what the bot says after that is refused. */
function WithBot({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  return (
    <div className={css['bar']} role="status" data-testid="with-bot">
      <Bot size={14} aria-hidden />
      <span className={css['text']}>{t('join.withBot')}</span>
      <Button size="small" onPress={() => void change('bot.takeOver', { ticketId: ticket.id })}>
        {t('join.takeOver')}
      </Button>
    </div>
  );
}

function GoesOn({ from, into }: { from: string; into: string }) {
  const { t } = useTranslation();
  const { value: target } = useQuery('ticket.get', { ticketId: into });
  const here = target !== undefined && target !== null;
  // Whoever joined it goes along; nobody else's screen changes under their eyes.
  const goes = useDesk((desk) => desk.joining === from) && here;
  useEffect(() => {
    if (goes) select(into);
  }, [goes, into]);
  const ref = (here && refOf(target)) || '…';
  return (
    <div className={css['bar']} role="status" data-testid="goes-on">
      <GitMerge size={14} aria-hidden />
      <span className={css['text']}>{t('join.goesOn', { ref })}</span>
      {here && (
        <Button size="small" onPress={() => select(into)}>
          {t('join.open', { ref })}
        </Button>
      )}
    </div>
  );
}

function Offer({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const { value: view } = useQuery('customer.view', { customerId: ticket.customerId });
  const [asked, setAsked] = useState(false);
  const other = view?.journey.find(({ id, inReach, status }) => id !== ticket.id && inReach && !isSettled(status));
  if (!other) return null;
  const ref = refOf({ ...other, provisionalRef: null }) ?? '…';
  const join = () => void change('ticket.join', { ticketId: ticket.id, intoId: other.id }).then((done) => done && goAlong(ticket.id));
  return (
    <div className={css['bar']} data-testid="join-offer">
      <GitMerge size={14} aria-hidden />
      <span className={css['text']}>{asked ? t('join.sure') : t('join.offer', { ref, subject: other.subject })}</span>
      {asked ? (
        <>
          <Button size="small" look="primary" onPress={join}>
            {t('join.accept')}
          </Button>
          <Button size="small" look="quiet" onPress={() => setAsked(false)}>
            {t('join.cancel')}
          </Button>
        </>
      ) : (
        <>
          <Button size="small" look="quiet" onPress={() => select(other.id)}>
            {t('join.open', { ref })}
          </Button>
          <Button size="small" onPress={() => setAsked(true)}>
            {t('join.ask')}
          </Button>
        </>
      )}
    </div>
  );
}
