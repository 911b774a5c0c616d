import { ArrowRightLeft, Hand, MessageSquareLock, Unlock, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FloorTicket } from '../../../shared/bridge-floor.ts';
import { hubNow } from '../../app/clock.ts';
import { openTicket } from '../../app/desk.ts';
import { refOf } from '../../app/refs.ts';
import { actNow } from '../../app/shift.ts';
import { change } from '../../app/tickets.ts';
import { say } from '../../app/toasts.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { ChannelGlyph } from '../../ui/Channel.tsx';
import { Check } from '../../ui/Check.tsx';
import { Chooser } from '../../ui/Chooser.tsx';
import { Avatar } from '../../ui/Person.tsx';
import { PopoverButton } from '../../ui/Popover.tsx';
import { SlaChip } from '../../ui/SlaChip.tsx';
import { State } from '../../ui/State.tsx';
import type { Chosen } from './Floor.tsx';
import css from './Tickets.module.css';

/** The tickets of a queue, or those in somebody's hands: looked into, taken over, given to others, one or many. */
export function Tickets({ of, close }: { of: Chosen; close: () => void }) {
  const { t } = useTranslation();
  const { value: tickets } = useQuery('floor.tickets', of);
  const { value: reference } = useQuery('reference', null);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  if (!reference) return null;
  const name =
    'queueId' in of ? reference.queues.find(({ id }) => id === of.queueId)?.name : reference.users.find(({ id }) => id === of.userId)?.name;
  const shown = tickets ?? [];
  const here = shown.filter(({ id }) => marked.has(id));
  const mark = (id: string, on: boolean) => {
    const next = new Set(marked);
    if (on) next.add(id);
    else next.delete(id);
    setMarked(next);
  };
  return (
    <aside className={css['pane']} aria-label={name ?? ''} data-testid="floor-tickets">
      <header className={css['head']}>
        <h2 className={css['name']}>{name}</h2>
        <span className={css['count']}>{shown.length}</span>
        <IconButton size="small" label={t('floor.close')} icon={<X size={14} aria-hidden />} onPress={close} />
      </header>
      {shown.length > 0 && (
        <div className={css['bar']}>
          <Check on={here.length === shown.length} onChange={(on) => setMarked(new Set(on ? shown.map(({ id }) => id) : []))}>
            {here.length === 0 ? t('floor.markAll') : t('floor.marked', { count: here.length })}
          </Check>
          {here.length > 0 && <Reassign tickets={here} done={() => setMarked(new Set())} />}
        </div>
      )}
      {tickets !== undefined && shown.length === 0 && <State title={t('floor.none')} hint={t('floor.noneHint')} />}
      <ul className={css['list']}>
        {shown.map((ticket) => (
          <Line key={ticket.id} ticket={ticket} on={marked.has(ticket.id)} mark={mark} />
        ))}
      </ul>
    </aside>
  );
}

/** To a colleague who serves all of their queues, or back to the queue. */
function Reassign({ tickets, done }: { tickets: FloorTicket[]; done: () => void }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const [open, setOpen] = useState(false);
  if (!reference) return null;
  const queues = new Set(tickets.map(({ queueId }) => queueId));
  const serves = (userId: string) =>
    [...queues].every((queueId) => reference.queueMembers.some((row) => row.queueId === queueId && row.userId === userId));
  const people = reference.users.filter((user) => user.active && serves(user.id)).toSorted((a, b) => a.name.localeCompare(b.name, 'vi'));
  const give = async (to: string | null) => {
    setOpen(false);
    const given: FloorTicket[] = [];
    for (const ticket of tickets) {
      const { id, assigneeId: from } = ticket;
      if (from !== to && (await change('ticket.assign', { ticketId: id, from, to }))) given.push(ticket);
    }
    done();
    if (given.length === 0) return;
    const undo = () => given.forEach(({ id, assigneeId }) => void change('ticket.assign', { ticketId: id, from: to, to: assigneeId }));
    say(t('floor.given', { count: given.length }), { action: { label: t('act.undo'), run: undo } });
  };
  return (
    <PopoverButton
      label={t('floor.reassign')}
      open={open}
      onOpenChange={setOpen}
      width={280}
      placement="bottom end"
      trigger={
        <Button size="small" look="primary" icon={<ArrowRightLeft size={14} aria-hidden />}>
          {t('floor.reassign')}
        </Button>
      }
    >
      <Chooser
        label={t('floor.reassign')}
        empty={t('ticket.noColleague')}
        items={[
          { key: '', label: t('floor.toQueue') },
          ...people.map((user) => ({ key: user.id, label: user.name, icon: <Avatar name={user.name} size={20} /> })),
        ]}
        onChoose={(key) => void give(key === '' ? null : key)}
      />
    </PopoverButton>
  );
}

function Line({ ticket, on, mark }: { ticket: FloorTicket; on: boolean; mark: (id: string, on: boolean) => void }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const { id, assigneeId, offeredTo, leaseBy, leaseUntil } = ticket;
  const nameOf = (userId: string | null) => reference?.users.find((user) => user.id === userId)?.name ?? '';
  const mine = assigneeId === reference?.me.id;
  const held = leaseBy !== null && (leaseUntil ?? 0) > hubNow();
  return (
    <li className={css['line']} data-testid="floor-ticket" data-ticket-id={id}>
      <Check on={on} onChange={(next) => mark(id, next)}>
        <span className={css['hidden']}>{refOf(ticket) ?? ticket.subject}</span>
      </Check>
      <button type="button" className={css['open']} onClick={() => openTicket(id)}>
        <span className={css['first']}>
          <ChannelGlyph kind={ticket.channel} size={14} />
          <strong>{ticket.customerName}</strong>
          <SlaChip ticket={{ ...ticket, pendingAnswer: false }} />
        </span>
        <span className={css['subject']}>{ticket.subject}</span>
        <span className={css['who']}>
          {assigneeId !== null
            ? nameOf(assigneeId)
            : offeredTo !== null
              ? t('floor.ringsFor', { name: nameOf(offeredTo) })
              : t('floor.nobody')}
          {held && ` · ${t('floor.held')}`}
        </span>
      </button>
      <span className={css['acts']}>
        {!mine && (
          <IconButton
            size="small"
            label={t('floor.takeOver')}
            icon={<Hand size={14} aria-hidden />}
            data-testid="take-over"
            onPress={() => void actNow('ticket.takeOver', { ticketId: id }).then((done) => done && openTicket(id))}
          />
        )}
        {held && (
          <IconButton
            size="small"
            label={t('floor.breakLease')}
            icon={<Unlock size={14} aria-hidden />}
            onPress={() => void change('ticket.release', { ticketId: id })}
          />
        )}
        {assigneeId !== null && !mine && <Coach ticketId={id} userId={assigneeId} name={nameOf(assigneeId)} />}
      </span>
    </li>
  );
}

/** A word to whoever has it, for their eyes only. */
function Coach({ ticketId, userId, name }: { ticketId: string; userId: string; name: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const send = () => {
    if (text.trim() === '') return;
    void actNow('ticket.coach', { ticketId, userId, text: text.trim() }).then((done) => {
      if (!done) return;
      setText('');
      setOpen(false);
      say(t('floor.coached', { name }));
    });
  };
  return (
    <PopoverButton
      label={t('floor.coach', { name })}
      open={open}
      onOpenChange={setOpen}
      width={320}
      placement="bottom end"
      trigger={
        <IconButton
          size="small"
          label={t('floor.coach', { name })}
          icon={<MessageSquareLock size={14} aria-hidden />}
          data-testid="coach-open"
        />
      }
    >
      <form
        className={css['coach']}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <textarea
          autoFocus
          className={css['words']}
          rows={3}
          maxLength={2000}
          aria-label={t('floor.coach', { name })}
          placeholder={t('floor.coachHint')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button look="primary" size="small" type="submit" isDisabled={text.trim() === ''}>
          {t('floor.send')}
        </Button>
      </form>
    </PopoverButton>
  );
}
