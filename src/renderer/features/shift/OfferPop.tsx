import { Check, X } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { RingingOffer } from '../../../shared/bridge-shift.ts';
import { useTick } from '../../app/clock.ts';
import { keysOf } from '../../app/commands.ts';
import { notify } from '../../app/notify.ts';
import { i18n } from '../../i18n/i18n.ts';
import { answerOffer } from '../../app/shift.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { ChannelGlyph } from '../../ui/Channel.tsx';
import css from './OfferPop.module.css';

/** Work that rings for me, over whatever I am doing; it takes no focus. The first one has the keys. */
export function OfferPop() {
  const { t } = useTranslation();
  const { value: shift } = useQuery('shift', null);
  const offers = shift?.offers ?? [];
  if (offers.length === 0) return null;
  return (
    <section className={css['offers']} aria-label={t('offer.region')} aria-live="assertive" data-testid="offers">
      {offers.map((offer, index) => (
        <Offer key={offer.id} offer={offer} first={index === 0} />
      ))}
    </section>
  );
}

function Offer({ offer, first }: { offer: RingingOffer; first: boolean }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const seconds = useTick((now) => Math.max(0, Math.ceil((offer.until - now) / 1000)));
  const whole = Math.max(1, Math.round((offer.until - offer.at) / 1000));
  const queue = reference?.queues.find(({ id }) => id === offer.queueId)?.name ?? '';
  const { ticket } = offer;
  // It rings once, also for whoever is looking at another window.
  useEffect(() => notify(i18n.t('offer.title'), () => undefined), []);
  if (seconds === 0) return null;
  return (
    <article className={css['offer']} data-testid="offer" aria-label={t('offer.title')}>
      <span className={css['ring']} data-last={seconds <= 5 ? 'true' : undefined} role="timer" aria-label={t('offer.left', { n: seconds })}>
        <svg width="40" height="40" viewBox="0 0 40 40" aria-hidden>
          <circle cx="20" cy="20" r="17" fill="none" stroke="currentColor" strokeWidth="3" opacity="0.2" />
          <circle
            cx="20"
            cy="20"
            r="17"
            fill="none"
            stroke="currentColor"
            strokeWidth="3"
            strokeLinecap="round"
            pathLength="100"
            strokeDasharray={`${Math.min(100, (seconds / whole) * 100)} 100`}
            transform="rotate(-90 20 20)"
          />
        </svg>
        <span className={css['seconds']}>{seconds}</span>
      </span>
      <div className={css['about']}>
        <p className={css['kind']}>
          {ticket && <ChannelGlyph kind={ticket.channel} size={14} />}
          <span>{t('offer.title')}</span>
          {queue !== '' && <span className={css['queue']}>{queue}</span>}
        </p>
        <p className={css['name']}>{ticket ? ticket.customerName : t('offer.loading')}</p>
        {ticket && <p className={css['said']}>{ticket.lastMessagePreview === '' ? ticket.subject : ticket.lastMessagePreview}</p>}
      </div>
      <div className={css['acts']}>
        <Button
          look="primary"
          icon={<Check size={16} aria-hidden />}
          {...(first ? { keys: keysOf('acceptOffer') ?? '' } : {})}
          onPress={() => void answerOffer(offer, true)}
        >
          {t('offer.accept')}
        </Button>
        <Button
          look="quiet"
          icon={<X size={16} aria-hidden />}
          {...(first ? { keys: keysOf('declineOffer') ?? '' } : {})}
          onPress={() => void answerOffer(offer, false)}
        >
          {t('offer.decline')}
        </Button>
      </div>
    </article>
  );
}
