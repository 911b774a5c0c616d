import { CloudOff, PhoneIncoming, PhoneOutgoing, Timer, X } from 'lucide-react';
import { type KeyboardEvent, type SubmitEvent, useDeferredValue, useEffect, useRef, useState } from 'react';
import { Checkbox } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { TicketDetail } from '../../../shared/bridge.ts';
import { hubNow, useTick } from '../../app/clock.ts';
import { openTicket, setDesk } from '../../app/desk.ts';
import { execute } from '../../app/engine.ts';
import { composes } from '../../app/keys.ts';
import { limits } from '../../app/limits.ts';
import { refOf } from '../../app/refs.ts';
import { change, copy } from '../../app/tickets.ts';
import { say } from '../../app/toasts.ts';
import { useQuery, useSteadyQuery } from '../../app/useQuery.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Pick, Segments } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import { showPhone, toE164 } from '../../ui/phone.ts';
import { Avatar } from '../../ui/Person.tsx';
import { blank, type CallForm, clear, createArgs, durationOf, fill, logArgs, type Problem, problems, useCallForm } from './form.ts';
import css from './PhoneNote.module.css';

const outcomes = ['answered', 'missed', 'voicemail', 'no_answer', 'busy'] as const;

export function PhoneNote({ onto }: { onto: TicketDetail | null }) {
  const form = useCallForm((state) => state.form);
  useEffect(() => {
    if (form === null) useCallForm.setState({ form: blank() });
  }, [form]);
  return form === null ? null : <Form form={form} onto={onto?.status === 'closed' ? null : onto} />;
}

function Form({ form, onto }: { form: CallForm; onto: TicketDetail | null }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const { value: status } = useQuery('status', null);
  const [tried, setTried] = useState(false);
  const place = useRef<HTMLFormElement>(null);
  const queues = (reference?.queues ?? []).filter((queue) => reference?.myQueues.includes(queue.id));
  const only = queues.length === 1 ? (queues[0]?.id ?? null) : null;
  const filled: CallForm = { ...form, onto: form.onto && onto !== null, queueId: form.queueId ?? only };
  const wrong = tried ? problems(filled, hubNow()) : new Set<Problem>();
  const tell = (problem: Problem) => (wrong.has(problem) ? t(`note.${problem}`) : null);
  const counted = useTick((now) => durationOf(filled, now));
  const offline = status !== undefined && status.connection !== 'online';

  const save = async () => {
    setTried(true);
    const now = hubNow();
    if (problems(filled, now).size > 0) {
      requestAnimationFrame(() => place.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid] button')?.focus());
      return;
    }
    if (filled.onto && onto !== null) {
      if (!(await change('call.log', logArgs(filled, onto.id, now)))) return;
      say(t('note.savedOnto'));
      openTicket(onto.id);
    } else {
      if (filled.queueId === null) return;
      const args = createArgs(filled, filled.queueId, now);
      if (!(await change('ticket.create', args))) return;
      say(t('note.savedNew', { ref: args.provisionalRef }));
      openTicket(args.ticketId);
    }
    // Written down: the exchange's call need not be shown any more.
    if (filled.callId !== null) void execute('call.dismiss', { callId: filled.callId }).catch(() => undefined);
    clear();
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    void save();
  };
  const key = (event: KeyboardEvent) => {
    if (composes(event.nativeEvent) || event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void save();
  };
  const discard = () => {
    clear();
    setDesk({ screen: 'inbox' });
    say(t('note.discarded'), {
      action: {
        label: t('act.undo'),
        run: () => {
          useCallForm.setState({ form });
          setDesk({ screen: 'call' });
        },
      },
    });
  };

  return (
    <form
      ref={place}
      className={css['form']}
      data-testid="phone-note-form"
      aria-label={t('note.title')}
      onSubmit={submit}
      onKeyDown={key}
      noValidate
    >
      <header className={css['head']}>
        <h1>{t('note.title')}</h1>
        {offline && (
          <span className={css['offline']}>
            <CloudOff size={14} aria-hidden />
            {t('note.offline')}
          </span>
        )}
        <IconButton label={t('note.leave')} keys="Escape" icon={<X size={16} aria-hidden />} onPress={() => setDesk({ screen: 'inbox' })} />
      </header>
      <div className={css['scroll']}>
        <div className={css['column']}>
          <div className={css['pair']}>
            <Segments
              label={t('note.direction')}
              value={form.direction}
              options={[
                { value: 'inbound', label: t('note.inbound'), icon: <PhoneIncoming size={14} aria-hidden /> },
                { value: 'outbound', label: t('note.outbound'), icon: <PhoneOutgoing size={14} aria-hidden /> },
              ]}
              onChange={(direction) => fill({ direction })}
            />
            {onto !== null && (
              <Segments
                label={t('note.target')}
                value={filled.onto ? 'onto' : 'new'}
                options={[
                  { value: 'new', label: t('note.newTicket') },
                  { value: 'onto', label: t('note.onto', { ref: refOf(onto) ?? '' }) },
                ]}
                onChange={(value) => fill({ onto: value === 'onto' })}
              />
            )}
          </div>
          {!filled.onto && (
            <div className={css['ref']}>
              <div>
                <p className={css['refLabel']}>{t('note.ref')}</p>
                <p className={css['refHint']}>{t('note.refHint')}</p>
              </div>
              <button
                type="button"
                className={css['refCode']}
                data-testid="provisional-ref"
                aria-label={t('customer.copy', { value: form.ref })}
                onClick={() => void copy(form.ref)}
              >
                {form.ref}
              </button>
            </div>
          )}
          <Who form={filled} phoneError={tell('phoneBad')} nameError={tell('nameNeeded')} />
          {!filled.onto && (
            <div className={css['pair']}>
              <Field
                label={t('note.subject')}
                value={form.subject}
                max={limits.subjectLength}
                onChange={(subject) => fill({ subject })}
                error={tell('subjectNeeded')}
                spellCheck
              />
              <Pick
                label={t('note.queue')}
                value={filled.queueId}
                placeholder={t('note.queueNeeded')}
                options={queues.map((queue) => ({ value: queue.id, label: queue.name }))}
                onChange={(queueId) => fill({ queueId })}
                error={tell('queueNeeded')}
              />
            </div>
          )}
          <Field
            label={t('note.body')}
            lines={7}
            max={limits.messageLength}
            value={form.body}
            onChange={(body) => fill({ body })}
            error={tell('bodyNeeded')}
          />
          <div className={css['pair']}>
            <Pick
              label={t('note.outcome')}
              value={form.outcome}
              options={outcomes.map((value) => ({ value, label: t(`call.${value}`) }))}
              onChange={(outcome) => fill({ outcome })}
            />
            <Field
              label={t('note.duration')}
              value={form.duration ?? counted}
              onChange={(duration) => fill({ duration })}
              hint={form.duration === null && form.outcome === 'answered' ? t('note.running') : t('note.durationHint')}
              error={tell('durationBad')}
              icon={<Timer size={14} aria-hidden />}
            />
          </div>
        </div>
      </div>
      <footer className={css['foot']}>
        {!filled.onto && (
          <Checkbox className={css['check'] ?? ''} isSelected={form.assignToMe} onChange={(assignToMe) => fill({ assignToMe })}>
            <span className={css['box']} aria-hidden />
            {t('note.assignMe')}
          </Checkbox>
        )}
        <span className={css['space']} />
        <Button look="quiet" onPress={discard}>
          {t('note.discard')}
        </Button>
        <Button look="primary" type="submit" keys="$mod+Enter">
          {t('note.save')}
        </Button>
      </footer>
    </form>
  );
}

/** Number and name; who is known already is offered as soon as either is typed. */
function Who({ form, phoneError, nameError }: { form: CallForm; phoneError: string | null; nameError: string | null }) {
  const { t } = useTranslation();
  // Numbers are kept as +84912…, so the trunk zero of a number half typed would match nothing.
  const digits = form.phone.replace(/[\s.()-]/g, '').replace(/^0/, '');
  const typed = useDeferredValue(digits.length >= 3 ? (toE164(form.phone) ?? digits) : form.name.trim());
  const { value: hits } = useSteadyQuery('customer.find', form.known !== null || typed.length < 2 ? undefined : { text: typed });
  const phoneOf = (identities: readonly { kind: string; value: string }[]) =>
    identities.find((identity) => identity.kind === 'phone')?.value;
  const shown = form.known === null && typed.length >= 2 ? (hits ?? []).slice(0, 4) : [];
  return (
    <div className={css['who']}>
      <div className={css['pair']}>
        <Field
          label={t('note.phone')}
          type="tel"
          autoFocus
          value={form.phone}
          onChange={(phone) => fill({ phone })}
          error={phoneError}
          hint={t('note.phoneHint')}
          onBlur={() => toE164(form.phone) !== null && fill({ phone: showPhone(form.phone) })}
        />
        {form.known === null ? (
          <Field label={t('note.name')} max={200} value={form.name} onChange={(name) => fill({ name })} error={nameError} />
        ) : (
          <div className={css['known']} data-testid="known-customer">
            <span className={css['knownLabel']}>{t('note.known')}</span>
            <span className={css['knownBox']}>
              <Avatar name={form.known.name} size={20} />
              <span className={css['knownName']}>{form.known.name}</span>
              <Button size="small" look="quiet" onPress={() => fill({ known: null })}>
                {t('note.change')}
              </Button>
            </span>
          </div>
        )}
      </div>
      {shown.length > 0 && (
        <ul className={css['hits']} aria-label={t('note.hits')}>
          {shown.map((hit) => (
            <li key={hit.id}>
              <button
                type="button"
                className={css['hit']}
                onClick={() => {
                  const phone = phoneOf(hit.identities);
                  fill({
                    known: hit,
                    name: hit.name,
                    ...(phone !== undefined && toE164(form.phone) === null ? { phone: showPhone(phone) } : {}),
                  });
                }}
              >
                <Avatar name={hit.name} size={24} />
                <span className={css['hitName']}>{hit.name}</span>
                <span className={css['hitReach']}>
                  {hit.identities
                    .filter((identity) => identity.kind === 'phone' || identity.kind === 'email')
                    .slice(0, 2)
                    .map((identity) => (identity.kind === 'phone' ? showPhone(identity.value) : identity.value))
                    .join(' · ')}
                </span>
                {hit.openTickets > 0 && <span className={css['hitOpen']}>{t('note.openTickets', { n: hit.openTickets })}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
