import {
  BadgeCheck,
  CloudOff,
  Globe,
  Mail,
  MapPin,
  MessageCircle,
  MessageSquareText,
  PanelRightClose,
  Phone,
  Star,
  UserRound,
  UsersRound,
  type LucideIcon,
  Camera,
  Webhook,
  PhoneOutgoing,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CustomerView } from '../../../shared/bridge.ts';
import type { Identity, IdentityKind } from '../../../shared/domain.ts';
import { useMinute } from '../../app/clock.ts';
import { foldCustomer, keysOf } from '../../app/commands.ts';
import { openTicket, setDesk } from '../../app/desk.ts';
import { Freshness } from '../../app/Freshness.tsx';
import { isSettled } from '../../app/limits.ts';
import { usePrefs } from '../../app/prefs.ts';
import { copy, dial } from '../../app/tickets.ts';
import { useLate } from '../../app/useLate.ts';
import { useSteadyQuery } from '../../app/useQuery.ts';
import { IconButton } from '../../ui/Button.tsx';
import { ChannelGlyph } from '../../ui/Channel.tsx';
import { Avatar } from '../../ui/Person.tsx';
import { showPhone } from '../../ui/phone.ts';
import { Bone, State } from '../../ui/State.tsx';
import { StatusChip } from '../../ui/StatusChip.tsx';
import { exact, listTime, shortDate } from '../../ui/time.ts';
import css from './CustomerPane.module.css';
import { Proposals } from './Proposals.tsx';

interface PaneProps {
  customerId: string | null;
  ticketId: string | null;
  /** what there is to say of the ticket's clocks */
  service: ReactNode;
}

export function CustomerPane({ customerId, ticketId, service }: PaneProps) {
  const { t } = useTranslation();
  const { value } = useSteadyQuery('customer.view', customerId === null ? undefined : { customerId });
  const late = useLate(customerId !== null && value === undefined);
  const view = customerId === null ? undefined : value;
  return (
    <aside className={css['pane']} aria-label={t('customer.pane')} data-testid="customer-pane">
      <header className={css['top']}>
        <h2>{t('customer.pane')}</h2>
        <Freshness />
        <IconButton
          size="small"
          label={t('customer.fold')}
          keys={keysOf('foldCustomer')}
          icon={<PanelRightClose size={16} aria-hidden />}
          onPress={foldCustomer}
        />
      </header>
      {customerId === null ? (
        <State icon={<UserRound size={20} aria-hidden />} title={t('customer.none')} hint={t('customer.noneHint')} />
      ) : view === undefined ? (
        late && <Skeleton />
      ) : view === null ? (
        <State icon={<CloudOff size={20} aria-hidden />} title={t('customer.none')} hint={t('customer.offlineMissing')} />
      ) : (
        <Details view={view} ticketId={ticketId} service={service} />
      )}
    </aside>
  );
}

function Details({ view, ticketId, service }: { view: CustomerView } & Omit<PaneProps, 'customerId'>) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const now = useMinute();
  const { customer, identities, journey } = view;
  const others = journey.filter((entry) => entry.id !== ticketId);
  const open = others.filter((entry) => !isSettled(entry.status));
  const earlier = others.filter((entry) => isSettled(entry.status));
  return (
    <div className={css['body']}>
      <div className={css['who']}>
        <Avatar name={customer.name} size={40} />
        <div className={css['names']}>
          <h3>{customer.name}</h3>
          <p className={css['sub']}>
            <time title={exact(customer.createdAt, language)}>{t('customer.customerSince', { at: shortDate(customer.createdAt, 0) })}</time>
          </p>
        </div>
      </div>
      <dl className={css['facts']}>
        {customer.loyaltyTier !== null && (
          <Fact label={t('customer.tier')} icon={<Star size={14} aria-hidden />}>
            {customer.loyaltyTier}
            {customer.loyaltyPoints !== null && (
              <span className={css['points']}>
                {new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB').format(customer.loyaltyPoints)} {t('customer.points')}
              </span>
            )}
          </Fact>
        )}
        {customer.segment !== null && (
          <Fact label={t('customer.segment')} icon={<UsersRound size={14} aria-hidden />}>
            {customer.segment}
          </Fact>
        )}
        {customer.city !== null && (
          <Fact label={t('customer.city')} icon={<MapPin size={14} aria-hidden />}>
            {customer.city}
          </Fact>
        )}
      </dl>
      {customer.note !== null && (
        <section className={css['keep']}>
          <h4>{t('customer.noteTitle')}</h4>
          <p>{customer.note}</p>
        </section>
      )}
      {ticketId !== null && customer.proposals.length > 0 && <Proposals customer={customer} ticketId={ticketId} />}
      {service !== null && (
        <section className={css['part']}>
          <h4>{t('why.section')}</h4>
          <div>{service}</div>
        </section>
      )}
      <section className={css['part']}>
        <h4>{t('customer.reach')}</h4>
        {identities.length === 0 ? (
          <p className={css['sub']}>{t('customer.noReach')}</p>
        ) : (
          <ul>
            {identities.map((identity) => (
              <Reach key={identity.id} identity={identity} />
            ))}
          </ul>
        )}
      </section>
      {open.length > 0 && (
        <section className={css['part']}>
          <h4>
            {t('customer.open')} <span className={css['count']}>{open.length}</span>
          </h4>
          <Tickets entries={open} now={now} />
        </section>
      )}
      <section className={css['part']}>
        <h4>{t('customer.earlier')}</h4>
        {earlier.length === 0 ? <p className={css['sub']}>{t('customer.noEarlier')}</p> : <Tickets entries={earlier} now={now} />}
      </section>
    </div>
  );
}

function Fact({ label, icon, children }: { label: string; icon: ReactNode; children: ReactNode }) {
  return (
    <div className={css['fact']}>
      <dt title={label}>
        {icon}
        <span className="sr-only">{label}</span>
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

const glyphs: Record<IdentityKind, LucideIcon> = {
  phone: Phone,
  email: Mail,
  visitor: Globe,
  messenger: MessageCircle,
  instagram: Camera,
  zalo: MessageSquareText,
  external: Webhook,
};

function Reach({ identity }: { identity: Identity }) {
  const { t } = useTranslation();
  const Glyph = glyphs[identity.kind];
  const { kind, value } = identity;
  // Accounts of a social network are long codes that tell an agent nothing.
  const shown =
    kind === 'phone' ? showPhone(value) : kind === 'email' ? value : kind === 'visitor' ? t('customer.visitor') : t(`customer.${kind}`);
  const verified = identity.verified ? t('customer.verified') : t('customer.unverified');
  return (
    <li className={css['way']}>
      <button
        type="button"
        className={css['reach']}
        aria-label={t('customer.copy', { value: shown })}
        onClick={() => void copy(kind === 'phone' ? showPhone(value) : value)}
      >
        <Glyph size={14} aria-hidden />
        <span className={css['value']}>{shown}</span>
        {identity.verified && (
          <span className={css['verified']} role="img" aria-label={verified} title={verified}>
            <BadgeCheck size={14} aria-hidden />
          </span>
        )}
      </button>
      {kind === 'phone' && (
        <IconButton
          size="small"
          label={t('customer.call', { value: shown })}
          icon={<PhoneOutgoing size={14} aria-hidden />}
          onPress={() => void dial(value)}
        />
      )}
    </li>
  );
}

function Tickets({ entries, now }: { entries: CustomerView['journey']; now: number }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  return (
    <ul>
      {entries.map((entry) => (
        <li key={entry.id}>
          <button
            type="button"
            className={css['ticket']}
            disabled={!entry.inReach}
            title={entry.inReach ? entry.subject : t('customer.outOfReach')}
            onClick={() => {
              setDesk({ drawer: false });
              openTicket(entry.id);
            }}
          >
            <ChannelGlyph kind={entry.channel} size={14} />
            <span className={css['subject']}>{entry.subject}</span>
            <time title={exact(entry.lastMessageAt, language)}>{listTime(entry.lastMessageAt, now, t)}</time>
            <span className={css['meta']}>
              {entry.number === null ? '' : `#${entry.number}`} <StatusChip status={entry.status} />
              {!entry.inReach && t('customer.outOfReach')}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Skeleton() {
  return (
    <div className={css['body']} aria-hidden>
      <div className={css['who']}>
        <Bone width={40} height={40} />
        <Bone width="60%" height={14} />
      </div>
      <Bone width="70%" />
      <Bone width="50%" />
    </div>
  );
}
