import { Bot, CheckCheck, Circle, CircleDot, CirclePause, CircleUserRound, Trash2, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { TicketStatus } from '../../shared/domain.ts';
import { Chip } from './Chip.tsx';

const icons: Record<TicketStatus, LucideIcon> = {
  bot: Bot,
  new: Circle,
  open: CircleDot,
  waiting_customer: CircleUserRound,
  waiting_third_party: CirclePause,
  resolved: CheckCheck,
  closed: CheckCheck,
  spam: Trash2,
};
const tones = {
  bot: 'info',
  new: 'info',
  open: 'info',
  waiting_customer: 'plain',
  waiting_third_party: 'plain',
  resolved: 'good',
  closed: 'good',
  spam: 'plain',
} as const;

export function StatusChip({ status }: { status: TicketStatus }) {
  const { t } = useTranslation();
  const Icon = icons[status];
  return (
    <Chip tone={tones[status]} icon={<Icon size={12} aria-hidden />}>
      {t(`status.${status}`)}
    </Chip>
  );
}
