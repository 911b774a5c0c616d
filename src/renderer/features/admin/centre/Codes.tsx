import { ArrowDown, ArrowUp, Plus } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components';
import type { Reference } from '../../../../shared/bridge.ts';
import { type Code, type CodeKind, codeKinds } from '../../../../shared/codes.ts';
import { say } from '../../../app/toasts.ts';
import { useQuery } from '../../../app/useQuery.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Check } from '../../../ui/Check.tsx';
import css from '../Admin.module.css';
import { actOrSay } from '../service/act.ts';
import { OfflineNote, useOnline } from '../service/EditorFrame.tsx';
import { LocalState } from '../service/LocalState.tsx';
import { moved } from '../service/policy-form.ts';
import service from '../service/Service.module.css';
import own from './Centre.module.css';
import { CodeSheet } from './CodeSheet.tsx';

/** The words that agents choose for what a ticket was about, and how it ended. */
export function Codes() {
  return <LocalState watched={useQuery('reference', null)}>{(value) => <CodeLists reference={value} />}</LocalState>;
}

/** `position` is the list's to say. */
const fieldsOf = ({ id: codeId, kind, name, queueIds, active }: Code) => ({ codeId, kind, name, queueIds, active });

function CodeLists({ reference }: { reference: Reference }) {
  const { t } = useTranslation();
  const [edited, setEdited] = useState<{ code: Code; isNew: boolean } | null>(null);
  return (
    <div className={css['column']}>
      <header className={css['head']}>
        <div>
          <h1>{t('codes.title')}</h1>
          <p>{t('codes.hint')}</p>
        </div>
      </header>
      <OfflineNote />
      {codeKinds.map((kind) => (
        <CodeList key={kind} kind={kind} reference={reference} onOpen={(code, isNew) => setEdited({ code, isNew })} />
      ))}
      {edited && (
        <CodeSheet key={edited.code.id} code={edited.code} isNew={edited.isNew} reference={reference} onClose={() => setEdited(null)} />
      )}
    </div>
  );
}

function CodeList({ kind, reference, onOpen }: { kind: CodeKind; reference: Reference; onOpen: (code: Code, isNew: boolean) => void }) {
  const { t } = useTranslation();
  const online = useOnline();
  const [wanted, setWanted] = useState<{ ids: readonly string[]; from: string } | null>(null);
  const stored = reference.codes.filter((code) => code.kind === kind);
  const known = stored.map(({ id }) => id).join();
  // The hub has said what the order is: as it was wanted, or as somebody else wanted it.
  if (wanted && wanted.from !== known) setWanted(null);
  const codes = wanted ? wanted.ids.flatMap((id) => stored.find((code) => code.id === id) ?? []) : stored;
  const order = async (ids: string[]) => {
    setWanted({ ids, from: known });
    const done = await actOrSay('code.order', { kind, codeIds: ids });
    if (!done) setWanted(null);
    return done;
  };
  const move = async (at: number, by: -1 | 1) => {
    const before = codes.map(({ id }) => id);
    const after = moved(before, at, by);
    const code = codes[at];
    if (!code || !online || String(after) === String(before) || !(await order(after))) return;
    say(t('codes.moved', { name: code.name, n: at + by + 1 }), { action: { label: t('admin.undo'), run: () => void order(before) } });
  };
  const turn = async (code: Code, active: boolean) => {
    if (!(await actOrSay('code.save', { ...fieldsOf(code), active }))) return;
    say(t(active ? 'codes.switchedOn' : 'codes.switchedOff', { name: code.name }), {
      action: { label: t('admin.undo'), run: () => void actOrSay('code.save', { ...fieldsOf(code), active: !active }) },
    });
  };
  const add = () => onOpen({ id: crypto.randomUUID(), kind, name: '', queueIds: null, position: codes.length, active: true }, true);
  return (
    <section className={css['asides']} aria-labelledby={`codes-${kind}`} data-testid={`codes-${kind}`}>
      <header className={css['cardHead']}>
        <div>
          <h2 id={`codes-${kind}`}>{t(`codes.kinds.${kind}`)}</h2>
          <p className={css['quiet']}>{t(`codes.kindHints.${kind}`)}</p>
        </div>
        <Button size="small" icon={<Plus size={14} aria-hidden />} isDisabled={!online} onPress={add}>
          {t(`codes.add.${kind}`)}
        </Button>
      </header>
      {codes.length === 0 ? (
        <p>{t(`codes.none.${kind}`)}</p>
      ) : (
        <ol className={service['rows']} style={{ gap: 0 }} aria-labelledby={`codes-${kind}`}>
          {codes.map((code, at) => (
            <CodeRow
              key={code.id}
              code={code}
              at={at}
              reference={reference}
              online={online}
              alone={codes.length === 1}
              onOpen={() => onOpen(code, false)}
              onMove={(by) => void move(at, by)}
              onTurn={(active) => void turn(code, active)}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

function CodeRow({
  code,
  at,
  reference,
  online,
  alone,
  onOpen,
  onMove,
  onTurn,
}: {
  code: Code;
  at: number;
  reference: Reference;
  online: boolean;
  alone: boolean;
  onOpen: () => void;
  onMove: (by: -1 | 1) => void;
  onTurn: (active: boolean) => void;
}) {
  const { t } = useTranslation();
  const { name, active, queueIds } = code;
  const queues =
    queueIds === null
      ? t('codes.everyQueue')
      : reference.queues
          .filter(({ id }) => queueIds.includes(id))
          .map((queue) => queue.name)
          .join(', ');
  const key = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (by === 0 || !event.altKey) return;
    event.preventDefault();
    onMove(by);
  };
  return (
    <li className={service['row']} data-testid="code-row" data-active={active} onKeyDown={key}>
      <span className={`${service['number']} ${own['slimNumber']}`}>{at + 1}</span>
      <AriaButton className={`${service['open']} ${own['slim']}`} onPress={onOpen}>
        <span className={own['code']}>
          <span className={service['name']}>{name}</span>
          <span>{queues}</span>
        </span>
      </AriaButton>
      <span className={service['rowActs']}>
        <Check on={active} disabled={!online} onChange={onTurn}>
          <span aria-hidden className={service['onOff']}>
            {t(active ? 'codes.active' : 'codes.off')}
          </span>
          <span className="sr-only">{t('codes.switch', { name })}</span>
        </Check>
        <IconButton
          size="small"
          label={t('codes.up', { name })}
          icon={<ArrowUp size={14} aria-hidden />}
          isDisabled={!online || alone}
          onPress={() => onMove(-1)}
        />
        <IconButton
          size="small"
          label={t('codes.down', { name })}
          icon={<ArrowDown size={14} aria-hidden />}
          isDisabled={!online || alone}
          onPress={() => onMove(1)}
        />
      </span>
    </li>
  );
}
