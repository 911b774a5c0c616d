import { Check, Clock3, Filter as FilterIcon, Inbox, CheckCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { goTo, noFilter, setDesk, useDesk } from '../../app/desk.ts';
import { Button } from '../../ui/Button.tsx';
import { Keys } from '../../ui/Keys.tsx';
import { State } from '../../ui/State.tsx';

/** An empty list says why it is empty and what to do next. */
export function Empty() {
  const { t } = useTranslation();
  const view = useDesk((desk) => desk.view);
  const filter = useDesk((desk) => desk.filter);
  const filtered = filter.text !== '' || filter.channels.length > 0 || filter.queueId !== null || filter.tag !== null;
  if (filtered) {
    return (
      <State
        icon={<FilterIcon size={20} aria-hidden />}
        title={t('inbox.emptyFilter')}
        hint={t('inbox.emptyFilterHint')}
        action={<Button onPress={() => setDesk({ filter: noFilter })}>{t('inbox.clearFilter')}</Button>}
      />
    );
  }
  switch (view) {
    case 'mine':
      return (
        <State
          icon={<Check size={20} aria-hidden />}
          title={t('inbox.emptyMine')}
          hint={<Hint text="emptyMineHint" keys="i" />}
          action={<Button onPress={() => goTo('unassigned')}>{t('inbox.goUnassigned')}</Button>}
        />
      );
    case 'unassigned':
      return <State icon={<Check size={20} aria-hidden />} title={t('inbox.emptyUnassigned')} hint={t('inbox.emptyUnassignedHint')} />;
    case 'snoozed':
      return (
        <State icon={<Clock3 size={20} aria-hidden />} title={t('inbox.emptySnoozed')} hint={<Hint text="emptySnoozedHint" keys="s" />} />
      );
    case 'closed':
      return <State icon={<CheckCheck size={20} aria-hidden />} title={t('inbox.emptyClosed')} hint={t('inbox.emptyClosedHint')} />;
    case 'all':
      return <State icon={<Inbox size={20} aria-hidden />} title={t('inbox.emptyAll')} hint={<Hint text="emptyAllHint" keys="c" />} />;
  }
}

function Hint({ text, keys }: { text: 'emptyMineHint' | 'emptySnoozedHint' | 'emptyAllHint'; keys: string }) {
  const { t } = useTranslation();
  const [before = '', after = ''] = t(`inbox.${text}`, { key: '\u0000' }).split('\u0000');
  return (
    <>
      {before}
      <Keys keys={keys} spoken />
      {after}
    </>
  );
}
