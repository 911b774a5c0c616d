import { MessageSquareLock } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { seen } from '../../app/shift.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import css from './Joining.module.css';

/** What a lead has said to me alone about this ticket, until I have understood it. */
export function Coached({ ticketId }: { ticketId: string }) {
  const { t } = useTranslation();
  const { value: shift } = useQuery('shift', null);
  const said = shift?.notices.filter((one) => one.kind === 'coach' && one.ticketId === ticketId && one.seenAt === null) ?? [];
  return said.toReversed().map((notice) => (
    <div key={notice.id} className={css['bar']} role="status" data-testid="coach">
      <MessageSquareLock size={14} aria-hidden />
      <span className={css['text']}>
        <strong>{notice.fromName ?? ''}</strong> {notice.text} <em>({t('notice.private')})</em>
      </span>
      <Button size="small" onPress={() => seen([notice.id])}>
        {t('notice.understood')}
      </Button>
    </div>
  ));
}
