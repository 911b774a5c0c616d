import { Megaphone, ScrollText } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FloorQueue } from '../../../shared/bridge-floor.ts';
import { useMinute } from '../../app/clock.ts';
import { Freshness } from '../../app/Freshness.tsx';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { Bone, State } from '../../ui/State.tsx';
import { startOfDay } from '../../ui/time.ts';
import { Agents } from './Agents.tsx';
import { BigScreen } from './BigScreen.tsx';
import css from './Floor.module.css';
import { Hours } from './Hours.tsx';
import { Queues } from './Queues.tsx';
import { Record } from './Record.tsx';
import { TeamMessage } from './TeamMessage.tsx';
import { Tickets } from './Tickets.tsx';

export type Chosen = { queueId: string } | { userId: string };

/** The floor, live: who waits, who is late, who is there, and how the day goes. What is chosen opens beside it, down to the ticket. */
export function Floor() {
  const { t } = useTranslation();
  const since = startOfDay(useMinute());
  const { value: floor, error } = useQuery('floor', { since });
  const { value: reference } = useQuery('reference', null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [speaking, setSpeaking] = useState(false);
  const [record, setRecord] = useState(false);
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  if (error) return <State title={t('floor.failed')} hint={t('floor.failedHint')} role="alert" />;
  if (!floor || !reference) return <Bones />;
  const mine = floor.queues.filter(({ queueId }) => reference.myQueues.includes(queueId));
  const sum = (of: (queue: FloorQueue) => number) => mine.reduce((total, queue) => total + of(queue), 0);
  const available = floor.agents.filter(({ presence }) => presence?.state === 'available').length;
  const figures = [
    { key: 'waiting', n: sum(({ waiting }) => waiting), tone: 'plain' },
    { key: 'dueSoon', n: sum(({ dueSoon }) => dueSoon), tone: 'warning' },
    { key: 'breached', n: sum(({ breached }) => breached), tone: 'danger' },
    { key: 'available', n: available, tone: 'good' },
  ] as const;
  return (
    <div className={css['screen']} data-testid="floor">
      <div className={css['main']} ref={setScroller}>
        <header className={css['head']}>
          <h1 className={css['title']}>{t('floor.title')}</h1>
          <Freshness />
          <ul className={css['figures']}>
            {figures.map(({ key, n, tone }) => (
              <li key={key} className={css['figure']} data-tone={n > 0 ? tone : 'plain'} data-testid={`floor-${key}`}>
                <strong>{n}</strong> {t(`floor.sum.${key}`)}
              </li>
            ))}
          </ul>
          <BigScreen />
          <Button
            size="small"
            icon={<ScrollText size={14} aria-hidden />}
            data-testid="open-record"
            onPress={() => {
              setChosen(null);
              setRecord(!record);
            }}
          >
            {t('record.title')}
          </Button>
          <Button size="small" icon={<Megaphone size={14} aria-hidden />} onPress={() => setSpeaking(true)}>
            {t('floor.speak')}
          </Button>
        </header>
        <Hours hours={floor.hours} usual={floor.usual} since={since} />
        <Queues queues={mine} chosen={chosen} choose={setChosen} />
        <Agents agents={floor.agents} scroller={scroller} chosen={chosen} choose={setChosen} />
      </div>
      {chosen ? (
        <Tickets key={JSON.stringify(chosen)} of={chosen} close={() => setChosen(null)} />
      ) : (
        record && <Record close={() => setRecord(false)} />
      )}
      <TeamMessage open={speaking} close={() => setSpeaking(false)} />
    </div>
  );
}

function Bones() {
  return (
    <div className={css['bones']} aria-hidden>
      <Bone width="40%" height={20} />
      {Array.from({ length: 8 }, (_, index) => (
        <Bone key={index} width="100%" height={28} />
      ))}
    </div>
  );
}
