import { CircleAlert, Copy, PenLine, RotateCw, ShieldCheck, Trash2, UserRoundCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { AttentionItem, TicketDetail } from '../../shared/bridge.ts';
import { Button } from '../ui/Button.tsx';
import { exact, listTime } from '../ui/time.ts';
import css from './AttentionCard.module.css';
import { changeName } from './changes.ts';
import { useMinute } from './clock.ts';
import { openMenu, openTicket } from './desk.ts';
import { takeUp } from './drafts.ts';
import { execute, mutate, query } from './engine.ts';
import { usePrefs } from './prefs.ts';
import { assign, copy } from './tickets.ts';
import { say } from './toasts.ts';
import { useQuery } from './useQuery.ts';

/** The text of a refused change, if it carried one. */
export function textOf(args: unknown): string | null {
  if (typeof args !== 'object' || args === null || !('body' in args)) return null;
  return typeof args.body === 'string' ? args.body : null;
}

function dismiss(item: AttentionItem): void {
  void execute('attention.dismiss', { mutationId: item.mutationId }).catch(() => undefined);
}

async function ticketOf(item: AttentionItem): Promise<TicketDetail | null> {
  return item.ticketId === null ? null : query('ticket.get', { ticketId: item.ticketId });
}

/** A refused change: what happened, what is safe, what to do. In a conversation it stands where it would have been said. */
export function AttentionCard({ item, inPlace = false }: { item: AttentionItem; inPlace?: boolean }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const now = useMinute();
  const { value: reference } = useQuery('reference', null);
  const { value: ticket } = useQuery('ticket.get', inPlace && item.ticketId !== null ? { ticketId: item.ticketId } : undefined);
  const { code, detail } = item.rejection;
  const text = textOf(item.args);
  const stale = code === 'STALE_REPLY';
  const nameOf = (userId: unknown) => reference?.users.find((user) => user.id === userId)?.name ?? t('held.someone');
  const me = reference?.me.id;
  const mayTake = stale && inPlace && ticket !== undefined && ticket !== null && me !== undefined && ticket.assigneeId !== me;

  const resend = async () => {
    const found = await ticketOf(item);
    if (!found || text === null) return;
    openTicket(found.id);
    takeUp(found, text, item.name === 'message.note' ? 'note' : 'reply');
    dismiss(item);
  };
  const discard = () => {
    dismiss(item);
    if (text === null) return;
    // What was written can be had back for a while.
    const undo = () => void ticketOf(item).then((found) => found && takeUp(found, text));
    say(t('held.discarded'), { action: { label: t('act.undo'), run: undo } });
  };
  // A text that was refused for what it says, or for when it was said, can be put right.
  const mayEdit = !stale && text !== null && item.ticketSubject !== null && item.name !== 'ticket.create' && code !== 'NOT_FOUND';
  const take = async () => {
    const found = await ticketOf(item);
    if (!found || me === undefined) return;
    openTicket(found.id);
    await assign(found, me);
    dismiss(item);
  };
  const finish = async () => {
    const found = await ticketOf(item);
    if (!found) return;
    openTicket(found.id);
    dismiss(item);
    if (code === 'DISPOSITION_REQUIRED') openMenu('close');
  };
  const again = () => {
    // The arguments went through the same schema when the change was first made.
    mutate(item.name, item.args as never).then(
      () => dismiss(item),
      () => say(t('failed.INTERNAL'), { tone: 'danger' }),
    );
  };

  return (
    <section
      className={css['card']}
      data-testid={stale ? 'held-reply' : 'attention-item'}
      data-code={code}
      aria-label={stale ? t('held.title') : changeName(item.name, t)}
    >
      <header className={css['head']}>
        <CircleAlert size={16} aria-hidden />
        <strong>{stale ? t('held.title') : `${changeName(item.name, t)}: ${t(`refused.${code}`)}`}</strong>
        <time title={exact(item.authoredAt, language)}>{listTime(item.authoredAt, now, t)}</time>
      </header>
      {!inPlace && item.ticketSubject !== null && (
        <p className={css['ticket']}>
          {item.ticketNumber === null ? '' : `#${item.ticketNumber} `}
          {item.ticketSubject}
        </p>
      )}
      {stale && (
        <>
          <p>{t('held.why')}</p>
          <ul className={css['changes']}>
            {detail?.['colleagueReplied'] === true && <li>{t('held.colleague', { name: nameOf(detail['lastReplyBy']) })}</li>}
            {detail?.['changedHands'] === true && (
              <li>{detail['assigneeId'] === null ? t('held.handsNobody') : t('held.hands', { name: nameOf(detail['assigneeId']) })}</li>
            )}
            {detail?.['customerWrote'] === true && <li>{t('held.customer')}</li>}
          </ul>
          {item.since.length > 0 && (
            <div className={css['since']}>
              <h4>{t('held.since')}</h4>
              {item.since.map((message) => (
                <p key={message.id} title={exact(message.authoredAt, language)}>
                  <strong>{message.authorName}</strong> {message.body}
                </p>
              ))}
            </div>
          )}
        </>
      )}
      {text !== null && (
        <div className={css['yours']}>
          <h4>{t('held.yours')}</h4>
          <p>{text}</p>
        </div>
      )}
      {!stale && (
        <dl className={css['facts']}>
          <dt>{t('attention.safe')}</dt>
          <dd>
            <ShieldCheck size={14} aria-hidden />
            {text === null ? t('attention.safeChange') : t('attention.safeText')}
          </dd>
          <dt>{t('attention.todo')}</dt>
          <dd>{t(`remedy.${code}`)}</dd>
        </dl>
      )}
      <div className={css['acts']}>
        {stale && text !== null && (
          <Button look="primary" icon={<PenLine size={14} aria-hidden />} onPress={() => void resend()}>
            {t('held.edit')}
          </Button>
        )}
        {mayEdit && (
          <Button look="primary" icon={<PenLine size={14} aria-hidden />} onPress={() => void resend()}>
            {t('way.edit')}
          </Button>
        )}
        {code === 'ALREADY_ASSIGNED' && item.ticketSubject !== null && (
          <Button icon={<UserRoundCheck size={14} aria-hidden />} onPress={() => void take()}>
            {t('way.take')}
          </Button>
        )}
        {(code === 'NEW_INBOUND' || code === 'DISPOSITION_REQUIRED') && item.ticketSubject !== null && (
          <Button look="primary" onPress={() => void finish()}>
            {code === 'NEW_INBOUND' ? t('way.closeAnyway') : t('way.disposition')}
          </Button>
        )}
        {mayTake && (
          <Button icon={<UserRoundCheck size={14} aria-hidden />} onPress={() => void assign(ticket, me)}>
            {t('held.take')}
          </Button>
        )}
        {!inPlace && item.ticketId !== null && (
          <Button onPress={() => item.ticketId !== null && openTicket(item.ticketId)}>{t('act.open')}</Button>
        )}
        {code === 'INTERNAL' && (
          <Button icon={<RotateCw size={14} aria-hidden />} onPress={again}>
            {t('attention.retry')}
          </Button>
        )}
        {!stale && text !== null && (
          <Button icon={<Copy size={14} aria-hidden />} onPress={() => void copy(text)}>
            {t('attention.copyText')}
          </Button>
        )}
        {stale ? (
          <Button look="quiet" icon={<Trash2 size={14} aria-hidden />} onPress={discard}>
            {t('held.discard')}
          </Button>
        ) : (
          <Button look="quiet" onPress={discard}>
            {t('attention.dismiss')}
          </Button>
        )}
      </div>
    </section>
  );
}
