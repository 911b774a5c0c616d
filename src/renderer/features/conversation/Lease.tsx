import { Briefcase } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { TicketDetail } from '../../../shared/bridge.ts';
import { hubNow, useMinute } from '../../app/clock.ts';
import { openMenu } from '../../app/desk.ts';
import { hold, release } from '../../app/tickets.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Chip } from '../../ui/Chip.tsx';
import { Chooser } from '../../ui/Chooser.tsx';
import { moment } from '../../ui/time.ts';
import css from './Header.module.css';

const hour = 3_600_000;
const choices = [1, 4, 8] as const;

/** How long an agent keeps the ticket to themselves, to work where there is no line. */
export function LeaseMenu({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const now = hubNow();
  return (
    <Chooser
      label={t('lease.hold')}
      hint={t('lease.holdHint')}
      items={choices.map((hours) => ({
        key: String(hours),
        label: t('lease.hours', { count: hours }),
        detail: t('lease.until', { at: moment(now + hours * hour, now, t) }),
        icon: <Briefcase size={16} aria-hidden />,
      }))}
      onChoose={(key) => {
        openMenu(null);
        void hold(ticket, hubNow() + Number(key) * hour);
      }}
    />
  );
}

/** Who holds the ticket for offline work, and the way out of it. */
export function Lease({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const now = useMinute();
  const { value: reference } = useQuery('reference', null);
  const { leaseBy, leaseUntil } = ticket;
  if (leaseBy === null || leaseUntil === null || leaseUntil <= now) return null;
  const mine = leaseBy === reference?.me.id;
  const name = reference?.users.find((user) => user.id === leaseBy)?.name ?? t('held.someone');
  const at = moment(leaseUntil, now, t);
  const may = mine || reference?.me.role !== 'agent';
  return (
    <Chip tone={mine ? 'info' : 'warning'} icon={<Briefcase size={12} aria-hidden />}>
      <span data-testid="lease" data-holder={leaseBy}>
        {mine ? t('lease.mine', { at }) : t('lease.other', { name, at })}
      </span>
      {may && (
        <button type="button" className={css['wake']} onClick={() => void release(ticket)}>
          {mine ? t('lease.release') : t('lease.break')}
        </button>
      )}
    </Chip>
  );
}
