import { PenLine, Phone, PhoneIncoming, PhoneOff, UserRound, X } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { LiveCall } from '../../../shared/protocol.ts';
import { useTick } from '../../app/clock.ts';
import { desk, openTicket, setDesk } from '../../app/desk.ts';
import { execute } from '../../app/engine.ts';
import { hearPops } from '../../app/shell.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { showPhone } from '../../ui/phone.ts';
import { callTime } from '../../ui/time.ts';
import css from './CallPop.module.css';
import { clear, fill, useCallForm } from './form.ts';

/** Calls that concern me, over whatever I am doing; they take no focus. */
export function CallPop() {
  useEffect(() => hearPops(popped), []);
  const { t } = useTranslation();
  const { value: calls } = useQuery('calls.live', null);
  if (!calls || calls.length === 0) return null;
  return (
    <section className={css['pops']} aria-label={t('pop.region')} aria-live="assertive" data-testid="call-pops">
      {calls.map((call) => (
        <Pop key={call.id} call={call} />
      ))}
    </section>
  );
}

/** What a soft phone shows is written down as a call; a note that has been begun is not written over. */
function popped(phone: string): void {
  const { form } = useCallForm.getState();
  if (form === null || (form.body === '' && form.subject === '')) {
    clear();
    fill({ phone: showPhone(phone) });
  }
  setDesk({ screen: 'call' });
}

/** The note opens with what the exchange knows. A call that has ended keeps the time that it took. */
function note(call: LiveCall): void {
  if (call.ticketId !== null) openTicket(call.ticketId);
  if (useCallForm.getState().form?.callId !== call.id) {
    fill({
      callId: call.id,
      phone: call.phone ?? call.shown ?? '',
      name: call.customerName ?? '',
      known:
        call.customerId === null || call.customerName === null
          ? null
          : { id: call.customerId, name: call.customerName, identities: [], openTickets: 0 },
      queueId: call.queueId,
      direction: call.direction,
      outcome: 'answered',
      startedAt: call.answeredAt ?? call.startedAt,
      duration: call.state === 'ended' ? callTime(Math.round(call.talkMs / 1000)) : null,
      onto: call.ticketId !== null && desk().selectedId === call.ticketId,
    });
  }
  setDesk({ screen: 'call' });
}

function Pop({ call }: { call: LiveCall }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const length = useTick((now) =>
    call.state === 'ringing'
      ? ''
      : callTime(Math.round(call.state === 'ended' ? call.talkMs / 1000 : Math.max(0, now - (call.answeredAt ?? call.startedAt)) / 1000)),
  );
  const number = call.phone === null ? (call.shown ?? t('pop.hidden')) : showPhone(call.phone);
  const queue = reference?.queues.find(({ id }) => id === call.queueId)?.name;
  const Glyph = call.state === 'ringing' ? PhoneIncoming : call.state === 'talking' ? Phone : PhoneOff;
  return (
    <article className={`${css['pop']} ${css[call.state]}`} data-testid="call-pop" data-state={call.state}>
      <span className={css['glyph']}>
        <Glyph size={20} aria-hidden />
      </span>
      <div className={css['who']}>
        <p className={css['state']}>
          {t(`pop.${call.state}`)}
          {length !== '' && <span className={css['length']}>{length}</span>}
          {queue !== undefined && <span className={css['queue']}>{queue}</span>}
        </p>
        <p className={css['name']}>{call.customerName ?? number}</p>
        {call.customerName !== null && <p className={css['number']}>{number}</p>}
      </div>
      {call.state === 'ended' && (
        <IconButton
          size="small"
          label={t('pop.dismiss')}
          icon={<X size={14} aria-hidden />}
          onPress={() => void execute('call.dismiss', { callId: call.id }).catch(() => undefined)}
        />
      )}
      <div className={css['acts']}>
        {call.ticketId !== null && (
          <Button
            size="small"
            icon={<UserRound size={14} aria-hidden />}
            onPress={() => call.ticketId !== null && openTicket(call.ticketId)}
          >
            {t('pop.openTicket')}
          </Button>
        )}
        {call.state !== 'ringing' && (
          <Button size="small" look="primary" icon={<PenLine size={14} aria-hidden />} onPress={() => note(call)}>
            {t('pop.note')}
          </Button>
        )}
      </div>
    </article>
  );
}
