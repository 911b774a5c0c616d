import { ArrowDown, ArrowUp, Lock, Plus } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components';
import type { Reference } from '../../../../shared/bridge.ts';
import type { SlaPolicy } from '../../../../shared/service-rows.ts';
import { valueOf } from '../../../app/engine.ts';
import { say } from '../../../app/toasts.ts';
import { useQuery } from '../../../app/useQuery.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Check } from '../../../ui/Check.tsx';
import css from '../Admin.module.css';
import { actOrSay } from './act.ts';
import { beginEdit, useService } from './edit.ts';
import { OfflineNote, useOnline } from './EditorFrame.tsx';
import { LocalState } from './LocalState.tsx';
import { moved, newPolicy, policyForm } from './policy-form.ts';
import { PolicyEditor } from './PolicyEditor.tsx';
import own from './Service.module.css';
import { byText, matchText, promiseTexts } from './words.ts';

/** What is promised to whom, in the order in which it is looked at. */
export function Policies() {
  const edit = useService(({ policy }) => policy);
  const reference = useQuery('reference', null);
  if (reference.value && edit) return <PolicyEditor key={edit.begun.id} edit={edit} reference={reference.value} />;
  return <LocalState watched={reference}>{(value) => <PolicyList reference={value} />}</LocalState>;
}

/** An order that was asked for a moment ago, and what it was until then. */
interface Wanted {
  ids: readonly string[];
  from: string;
}

const orderOf = (policies: readonly SlaPolicy[]): string => policies.map(({ id }) => id).join();

function inOrder(policies: readonly SlaPolicy[], wanted: Wanted | null): readonly SlaPolicy[] {
  if (wanted === null) return policies;
  const place = new Map(wanted.ids.map((id, at) => [id, at]));
  return policies.toSorted((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
}

/** All else of it stays as it is by then, which may be seconds after it was shown. */
function setActive(policy: SlaPolicy, active: boolean): Promise<boolean> {
  const {
    id: policyId,
    version: _,
    updatedAt: __,
    ...fields
  } = valueOf('reference', null)?.slaPolicies.find(({ id }) => id === policy.id) ?? policy;
  return actOrSay('slaPolicy.save', { policyId, ...fields, active });
}

function PolicyList({ reference }: { reference: Reference }) {
  const { t } = useTranslation();
  const online = useOnline();
  const [wanted, setWanted] = useState<Wanted | null>(null);
  // The hub has said what the order is: as it was wanted, or as somebody else wanted it.
  if (wanted && wanted.from !== orderOf(reference.slaPolicies)) setWanted(null);
  const policies = inOrder(reference.slaPolicies, wanted);
  const last = Math.max(-1, ...policies.map(({ position }) => position));
  const order = async (ids: string[]) => {
    setWanted({ ids, from: orderOf(reference.slaPolicies) });
    const done = await actOrSay('slaPolicy.order', { policyIds: ids });
    if (!done) setWanted(null);
    return done;
  };
  const move = async (at: number, by: -1 | 1) => {
    const before = policies.map(({ id }) => id);
    const after = moved(before, at, by);
    const policy = policies[at];
    if (!policy || !online || String(after) === String(before) || !(await order(after))) return;
    say(t('policies.moved', { name: policy.name, n: at + by + 1 }), { action: { label: t('admin.undo'), run: () => void order(before) } });
  };
  const turn = async (policy: SlaPolicy, active: boolean) => {
    if (!(await setActive(policy, active))) return;
    say(t(active ? 'policies.switchedOn' : 'policies.switchedOff', { name: policy.name }), {
      action: { label: t('admin.undo'), run: () => void setActive(policy, !active) },
    });
  };
  return (
    <div className={css['column']}>
      <header className={css['head']}>
        <div>
          <h1>{t('policies.title')}</h1>
          <p>{t('policies.hint')}</p>
        </div>
        <Button icon={<Plus size={14} aria-hidden />} onPress={() => beginEdit('policy', newPolicy(crypto.randomUUID(), last + 1), null)}>
          {t('policies.add')}
        </Button>
      </header>
      <OfflineNote />
      {policies.length === 0 && (
        <div className={own['empty']}>
          <strong>{t('policies.none')}</strong>
          <p>{t('policies.noneHint')}</p>
        </div>
      )}
      <ol className={own['rows']} aria-label={t('policies.list')}>
        {policies.map((policy, at) => (
          <PolicyRow
            key={policy.id}
            policy={policy}
            at={at}
            count={policies.length}
            reference={reference}
            online={online}
            onMove={(by) => void move(at, by)}
            onTurn={(active) => void turn(policy, active)}
          />
        ))}
        <li className={own['row']} data-testid="policy-defaults">
          <span className={own['number']}>
            <Lock size={12} aria-hidden />
          </span>
          <div className={own['fixed']}>
            <span className={own['name']}>{t('policies.defaults')}</span>
            <span className={own['what']}>{t('policies.defaultsWhat')}</span>
            <span className={own['facts']}>{t('policies.defaultsFixed')}</span>
          </div>
        </li>
      </ol>
      {policies.length > 1 && <p className={own['keys']}>{t('policies.keys')}</p>}
    </div>
  );
}

function PolicyRow({
  policy,
  at,
  count,
  reference,
  online,
  onMove,
  onTurn,
}: {
  policy: SlaPolicy;
  at: number;
  count: number;
  reference: Reference;
  online: boolean;
  onMove: (by: -1 | 1) => void;
  onTurn: (active: boolean) => void;
}) {
  const { t } = useTranslation();
  const { name, active, match, calendarId } = policy;
  const promises = promiseTexts(policy, t);
  const key = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (by === 0 || !event.altKey) return;
    event.preventDefault();
    onMove(by);
  };
  return (
    <li className={own['row']} data-testid="policy-row" data-active={active} onKeyDown={key}>
      <span className={own['number']}>{at + 1}</span>
      <AriaButton className={own['open'] ?? ''} onPress={() => beginEdit('policy', policyForm(policy), policy.updatedAt)}>
        <span className={own['name']}>{name}</span>
        <span className={own['what']}>{matchText(match, reference.queues, t)}</span>
        <span className={own['facts']}>
          {promises.map(({ kind, span }) => (
            <span key={kind}>
              {kind} <b>{span}</b>
            </span>
          ))}
          <span>{byText(calendarId, reference.calendars, t)}</span>
        </span>
      </AriaButton>
      <span className={own['rowActs']}>
        <Check on={active} disabled={!online} onChange={onTurn}>
          <span aria-hidden className={own['onOff']}>
            {t(active ? 'policies.active' : 'policies.off')}
          </span>
          <span className="sr-only">{t('policies.switch', { name })}</span>
        </Check>
        {/* Never switched off while it has the focus: the keyboard would be lost at the end of the list. */}
        <IconButton
          size="small"
          label={t('policies.up', { name })}
          icon={<ArrowUp size={14} aria-hidden />}
          isDisabled={!online || count === 1}
          onPress={() => onMove(-1)}
        />
        <IconButton
          size="small"
          label={t('policies.down', { name })}
          icon={<ArrowDown size={14} aria-hidden />}
          isDisabled={!online || count === 1}
          onPress={() => onMove(1)}
        />
      </span>
    </li>
  );
}
