import { ListFilter, Search, X } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { channelKinds } from '../../../shared/domain.ts';
import { focusOn, noFilter, select, setDesk, useDesk } from '../../app/desk.ts';
import { composes } from '../../app/keys.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { ChannelGlyph } from '../../ui/Channel.tsx';
import { Pick } from '../../ui/Choice.tsx';
import { PopoverButton } from '../../ui/Popover.tsx';
import css from './Inbox.module.css';

const kinds: typeof channelKinds = ['phone', 'email', 'chat', 'messenger', 'instagram', 'zalo', 'api', 'counter', 'other'];

export function Filter() {
  const { t } = useTranslation();
  const filter = useDesk((desk) => desk.filter);
  const { value: reference } = useQuery('reference', null);
  const narrowed = filter.channels.length > 0 || filter.queueId !== null;
  const queues = (reference?.queues ?? []).filter((queue) => reference?.myQueues.includes(queue.id));
  const key = (event: KeyboardEvent) => {
    if (composes(event.nativeEvent)) return;
    if (event.key !== 'Enter' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    const { order } = useDesk.getState();
    if (order[0] !== undefined) select(order[0]);
    focusOn('inbox-list');
  };
  return (
    <div className={css['filter']}>
      <div className={css['search']}>
        <Search size={14} aria-hidden />
        <input
          id="inbox-filter"
          type="search"
          aria-label={t('inbox.filter')}
          placeholder={t('inbox.filter')}
          spellCheck={false}
          maxLength={200}
          value={filter.text}
          onChange={(event) => setDesk({ filter: { ...filter, text: event.target.value } })}
          onKeyDown={key}
        />
        {filter.text !== '' && (
          <IconButton
            size="small"
            label={t('act.clear')}
            icon={<X size={14} aria-hidden />}
            onPress={() => setDesk({ filter: { ...filter, text: '' } })}
          />
        )}
      </div>
      <PopoverButton
        label={t('inbox.filterBy')}
        placement="bottom end"
        width={280}
        trigger={<IconButton label={t('inbox.filterBy')} pressed={narrowed} icon={<ListFilter size={16} aria-hidden />} />}
      >
        <div className={css['panel']}>
          <h2 className={css['panelTitle']}>{t('inbox.channels')}</h2>
          <ToggleButtonGroup
            aria-label={t('inbox.channels')}
            selectionMode="multiple"
            className={css['toggles'] ?? ''}
            selectedKeys={filter.channels}
            onSelectionChange={(keys) => setDesk({ filter: { ...filter, channels: kinds.filter((kind) => keys.has(kind)) } })}
          >
            {kinds.map((kind) => (
              <ToggleButton key={kind} id={kind} className={css['toggle'] ?? ''}>
                <ChannelGlyph kind={kind} size={14} silent />
                {t(`channel.${kind}`)}
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
          <Pick
            label={t('inbox.queues')}
            value={filter.queueId ?? 'all'}
            options={[{ value: 'all', label: t('inbox.allQueues') }, ...queues.map((queue) => ({ value: queue.id, label: queue.name }))]}
            onChange={(value) => setDesk({ filter: { ...filter, queueId: value === 'all' ? null : value } })}
          />
          {narrowed && (
            <Button look="quiet" onPress={() => setDesk({ filter: { ...noFilter, text: filter.text } })}>
              {t('inbox.clearFilter')}
            </Button>
          )}
        </div>
      </PopoverButton>
    </div>
  );
}
