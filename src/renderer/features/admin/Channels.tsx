import { Cable } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from '../../app/useQuery.ts';
import { State } from '../../ui/State.tsx';
import { AddChannel } from './AddChannel.tsx';
import css from './Admin.module.css';
import { Aside } from './Aside.tsx';
import { ChannelCard } from './ChannelCard.tsx';
import { HubState } from '../../app/HubState.tsx';
import { ListHead } from './ListHead.tsx';
import { setAside } from './state.ts';
import { useHub } from '../../app/useHub.ts';

/** Every channel with how it does, what feeds it, and what could not be handled. */
export function Channels() {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const [fresh, setFresh] = useState<string | null>(null);
  const { value: reference } = useQuery('reference', null);
  // What is known of a channel's health comes through the log: then the rest is asked for anew.
  const of = reference?.channels.map(({ id, health, name, queueId }) => `${id} ${health} ${name} ${queueId}`).join('\n') ?? '';
  const { got, load } = useHub('channels.list', null, of);
  const aside = got.state === 'here' ? got.value.channels.reduce((sum, one) => sum + one.aside, 0) : null;
  useEffect(() => {
    if (aside !== null) setAside(aside);
  }, [aside]);
  return (
    <div className={css['column']}>
      <ListHead
        title={t('channels.title')}
        hint={t('channels.hint')}
        add={t('channels.addTitle')}
        adding={got.state === 'here' ? adding : null}
        onAdd={setAdding}
        onReload={load}
      />
      {adding && (
        <AddChannel
          onCancel={() => setAdding(false)}
          onDone={(channelId) => {
            setAdding(false);
            setFresh(channelId);
            load();
          }}
        />
      )}
      {got.state !== 'here' ? (
        <HubState got={got} onAgain={load} />
      ) : got.value.channels.length === 0 ? (
        <State icon={<Cable size={20} aria-hidden />} title={t('channels.none')} hint={t('channels.noneHint')} />
      ) : (
        <>
          <ul className={css['list']} aria-label={t('channels.title')}>
            {got.value.channels.map((channel) => (
              <li key={channel.id}>
                <ChannelCard
                  channel={channel}
                  queue={reference?.queues.find(({ id }) => id === channel.queueId)?.name ?? ''}
                  hubUrl={got.value.hubUrl}
                  begin={channel.id === fresh}
                  onChange={load}
                />
              </li>
            ))}
          </ul>
          <Aside names={new Map(got.value.channels.map(({ id, name }) => [id, name]))} onChange={load} />
        </>
      )}
    </div>
  );
}
