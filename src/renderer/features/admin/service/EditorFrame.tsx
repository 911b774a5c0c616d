import { ArrowLeft, CloudOff, Trash2, TriangleAlert, Undo2 } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { say } from '../../../app/toasts.ts';
import { useQuery } from '../../../app/useQuery.ts';
import { Button } from '../../../ui/Button.tsx';
import { Sheet } from '../../../ui/Popover.tsx';
import css from '../Admin.module.css';
import botCss from '../Bot.module.css';
import type { Acted } from './act.ts';
import { changeEdit, type Edit, type Editing, endEdit, isChanged, undoEdit } from './edit.ts';
import own from './Service.module.css';

export interface EditorFrameProps {
  kind: Editing;
  edit: Edit<{ name: string }>;
  /** when the row was saved last, as it is known now; null: there is none */
  savedAt: number | null;
  title: string;
  note: string | null;
  problems: number;
  words: { save: string; saved: string; remove?: string; removeAsk?: string; removeWhat?: string; removed?: string };
  /** what names it is still used by, when the hub refuses to delete it */
  usedBy?: (names: string) => string;
  /** in the place of deleting */
  acts?: ReactNode;
  /** why it can't be deleted, known beforehand */
  held: { title: string; what: string } | null;
  onSave: () => Promise<Acted>;
  /** absent: it is not deleted */
  onRemove?: () => Promise<Acted>;
  /** takes the row as it is now instead of what was changed here */
  onTakeNewer: () => void;
  aside: ReactNode;
  children: ReactNode;
}

/** Around whatever is being changed: where it leads back to, what is unsaved or wrong, saving and deleting. */
export function EditorFrame(props: EditorFrameProps) {
  const { kind, edit, savedAt, title, note, problems, words, held, aside, children, acts, onRemove } = props;
  const { t } = useTranslation();
  const usedBy = props.usedBy ?? ((names: string) => t('calendars.inUseBy', { names }));
  const online = useOnline();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const [asks, setAsks] = useState<'leave' | 'remove' | null>(null);
  const form = useRef<HTMLDivElement>(null);
  const changed = isChanged(edit);
  const isNew = edit.rowAt === null;
  const elsewhere = edit.rowAt !== null && savedAt !== edit.rowAt;
  const savable = online && !busy && problems === 0 && (changed || isNew || (elsewhere && savedAt === null));

  const run = async (act: () => Promise<Acted>, said: string) => {
    setBusy(true);
    setRefused(null);
    const acted = await act();
    setBusy(false);
    if (!acted.ok) return setRefused(acted.by === null ? acted.words : usedBy(acted.by));
    say(said);
    endEdit(kind);
  };
  const save = () => run(props.onSave, words.saved);
  const leave = () => (changed ? setAsks('leave') : endEdit(kind));
  const discard = () => {
    changeEdit(kind, 'discard', () => edit.begun as never);
    say(t('service.discarded'));
  };
  const toFirstFault = () => {
    const fault = form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-wrong="true"] button');
    fault?.scrollIntoView({ block: 'center' });
    fault?.focus();
  };
  const key = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
    event.preventDefault();
    if (savable) void save();
    else if (problems > 0) toFirstFault();
  };
  return (
    <div className={`${css['column']} ${css['broad']}`} onKeyDown={key} data-testid={`${kind}-editor`}>
      <header className={own['editorHead']}>
        <Button look="quiet" size="small" icon={<ArrowLeft size={14} aria-hidden />} onPress={leave}>
          {t('service.back')}
        </Button>
        <div className={css['head']}>
          <div>
            <h1>{title}</h1>
            {note !== null && <p>{note}</p>}
          </div>
          {acts}
          {!isNew && onRemove && (
            <Button look="quiet" icon={<Trash2 size={14} aria-hidden />} isDisabled={busy || !online} onPress={() => setAsks('remove')}>
              {words.remove}
            </Button>
          )}
        </div>
      </header>
      <OfflineNote />
      {elsewhere && (
        <p className={own['note']} role="status">
          <TriangleAlert size={14} aria-hidden />
          <span>{t(savedAt === null ? 'service.gone' : 'service.newer')}</span>
          {savedAt !== null && (
            <Button size="small" onPress={props.onTakeNewer}>
              {t('service.takeNewer')}
            </Button>
          )}
        </p>
      )}
      <div className={botCss['workbench']}>
        <div className={botCss['editor']} ref={form}>
          {children}
          <footer className={botCss['saveBar']} data-dirty={changed}>
            {problems > 0 ? (
              <button type="button" className={own['faults']} onClick={toFirstFault} data-testid="faults">
                {t('service.fix', { count: problems })}
              </button>
            ) : refused !== null ? (
              <span role="alert" className={own['refused']} data-testid="refused">
                {refused}
              </span>
            ) : (
              <span role="status">{busy ? t('service.saving') : changed ? t(online ? 'service.dirty' : 'service.dirtyOffline') : ''}</span>
            )}
            <Button
              look="quiet"
              icon={<Undo2 size={14} aria-hidden />}
              isDisabled={edit.past.length === 0}
              onPress={() => {
                setRefused(null);
                undoEdit(kind);
              }}
            >
              {t('admin.undo')}
            </Button>
            {changed && !isNew && (
              <Button look="quiet" onPress={discard}>
                {t('service.discard')}
              </Button>
            )}
            <Button look="primary" isDisabled={!savable} onPress={() => void save()}>
              {words.save}
            </Button>
          </footer>
        </div>
        <aside className={botCss['beside']}>{aside}</aside>
      </div>
      <Ask
        open={asks === 'leave'}
        title={t('service.leaveTitle')}
        what={t('service.leaveWhat', { name: edit.now.name.trim() || t('service.unnamed') })}
        act={t('service.discard')}
        stay={t('service.stay')}
        onClose={() => setAsks(null)}
        onAct={() => endEdit(kind)}
      />
      <Ask
        open={asks === 'remove'}
        title={held?.title ?? words.removeAsk ?? ''}
        what={held?.what ?? words.removeWhat ?? ''}
        act={held ? null : (words.remove ?? '')}
        stay={held ? t('act.close') : t('admin.cancel')}
        onClose={() => setAsks(null)}
        onAct={() => onRemove && void run(onRemove, words.removed ?? '')}
      />
    </div>
  );
}

/** A question that is answered before anything is lost. `act` null: there is nothing to do but to read it. */
export function Ask({
  open,
  title,
  what,
  act,
  stay,
  onClose,
  onAct,
  children,
}: {
  open: boolean;
  title: string;
  what: string;
  act: string | null;
  stay: string;
  onClose: () => void;
  onAct: () => void;
  /** what is asked beside */
  children?: ReactNode;
}) {
  return (
    <Sheet kind="alert" label={title} open={open} onOpenChange={(on) => !on && onClose()}>
      <div className={css['ask']}>
        <h2>{title}</h2>
        <p>{what}</p>
        {children}
        <div className={css['acts']}>
          {act !== null && (
            <Button
              look="danger"
              onPress={() => {
                onClose();
                onAct();
              }}
            >
              {act}
            </Button>
          )}
          <Button look={act === null ? 'plain' : 'quiet'} autoFocus onPress={onClose}>
            {stay}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}

export function useOnline(): boolean {
  const { value: status } = useQuery('status', null);
  return status?.connection === 'online';
}

/** What is here can be looked at without the hub; nothing can be changed. Not said for the moment that connecting takes. */
export function OfflineNote() {
  const { t } = useTranslation();
  const { value: status } = useQuery('status', null);
  if (status === undefined || status.connection !== 'offline') return null;
  return (
    <p className={own['note']} role="status" data-testid="service-offline">
      <CloudOff size={14} aria-hidden />
      <span>{t('service.offline')}</span>
    </p>
  );
}
