import {
  ArrowRightLeft,
  Briefcase,
  ChevronsUp,
  Eye,
  MoonStar,
  PenLine,
  RotateCcw,
  Signal,
  SignalHigh,
  SignalLow,
  UserRoundPlus,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { TicketDetail } from '../../../shared/bridge.ts';
import type { Priority, priorities } from '../../../shared/domain.ts';
import { useMinute } from '../../app/clock.ts';
import { keysOf } from '../../app/commands.ts';
import { openMenu, useDesk } from '../../app/desk.ts';
import { Freshness } from '../../app/Freshness.tsx';
import { isSettled } from '../../app/limits.ts';
import { asksDisposition, close, reopen, setPriority, snooze } from '../../app/tickets.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Chip } from '../../ui/Chip.tsx';
import { Chooser } from '../../ui/Chooser.tsx';
import { Hint } from '../../ui/Hint.tsx';
import { Avatar } from '../../ui/Person.tsx';
import { PopoverButton } from '../../ui/Popover.tsx';
import { CopyText } from '../../ui/RichText.tsx';
import { SlaChip } from '../../ui/SlaChip.tsx';
import { shortName } from '../../ui/parts.ts';
import { moment } from '../../ui/time.ts';
import { AssignMenu, ContactReason, DispositionMenu, SnoozeMenu } from './menus.tsx';
import css from './Header.module.css';
import { Lease, LeaseMenu } from './Lease.tsx';
import { Status } from './StatusMenu.tsx';
import { Tags } from './Tags.tsx';
import { Transfer } from './Transfer.tsx';

const levels: typeof priorities = ['low', 'normal', 'high', 'urgent'];

export function Header({ ticket, before, after }: { ticket: TicketDetail; before: ReactNode; after: ReactNode }) {
  const { t } = useTranslation();
  const menu = useDesk((desk) => desk.menu);
  const { value: reference } = useQuery('reference', null);
  const now = useMinute();
  const assignee = reference?.users.find((user) => user.id === ticket.assigneeId);
  const queue = reference?.queues.find((each) => each.id === ticket.queueId);
  const settled = isSettled(ticket.status);
  const asleep = ticket.snoozedUntil !== null && ticket.snoozedUntil > now;
  const asks = asksDisposition(ticket);
  return (
    <header className={css['header']}>
      <div className={css['line']}>
        {before}
        <h2 className={css['subject']} title={ticket.subject}>
          {ticket.subject}
        </h2>
        <div className={css['acts']} role="toolbar" aria-label={t('ticket.actions')}>
          {ticket.status !== 'closed' && ticket.channel !== 'chat' && (
            <PopoverButton
              label={t('lease.hold')}
              placement="bottom end"
              width={260}
              open={menu === 'lease'}
              onOpenChange={(open) => openMenu(open ? 'lease' : null)}
              trigger={<IconButton label={t('lease.hold')} icon={<Briefcase size={16} aria-hidden />} data-testid="lease-menu" />}
            >
              <LeaseMenu ticket={ticket} />
            </PopoverButton>
          )}
          {!settled && (
            <PopoverButton
              label={t('ticket.snooze')}
              placement="bottom end"
              width={260}
              open={menu === 'snooze'}
              onOpenChange={(open) => openMenu(open ? 'snooze' : null)}
              trigger={
                <IconButton label={t('ticket.snooze')} keys={keysOf('snooze')} icon={<MoonStar size={16} aria-hidden />} pressed={asleep} />
              }
            >
              <SnoozeMenu ticket={ticket} />
            </PopoverButton>
          )}
          {!settled && (
            <IconButton
              label={t('handle.transfer')}
              keys={keysOf('transfer')}
              icon={<ArrowRightLeft size={16} aria-hidden />}
              data-testid="transfer-open"
              onPress={() => openMenu('transfer')}
            />
          )}
          <Transfer ticket={ticket} />
          {settled ? (
            ticket.status !== 'closed' && (
              <Button icon={<RotateCcw size={14} aria-hidden />} keys={keysOf('reopen') ?? ''} onPress={() => void reopen(ticket)}>
                {t('ticket.reopen')}
              </Button>
            )
          ) : asks ? (
            <PopoverButton
              label={t('ticket.disposition')}
              placement="bottom end"
              width={280}
              open={menu === 'close'}
              onOpenChange={(open) => openMenu(open ? 'close' : null)}
              trigger={<Button keys={keysOf('close') ?? ''}>{t('ticket.close')}</Button>}
            >
              <DispositionMenu ticket={ticket} />
            </PopoverButton>
          ) : (
            <Button keys={keysOf('close') ?? ''} onPress={() => void close(ticket)}>
              {t('ticket.close')}
            </Button>
          )}
          {after}
        </div>
      </div>
      <div className={css['facts']}>
        <Number ticket={ticket} />
        <SlaChip ticket={ticket} />
        <Status ticket={ticket} />
        <Lease ticket={ticket} />
        {asleep && (
          <Chip tone="info" icon={<MoonStar size={12} aria-hidden />}>
            {t('ticket.snoozedUntil', { at: moment(ticket.snoozedUntil ?? now, now, t) })}
            <button type="button" className={css['wake']} onClick={() => void snooze(ticket, null, '')}>
              {t('ticket.wake')}
            </button>
          </Chip>
        )}
        <PopoverButton
          label={t('ticket.assignTo')}
          width={280}
          open={menu === 'assign'}
          onOpenChange={(open) => openMenu(open ? 'assign' : null)}
          trigger={
            <AriaButton
              className={css['fact'] ?? ''}
              aria-label={assignee ? t('ticket.assignedTo', { name: assignee.name }) : t('ticket.assign')}
              data-testid="assignee"
              data-assignee-id={ticket.assigneeId ?? ''}
            >
              {assignee ? <Avatar name={assignee.name} size={16} /> : <UserRoundPlus size={14} aria-hidden />}
              {assignee ? (assignee.id === reference?.me.id ? t('ticket.me') : shortName(assignee.name)) : t('ticket.unassigned')}
            </AriaButton>
          }
        >
          <AssignMenu ticket={ticket} />
        </PopoverButton>
        <PopoverButton
          label={t('priority.label')}
          width={200}
          open={menu === 'priority'}
          onOpenChange={(open) => openMenu(open ? 'priority' : null)}
          trigger={
            <AriaButton
              className={`${css['fact']} ${css[ticket.priority]}`}
              aria-label={`${t('priority.label')}: ${t(`priority.${ticket.priority}`)}`}
            >
              <PriorityIcon level={ticket.priority} />
              {ticket.priority !== 'normal' && t(`priority.${ticket.priority}`)}
            </AriaButton>
          }
        >
          <Chooser
            label={t('priority.label')}
            items={levels.map((level) => ({
              key: level,
              label: t(`priority.${level}`),
              icon: <PriorityIcon level={level} />,
              on: level === ticket.priority,
            }))}
            onChoose={(key) => {
              const chosen = levels.find((level) => level === key);
              if (chosen) setPriority(ticket, chosen);
              openMenu(null);
            }}
          />
        </PopoverButton>
        {queue && (
          <span className={css['queue']} title={t('ticket.queue')}>
            {queue.name}
          </span>
        )}
        <ContactReason ticket={ticket} />
        {ticket.hops > 0 && (
          <span className={css['queue']} data-testid="hops">
            {t('join.hops', { count: ticket.hops })}
          </span>
        )}
        <Tags ticket={ticket} />
        <Viewers ticketId={ticket.id} />
        <Freshness />
      </div>
    </header>
  );
}

function PriorityIcon({ level }: { level: Priority }) {
  const Icon = level === 'urgent' ? ChevronsUp : level === 'high' ? SignalHigh : level === 'low' ? SignalLow : Signal;
  return <Icon size={14} aria-hidden />;
}

function Number({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  if (ticket.number !== null) return <CopyText className={css['number']} text={`#${ticket.number}`} />;
  return (
    <Chip tone="warning">
      <span data-testid="provisional-ref">
        {ticket.provisionalRef === null ? t('ticket.unnumbered') : t('ticket.provisional', { ref: ticket.provisionalRef })}
      </span>
    </Chip>
  );
}

/** Who else has the ticket open, and who is writing. */
function Viewers({ ticketId }: { ticketId: string }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const { value: viewers } = useQuery('ticket.viewers', { ticketId });
  const others = (viewers ?? []).filter((viewer) => viewer.userId !== reference?.me.id);
  const writer = others.find((viewer) => viewer.typing);
  if (others.length === 0) return null;
  const text = writer
    ? t('ticket.typing', { name: shortName(writer.name) })
    : t('ticket.viewing', { names: others.map((viewer) => shortName(viewer.name)).join(', ') });
  return (
    <Hint text={others.map((viewer) => viewer.name).join(', ')}>
      <AriaButton className={`${css['viewers']} ${writer ? css['writing'] : ''}`} data-testid="viewers">
        {writer ? <PenLine size={12} aria-hidden /> : <Eye size={12} aria-hidden />}
        <span role="status">{text}</span>
      </AriaButton>
    </Hint>
  );
}
