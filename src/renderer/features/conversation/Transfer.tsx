import { Layers, MessageCircleQuestion, UserRound } from 'lucide-react';
import { useId, useState } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { TicketDetail } from '../../../shared/bridge.ts';
import { openMenu, useDesk } from '../../app/desk.ts';
import { consult, transfer } from '../../app/tickets.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { Pick } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import { Sheet } from '../../ui/Popover.tsx';
import css from './Transfer.module.css';

const ways = { agent: UserRound, queue: Layers, consult: MessageCircleQuestion } as const;
type Way = keyof typeof ways;
const names = { agent: 'handle.toAgent', queue: 'handle.toQueue', consult: 'handle.consult' } as const;

/** Hands the ticket on, to a colleague or to another queue, or asks somebody and keeps it. */
export function Transfer({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const open = useDesk((desk) => desk.menu === 'transfer');
  return (
    <Sheet label={t('handle.transfer')} open={open} onOpenChange={(next) => openMenu(next ? 'transfer' : null)}>
      {open && <Form ticket={ticket} />}
    </Sheet>
  );
}

function Form({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const need = useId();
  const { value: reference } = useQuery('reference', null);
  const { value: colleagues } = useQuery('colleagues', null);
  const [way, setWay] = useState<Way>('agent');
  const [to, setTo] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [summary, setSummary] = useState('');
  if (!reference) return null;
  const serving = new Set(reference.queueMembers.filter(({ queueId }) => queueId === ticket.queueId).map(({ userId }) => userId));
  const people = reference.users
    .filter(({ id, active, role }) => active && id !== reference.me.id && id !== ticket.assigneeId && (serving.has(id) || role === 'lead'))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'vi'));
  const stateOf = (userId: string) => {
    const state = colleagues?.[userId];
    return state === undefined ? '' : ` · ${t(`shift.state.${state}`)}`;
  };
  const options =
    way === 'queue'
      ? reference.queues.filter(({ id }) => id !== ticket.queueId).map(({ id, name }) => ({ value: id, label: name }))
      : people.map(({ id, name }) => ({ value: id, label: `${name}${stateOf(id)}` }));
  const name = (way === 'queue' ? reference.queues : reference.users).find(({ id }) => id === to)?.name ?? '';
  const ready = to !== null && reason.trim() !== '';
  const go = () => {
    if (to === null || reason.trim() === '') return;
    if (way === 'consult') void consult(ticket, to, reason.trim(), name);
    else
      void transfer(ticket, way === 'queue' ? { queueId: to } : { userId: to }, { reason: reason.trim(), summary: summary.trim() }, name);
  };
  return (
    <form
      className={css['form']}
      data-testid="transfer"
      onSubmit={(event) => {
        event.preventDefault();
        go();
      }}
    >
      <h2 className={css['title']}>{t('handle.transfer')}</h2>
      <RadioGroup
        className={css['ways'] ?? ''}
        aria-label={t('handle.transferTo')}
        value={way}
        onChange={(value) => {
          setWay(value as Way);
          setTo(null);
        }}
        orientation="horizontal"
      >
        {(Object.keys(ways) as Way[]).map((one) => {
          const Icon = ways[one];
          return (
            <Radio key={one} value={one} className={css['way'] ?? ''}>
              <Icon size={16} aria-hidden />
              <Label>{t(names[one])}</Label>
            </Radio>
          );
        })}
      </RadioGroup>
      <Pick
        label={t('handle.transferTo')}
        value={to}
        options={options}
        onChange={setTo}
        placeholder={options.length === 0 ? t('handle.noneToChoose') : t('handle.whom')}
      />
      <Field
        label={way === 'consult' ? t('handle.question') : t('handle.reason')}
        hint={t('handle.reasonHint')}
        value={reason}
        onChange={setReason}
        max={way === 'consult' ? 2000 : 200}
        {...(way === 'consult' ? { lines: 4 } : {})}
      />
      {way !== 'consult' && <Field label={t('handle.summary')} value={summary} onChange={setSummary} max={2000} lines={4} />}
      <div className={css['buttons']}>
        {!ready && (
          <span id={need} className={css['need']}>
            {t('handle.need')}
          </span>
        )}
        <Button look="quiet" onPress={() => openMenu(null)}>
          {t('handle.cancel')}
        </Button>
        <Button look="primary" type="submit" isDisabled={!ready} {...(ready ? {} : { 'aria-describedby': need })}>
          {t(way === 'consult' ? 'handle.ask' : 'handle.send')}
        </Button>
      </div>
    </form>
  );
}
