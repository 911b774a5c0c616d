import { Trash2 } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Reference } from '../../../../shared/bridge.ts';
import type { Code } from '../../../../shared/codes.ts';
import { say } from '../../../app/toasts.ts';
import { Button } from '../../../ui/Button.tsx';
import { Check } from '../../../ui/Check.tsx';
import { Segments } from '../../../ui/Choice.tsx';
import { Field } from '../../../ui/Field.tsx';
import { Sheet } from '../../../ui/Popover.tsx';
import css from '../Admin.module.css';
import { act, actOrSay } from '../service/act.ts';
import { useOnline } from '../service/EditorFrame.tsx';
import own from './Centre.module.css';

/** One word: what it says, and where it is offered. */
export function CodeSheet({ code, isNew, reference, onClose }: { code: Code; isNew: boolean; reference: Reference; onClose: () => void }) {
  const { t } = useTranslation();
  const online = useOnline();
  const [text, setText] = useState(code.name);
  const [every, setEvery] = useState(code.queueIds === null);
  const [queueIds, setQueueIds] = useState<readonly string[]>(code.queueIds ?? []);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const { id: codeId, kind, active } = code;
  const name = text.trim();
  const others = reference.codes.filter((one) => one.kind === kind && one.id !== codeId);
  const twice = others.some((one) => one.name.toLocaleLowerCase() === name.toLocaleLowerCase());
  const wrong = twice ? t('codes.bad.SAME_NAME') : name === '' && text !== code.name ? t('codes.bad.NO_NAME') : null;
  const nowhere = !every && queueIds.length === 0;
  const savable = online && !busy && name !== '' && !twice && !nowhere;
  const save = async () => {
    if (!savable) return;
    setBusy(true);
    const acted = await act('code.save', { codeId, kind, name, active, queueIds: every ? null : [...queueIds] });
    setBusy(false);
    if (!acted.ok) return setRefused(acted.words);
    say(t('codes.saved', { name }));
    onClose();
  };
  const remove = async () => {
    if (!(await actOrSay('code.remove', { codeId }))) return;
    onClose();
    const back = { codeId, kind, name: code.name, active, queueIds: code.queueIds };
    say(t('codes.removed', { name: code.name }), { action: { label: t('admin.undo'), run: () => void actOrSay('code.save', back) } });
  };
  const key = (event: KeyboardEvent) => {
    const saves =
      (event.key === 's' && (event.ctrlKey || event.metaKey)) ||
      (event.key === 'Enter' && event.target instanceof HTMLInputElement && event.target.type !== 'checkbox');
    if (!saves) return;
    event.preventDefault();
    void save();
  };
  const title = isNew ? t(`codes.newTitle.${kind}`) : code.name;
  return (
    <Sheet kind="alert" label={title} open onOpenChange={(open) => !open && onClose()}>
      <div className={css['ask']} onKeyDown={key} data-testid="code-sheet">
        <h2>{title}</h2>
        <Field autoFocus label={t('codes.name')} value={text} max={80} onChange={setText} error={wrong} />
        <Segments
          label={t('codes.queues')}
          value={every ? 'every' : 'some'}
          options={[
            { value: 'every', label: t('codes.everyQueue') },
            { value: 'some', label: t('codes.someQueues') },
          ]}
          onChange={(next) => setEvery(next === 'every')}
        />
        {!every && (
          <div className={own['checks']} role="group" aria-label={t('codes.queues')}>
            {reference.queues.map((queue) => (
              <Check
                key={queue.id}
                on={queueIds.includes(queue.id)}
                onChange={(on) => setQueueIds(on ? [...queueIds, queue.id] : queueIds.filter((one) => one !== queue.id))}
              >
                {queue.name}
              </Check>
            ))}
          </div>
        )}
        {nowhere && <p className={own['under']}>{t('codes.bad.NO_QUEUE')}</p>}
        {refused !== null && (
          <p role="alert" className={own['wrong']}>
            {refused}
          </p>
        )}
        <div className={css['acts']}>
          <Button look="primary" isDisabled={!savable} onPress={() => void save()}>
            {t('codes.save')}
          </Button>
          <Button look="quiet" onPress={onClose}>
            {t('admin.cancel')}
          </Button>
          <span className={css['space']} />
          {!isNew && (
            <Button look="quiet" icon={<Trash2 size={14} aria-hidden />} isDisabled={!online || busy} onPress={() => void remove()}>
              {t('codes.remove')}
            </Button>
          )}
        </div>
      </div>
    </Sheet>
  );
}
