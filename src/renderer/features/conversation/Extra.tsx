import { AtSign, CornerUpLeft, File, Image, Link2, type LucideIcon, MapPin, Mic, Paperclip, Smile, Sticker, Video } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TimelineMessage } from '../../../shared/bridge.ts';
import type { MessageMedia } from '../../../shared/domain.ts';
import { usePrefs } from '../../app/prefs.ts';
import { useQuery } from '../../app/useQuery.ts';
import { RichText } from '../../ui/RichText.tsx';
import { exact } from '../../ui/time.ts';
import css from './Extra.module.css';

/** characters of the message that is answered */
const quoteLength = 140;

/** The message that this one answers, in short; a click goes there. */
export function Quote({ message }: { message: TimelineMessage }) {
  const { t } = useTranslation();
  const wanted = message.extra?.replyToId;
  const { value: timeline } = useQuery('ticket.timeline', wanted === undefined ? undefined : { ticketId: message.ticketId, newest: 500 });
  if (wanted === undefined) return null;
  const answered = timeline?.messages.find(({ id }) => id === wanted);
  const text = answered?.extra?.deletedAt === undefined ? (answered?.body ?? '') : t('extra.deleted');
  return (
    <button
      type="button"
      className={css['quote']}
      disabled={!answered}
      onClick={() => document.getElementById(`message-${wanted}`)?.scrollIntoView({ block: 'center' })}
    >
      <CornerUpLeft size={12} aria-hidden />
      <span className={css['quoted']}>
        <strong>{answered?.authorName ?? t('extra.earlier')}</strong> {text.slice(0, quoteLength)}
      </span>
    </button>
  );
}

const glyphs: Record<MessageMedia['kind'], LucideIcon> = {
  image: Image,
  audio: Mic,
  video: Video,
  file: File,
  sticker: Sticker,
  location: MapPin,
  link: Link2,
  unsupported: Paperclip,
};

/** What came with a message and is no file here: on its way, out of reach, or a thing without bytes. */
export function MediaCards({ message }: { message: TimelineMessage }) {
  const { t } = useTranslation();
  const shown = (message.extra?.media ?? []).filter(({ state }) => state !== 'ready');
  if (shown.length === 0) return null;
  return (
    <ul className={css['media']} aria-label={t('extra.media')}>
      {shown.map((one, at) => {
        const Glyph = glyphs[one.kind];
        const place =
          one.kind === 'location' && one.name !== null ? `https://www.openstreetmap.org/?mlat=${one.name.replace(',', '&mlon=')}` : null;
        const page = place ?? one.url;
        return (
          <li key={at} className={one.state === 'failed' ? css['lost'] : css['one']}>
            <Glyph size={16} aria-hidden />
            <span className={css['name']}>
              {one.kind === 'unsupported' ? t('extra.unsupported') : (one.name ?? t(`extra.kind.${one.kind}`))}
            </span>
            {one.state === 'fetching' && <span className={css['state']}>{t('extra.fetching')}</span>}
            {one.state === 'failed' && <span className={css['state']}>{t('extra.lost')}</span>}
            {page !== null && one.state === 'none' && (
              <a className={css['open']} href={page} target="_blank" rel="noreferrer noopener">
                {t('act.open')}
              </a>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Signs that the customer has put on a message. */
export function Reactions({ message }: { message: TimelineMessage }) {
  const { t } = useTranslation();
  const reactions = message.extra?.reactions ?? [];
  if (reactions.length === 0) return null;
  return (
    <p className={css['reactions']}>
      {reactions.map(({ emoji, by }, at) => (
        <span key={at} className={css['reaction']} title={by === 'customer' ? t('extra.reactedCustomer') : t('extra.reactedUs')}>
          {emoji}
        </span>
      ))}
      <Smile size={12} aria-hidden />
    </p>
  );
}

/** Words beside the author: said elsewhere, by a machine, changed since. */
export function Marks({ message }: { message: TimelineMessage }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const { extra } = message;
  if (!extra) return null;
  return (
    <>
      {extra.external && <span className={css['mark']}>{t('extra.external')}</span>}
      {extra.automatic && <span className={css['mark']}>{t('extra.automatic')}</span>}
      {extra.editedAt !== undefined && (
        <span className={css['mark']} title={exact(extra.editedAt, language)}>
          {t('extra.edited')}
        </span>
      )}
    </>
  );
}

/** Who wrote to whom about what, as far as it is not what the conversation says anyway. */
export function MailHead({ message, subject }: { message: TimelineMessage; subject: string }) {
  const { t } = useTranslation();
  const mail = message.extra?.mail;
  if (!mail) return null;
  const line = (people: { address: string; name: string }[]) => people.map(({ name, address }) => name || address).join(', ');
  const warnings = mail.warnings.filter((one) => warned.has(one));
  return (
    <div className={css['mail']}>
      <p>
        <AtSign size={12} aria-hidden />
        <span className={css['addresses']} title={mail.from?.address ?? ''}>
          {mail.from?.address ?? ''}
          {mail.to.length > 0 && ` → ${line(mail.to)}`}
          {mail.cc.length > 0 && `, cc ${line(mail.cc)}`}
        </span>
      </p>
      {mail.subject !== '' && mail.subject !== subject && <p className={css['subject']}>{mail.subject}</p>}
      {warnings.map((one) => (
        <p key={one} className={css['warning']}>
          {t(`extra.warning.${one as Warned}`)}
        </p>
      ))}
    </div>
  );
}

const warnedOf = ['decode', 'truncated', 'file-too-large', 'too-many-files', 'tnef', 'suspicious-link'] as const;
type Warned = (typeof warnedOf)[number];
const warned: ReadonlySet<string> = new Set(warnedOf);

/** What a mail repeats of earlier ones: folded, one click away. */
export function Quoted({ text }: { text: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <div className={css['repeated']}>
      <button type="button" className={css['fold']} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? t('extra.hideQuoted') : t('extra.showQuoted')}
      </button>
      {open && (
        <div className={css['repeatedText']}>
          <RichText text={text} />
        </div>
      )}
    </div>
  );
}

const usual = ['order_code', 'problem', 'phone', 'email', 'name', 'intent'] as const;
const isUsual = (name: string): name is (typeof usual)[number] => usual.some((one) => one === name);

/** What a bot has asked before a person came. */
export function Collected({ message }: { message: TimelineMessage }) {
  const { t } = useTranslation();
  // Why it was handed over stands in the text.
  const collected = Object.entries(message.extra?.collected ?? {}).filter(([name]) => name !== 'reason');
  if (collected.length === 0) return null;
  const called = (name: string) => (isUsual(name) ? t(`extra.collected.${name}`) : name.replaceAll('_', ' '));
  return (
    <dl className={css['collected']}>
      {collected.map(([name, value]) => (
        <div key={name}>
          <dt>{called(name)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
