import { CircleDot, CirclePause, CircleUserRound, MessageSquareOff, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { TicketDetail } from '../../../shared/bridge.ts';
import { openMenu, useDesk } from '../../app/desk.ts';
import { isSettled } from '../../app/limits.ts';
import { noReply, setStatus } from '../../app/tickets.ts';
import { Chooser } from '../../ui/Chooser.tsx';
import { PopoverButton } from '../../ui/Popover.tsx';
import { StatusChip } from '../../ui/StatusChip.tsx';
import css from './Header.module.css';

const glyphs = { open: CircleDot, waiting_customer: CircleUserRound, waiting_third_party: CirclePause, spam: Trash2 } as const;
const states = ['open', 'waiting_customer', 'waiting_third_party', 'spam'] as const;
const reasons = ['noReplyThanks', 'noReplyElsewhere', 'noReplyNews'] as const;

/** How the ticket stands, and what it may be set to: whom it waits for, spam, or that no answer is owed. */
export function Status({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const menu = useDesk((desk) => desk.menu);
  if (isSettled(ticket.status)) return <StatusChip status={ticket.status} />;
  return (
    <PopoverButton
      label={t('handle.statusMenu')}
      width={280}
      open={menu === 'status'}
      onOpenChange={(open) => openMenu(open ? 'status' : null)}
      trigger={
        <AriaButton
          className={css['chipButton'] ?? ''}
          aria-label={`${t('handle.statusMenu')}: ${t(`status.${ticket.status}`)}`}
          data-testid="status-menu"
        >
          <StatusChip status={ticket.status} />
        </AriaButton>
      }
    >
      <StatusMenu ticket={ticket} />
    </PopoverButton>
  );
}

function StatusMenu({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  if (asking)
    return (
      <Chooser
        key="why"
        label={t('handle.noReplyTitle')}
        placeholder={t('handle.noReplyTitle')}
        hint={t('handle.noReplyHint')}
        max={200}
        items={reasons.map((name) => ({ key: t(`handle.${name}`), label: t(`handle.${name}`) }))}
        offer={(text) => ({ key: text, label: `${t('handle.noReplyOther')}: ${text}` })}
        onChoose={(reason) => void noReply(ticket, reason)}
      />
    );
  return (
    <Chooser
      key="states"
      label={t('handle.statusMenu')}
      items={[
        ...states.map((status) => {
          const Icon = glyphs[status];
          return { key: status, label: t(`status.${status}`), icon: <Icon size={16} aria-hidden />, on: status === ticket.status };
        }),
        // Only what follows a first answer can be left without one.
        ...(ticket.unansweredSince !== null && ticket.lastReplyAt !== null
          ? [{ key: 'noReply', label: t('handle.noReply'), icon: <MessageSquareOff size={16} aria-hidden /> }]
          : []),
      ]}
      onChoose={(key) => {
        const status = states.find((one) => one === key);
        if (status) void setStatus(ticket, status);
        else setAsking(true);
      }}
    />
  );
}
