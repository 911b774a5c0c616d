import {
  Bot,
  Check,
  CheckCheck,
  CircleAlert,
  CircleHelp,
  Hourglass,
  Lock,
  type LucideIcon,
  PhoneIncoming,
  PhoneMissed,
  PhoneOutgoing,
  Send,
  Server,
} from 'lucide-react';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TimelineMessage } from '../../../shared/bridge.ts';
import type { DeliveryState } from '../../../shared/domain.ts';
import { usePrefs } from '../../app/prefs.ts';
import { change } from '../../app/tickets.ts';
import { showPhone } from '../../ui/phone.ts';
import { Avatar } from '../../ui/Person.tsx';
import { CopyText, RichText } from '../../ui/RichText.tsx';
import { callTime, clockTime, exact } from '../../ui/time.ts';
import { timeOf } from './entries.ts';
import { Collected, MailHead, Marks, MediaCards, Quote, Quoted, Reactions } from './Extra.tsx';
import { MessageFiles } from './Files.tsx';
import { MailViews } from './Mail.tsx';
import css from './Messages.module.css';

/** Longer texts are folded: a mail of four pages must not push the conversation away. */
const foldedFrom = 1600;

function Body({ text, quotedFrom = null }: { text: string; quotedFrom?: number | null }) {
  const { t } = useTranslation();
  const [whole, setWhole] = useState(false);
  const said = quotedFrom === null ? text : text.slice(0, quotedFrom).trimEnd();
  const folded = !whole && said.length > foldedFrom;
  return (
    <div className={css['body']}>
      <RichText text={folded ? `${said.slice(0, foldedFrom)}…` : said} />
      {folded && (
        <button type="button" className={css['more']} onClick={() => setWhole(true)}>
          {t('ticket.showMore')}
        </button>
      )}
      {quotedFrom !== null && <Quoted text={text.slice(quotedFrom)} />}
    </div>
  );
}

function Bubble({ text, quotedFrom }: { text: string; quotedFrom: number | null }) {
  return (
    <div className={css['bubble']}>
      <Body text={text} quotedFrom={quotedFrom} />
    </div>
  );
}

/** What one person said in one go. */
export function Group({
  messages,
  side,
  meId,
  subject,
}: {
  messages: TimelineMessage[];
  side: 'in' | 'out';
  meId: string;
  subject: string;
}) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const head = messages[0];
  if (!head) return null;
  const bot = head.authorType === 'bot';
  const name = head.authorId === meId ? t('ticket.me') : head.authorName;
  return (
    <div className={`${css['group']} ${css[side]}`}>
      {side === 'in' && <Avatar name={head.authorName} size={24} />}
      <div className={css['stack']}>
        <p className={css['who']}>
          {bot && <Bot size={12} aria-hidden />}
          <span className={css['author']}>{name}</span>
          <time dateTime={new Date(timeOf(head)).toISOString()} title={exact(timeOf(head), language)}>
            {clockTime(timeOf(head))}
          </time>
          <Marks message={head} />
        </p>
        {messages.map((message) => (
          <div
            key={message.id}
            className={css['message']}
            id={`message-${message.id}`}
            data-testid="message"
            data-kind={message.kind}
            data-delivery={message.delivery ?? ''}
            title={exact(timeOf(message), language)}
          >
            <MailHead message={message} subject={subject} />
            <Quote message={message} />
            {message.extra?.deletedAt !== undefined ? (
              <p className={css['gone']}>{t('extra.deleted')}</p>
            ) : (
              <>
                <MailViews message={message} Words={Bubble} />
                <MediaCards message={message} />
                <MessageFiles message={message} />
              </>
            )}
            <Reactions message={message} />
            {message.delivery !== null && <Delivery message={message} />}
          </div>
        ))}
      </div>
    </div>
  );
}

const marks: Record<DeliveryState, LucideIcon> = {
  queued: Hourglass,
  accepted: Server,
  sending: Send,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  failed: CircleAlert,
  unknown: CircleHelp,
};

const reasons = [
  'WINDOW_CLOSED',
  'RECIPIENT_UNREACHABLE',
  'TOO_LONG',
  'FILE_NOT_ALLOWED',
  'NOT_ALLOWED',
  'QUOTA_USED_UP',
  'NO_RECIPIENT',
  'BOUNCED',
  'GAVE_UP',
] as const;

/** Why it can't be sent, and what can be done. */
function reasonOf(code: string | null, t: TFunction): string | null {
  const known = reasons.find((one) => one === code);
  return known ? t(`message.reason.${known}`) : code;
}

/** How far an answer has come: icon and word, on every one. */
function Delivery({ message }: { message: TimelineMessage }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const state = message.delivery;
  if (state === null) return null;
  const Icon = marks[state];
  // Accepted and still queued: the hub waits for its files, or for those of an answer before it.
  const held = state === 'queued' && message.acceptedAt !== null;
  const word = held ? t('files.held') : t(`message.delivery.${state}`);
  const why = message.deliveryError === 'FILE_MISSING' ? t('files.missing') : reasonOf(message.deliveryError, t);
  const { id: messageId, ticketId } = message;
  const mayRepeat =
    (state === 'failed' && message.deliveryError !== 'FILE_MISSING' && message.deliveryError !== 'WINDOW_CLOSED') || state === 'unknown';
  return (
    <p
      className={`${css['delivery']} ${css[state] ?? ''}`}
      title={t('message.deliveryAt', { state: word, at: exact(message.authoredAt, language) })}
    >
      <Icon size={12} aria-hidden />
      <span>{word}</span>
      {why !== null && <span className={css['why']}>{why}</span>}
      {mayRepeat && (
        <button type="button" className={css['act']} onClick={() => void change('message.sendAgain', { messageId, ticketId })}>
          {t('message.sendAgain')}
        </button>
      )}
      {state === 'unknown' && (
        <button type="button" className={css['act']} onClick={() => void change('message.hasArrived', { messageId, ticketId })}>
          {t('message.hasArrived')}
        </button>
      )}
    </p>
  );
}

/** Notes, calls and what the system says stand alone. */
export function Alone({ message }: { message: TimelineMessage }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const at = timeOf(message);
  const when = (
    <time dateTime={new Date(at).toISOString()} title={exact(at, language)}>
      {clockTime(at)}
    </time>
  );
  const pending = message.pending && (
    <span className={css['pending']}>
      <Hourglass size={12} aria-hidden />
      {t('message.pendingNote')}
    </span>
  );
  if (message.kind === 'system') {
    return (
      <div className={css['system']} id={`message-${message.id}`} data-testid="message" data-kind="system" data-delivery="">
        <p>
          <RichText text={message.body} /> {when}
        </p>
        <Collected message={message} />
      </div>
    );
  }
  if (message.kind === 'call' && message.call) {
    const { call } = message;
    const missed = call.outcome !== 'answered';
    const Icon = missed ? PhoneMissed : call.direction === 'inbound' ? PhoneIncoming : PhoneOutgoing;
    return (
      <section
        className={css['card']}
        id={`message-${message.id}`}
        data-testid="message"
        data-kind="call"
        data-delivery={message.delivery ?? ''}
      >
        <p className={css['cardHead']}>
          <span className={missed ? css['missed'] : css['answered']}>
            <Icon size={16} aria-hidden />
          </span>
          <strong>{t(call.direction === 'inbound' ? 'message.callIn' : 'message.callOut')}</strong>
          <span>{t(`call.${call.outcome}`)}</span>
          {call.durationSec > 0 && <span className={css['figure']}>{callTime(call.durationSec)}</span>}
          <CopyText text={showPhone(call.phone)} />
          <span className={css['end']}>
            {pending} {message.authorName} {when}
          </span>
        </p>
        {message.body !== '' && <Body text={message.body} />}
      </section>
    );
  }
  return (
    <section
      className={`${css['card']} ${css['note']}`}
      id={`message-${message.id}`}
      data-testid="message"
      data-kind={message.kind}
      data-delivery={message.delivery ?? ''}
    >
      <p className={css['cardHead']}>
        <Lock size={12} aria-hidden />
        <strong>{t('message.note')}</strong>
        <span>{t('message.noteHint')}</span>
        <span className={css['end']}>
          {pending} {message.authorName} {when}
        </span>
      </p>
      <Body text={message.body} />
      <MessageFiles message={message} />
    </section>
  );
}
