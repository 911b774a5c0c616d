import { CalendarClock, CircleHelp, Clock3, Sun, Sunrise, UserRoundX } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { TicketDetail } from '../../../shared/bridge.ts';
import { hubNow } from '../../app/clock.ts';
import { codesFor } from '../../../shared/codes.ts';
import { openMenu, useDesk } from '../../app/desk.ts';
import { assign, change, close, snooze } from '../../app/tickets.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Chooser, type ChooserItem } from '../../ui/Chooser.tsx';
import { PopoverButton } from '../../ui/Popover.tsx';
import { Avatar } from '../../ui/Person.tsx';
import { clockTime, moment, parseMoment, shortDate, snoozeChoices } from '../../ui/time.ts';
import css from './Header.module.css';

export function AssignMenu({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  if (!reference) return null;
  const serving = new Set(reference.queueMembers.filter((member) => member.queueId === ticket.queueId).map((member) => member.userId));
  const colleagues = reference.users
    .filter((user) => user.active && user.id !== reference.me.id && serving.has(user.id))
    .sort((a, b) => a.name.localeCompare(b.name, 'vi'));
  const { me } = reference;
  const items: ChooserItem[] = [
    { key: me.id, label: t('ticket.me'), detail: me.name, icon: <Avatar name={me.name} size={20} />, on: ticket.assigneeId === me.id },
    ...colleagues.map((user) => ({
      key: user.id,
      label: user.name,
      icon: <Avatar name={user.name} size={20} />,
      on: ticket.assigneeId === user.id,
    })),
    { key: '', label: t('ticket.nobody'), icon: <UserRoundX size={16} aria-hidden />, on: ticket.assigneeId === null },
  ];
  return (
    <Chooser
      label={t('ticket.findColleague')}
      items={items}
      empty={t('ticket.noColleague')}
      onChoose={(key) => {
        openMenu(null);
        void assign(ticket, key === '' ? null : key);
      }}
    />
  );
}

const calendar = <CalendarClock size={16} aria-hidden />;
const glyphs = { inHour: Clock3, afternoon: Sun, tomorrow: Sunrise, monday: CalendarClock } as const;

export function SnoozeMenu({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const now = hubNow();
  const items: ChooserItem[] = snoozeChoices(now).map(({ name, at }) => {
    const Icon = glyphs[name];
    return {
      key: String(at),
      label: t(`ticket.${name}`),
      detail: name === 'monday' ? `${clockTime(at)} ${shortDate(at, now)}` : clockTime(at),
      icon: <Icon size={16} aria-hidden />,
    };
  });
  return (
    <Chooser
      label={t('ticket.pick')}
      placeholder={t('ticket.pick')}
      hint={t('ticket.pickHint')}
      items={items}
      empty={t('ticket.pickBad')}
      offer={(text) => {
        const at = parseMoment(text, now);
        return at === null ? null : { key: String(at), label: moment(at, now, t), icon: calendar };
      }}
      onChoose={(key) => void snooze(ticket, Number(key), moment(Number(key), now, t))}
    />
  );
}

/** How it ended, in the centre's own words for this queue. What the hub keeps is the word itself. */
export function DispositionMenu({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const codes = reference ? codesFor(reference, 'disposition', ticket.queueId) : [];
  return (
    <Chooser
      label={t('ticket.disposition')}
      hint={t('ticket.dispositionHint')}
      max={80}
      items={codes.map(({ name }) => ({ key: name, label: name }))}
      offer={(text) => ({ key: text, label: `${t('ticket.otherDisposition')}: ${text}` })}
      onChoose={(key) => void close(ticket, key)}
    />
  );
}

/** What it is about; nothing to choose from, nothing to see. */
export function ContactReason({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const menu = useDesk((desk) => desk.menu);
  const { value: reference } = useQuery('reference', null);
  const codes = reference ? codesFor(reference, 'reason', ticket.queueId) : [];
  const { contactReason } = ticket;
  if (codes.length === 0 && contactReason === null) return null;
  return (
    <PopoverButton
      label={t('handle.contactReason')}
      width={260}
      open={menu === 'reason'}
      onOpenChange={(open) => openMenu(open ? 'reason' : null)}
      trigger={
        <AriaButton
          className={css['fact'] ?? ''}
          aria-label={contactReason === null ? t('handle.contactReason') : `${t('handle.contactReason')}: ${contactReason}`}
          data-testid="contact-reason"
        >
          <CircleHelp size={14} aria-hidden />
          {contactReason ?? t('handle.contactReason')}
        </AriaButton>
      }
    >
      <Chooser
        label={t('handle.contactReason')}
        items={[
          ...codes.map(({ name }) => ({ key: name, label: name, on: name === contactReason })),
          ...(contactReason === null ? [] : [{ key: '', label: t('handle.noContactReason') }]),
        ]}
        onChoose={(key) => {
          openMenu(null);
          void change('ticket.edit', { ticketId: ticket.id, contactReason: key === '' ? null : key });
        }}
      />
    </PopoverButton>
  );
}
