import type { TFunction } from 'i18next';
import { X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Reference } from '../../../shared/bridge.ts';
import type { AuditAnswer } from '../../../shared/protocol.ts';
import { useMinute } from '../../app/clock.ts';
import { openTicket } from '../../app/desk.ts';
import { execute } from '../../app/engine.ts';
import { HubState } from '../../app/HubState.tsx';
import { usePrefs } from '../../app/prefs.ts';
import { say } from '../../app/toasts.ts';
import { useHub } from '../../app/useHub.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { State } from '../../ui/State.tsx';
import { exact, moment } from '../../ui/time.ts';
import css from './Record.module.css';
import paneCss from './Tickets.module.css';

type Entry = AuditAnswer['entries'][number];
const pageSize = 100;

/** Who did what, newest first, as the hub has written it down in the commit of each act. */
export function Record({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const { got, load } = useHub('audit', { before: null, ticketId: null });
  const [older, setOlder] = useState<Entry[]>([]);
  const [done, setDone] = useState(false);
  const entries = got.state === 'here' ? [...got.value.entries, ...older] : [];
  const more = async () => {
    const before = entries.at(-1)?.id ?? null;
    try {
      const page = await execute('audit', { before, ticketId: null });
      setOlder([...older, ...page.entries]);
      setDone(page.entries.length < pageSize);
    } catch {
      say(t('admin.failed'), { tone: 'danger' });
    }
  };
  const again = () => {
    setOlder([]);
    setDone(false);
    load();
  };
  return (
    <aside className={paneCss['pane']} aria-label={t('record.title')} data-testid="record">
      <header className={paneCss['head']}>
        <h2 className={paneCss['name']}>{t('record.title')}</h2>
        <span className={paneCss['count']} />
        <Button size="small" look="quiet" onPress={again}>
          {t('record.again')}
        </Button>
        <IconButton size="small" label={t('record.close')} icon={<X size={14} aria-hidden />} onPress={close} />
      </header>
      {got.state !== 'here' ? (
        <HubState got={got} onAgain={again} bones={4} />
      ) : entries.length === 0 ? (
        <State title={t('record.none')} hint={t('record.noneHint')} />
      ) : (
        <div className={css['scroll']}>
          <ol className={css['list']}>
            {entries.map((entry) => (
              <Line key={entry.id} entry={entry} />
            ))}
          </ol>
          {!done && entries.length >= pageSize && (
            <Button size="small" onPress={() => void more()}>
              {t('record.more')}
            </Button>
          )}
        </div>
      )}
    </aside>
  );
}

function Line({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const now = useMinute();
  const { value: reference } = useQuery('reference', null);
  const { at, actorName, ticketId, ticketNumber, ticketSubject } = entry;
  const detail = reference ? detailOf(entry, reference, t) : '';
  return (
    <li className={css['line']} data-testid="record-entry" data-act={entry.act}>
      <span className={css['first']}>
        <strong>{actorName}</strong>
        <time className={css['when']} title={exact(at, language)}>
          {moment(at, now, t)}
        </time>
      </span>
      <span>
        {actName(entry.act, t)}
        {detail !== '' && `: ${detail}`}
      </span>
      {ticketId !== null && ticketSubject !== null && (
        <button type="button" className={css['ticket']} onClick={() => openTicket(ticketId)}>
          {ticketNumber !== null && `#${ticketNumber} `}
          {ticketSubject}
        </button>
      )}
    </li>
  );
}

/** A newer hub may write down acts that this console has no words for. */
const actName = (act: string, t: TFunction): string =>
  t(`record.act.${act.replace('.', '-')}` as 'record.act.ticket-assign', { defaultValue: act });

/** To whom, of what: whatever of the act's arguments has a name. */
function detailOf({ act, args }: Entry, reference: Reference, t: TFunction): string {
  if (typeof args !== 'object' || args === null) return '';
  const given = new Map(Object.entries(args));
  const named = (rows: readonly { id: string; name: string }[], key: string) => rows.find(({ id }) => id === given.get(key))?.name;
  const state = given.get('state');
  const parts = [
    named(reference.users, 'userId'),
    act === 'ticket.assign' ? (given.get('to') === null ? t('record.toQueue') : named(reference.users, 'to')) : undefined,
    named(reference.queues, 'queueId'),
    named(reference.teams, 'teamId'),
    typeof given.get('name') === 'string' ? String(given.get('name')) : undefined,
    act === 'presence.set' && typeof state === 'string' ? t(`shift.state.${state}` as 'shift.state.available') : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}
