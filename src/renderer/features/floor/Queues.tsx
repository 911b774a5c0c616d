import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FloorQueue } from '../../../shared/bridge-floor.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { Elapsed } from './Elapsed.tsx';
import type { Chosen } from './Floor.tsx';
import css from './Floor.module.css';

export function Queues({ queues, chosen, choose }: { queues: FloorQueue[]; chosen: Chosen | null; choose: (of: Chosen) => void }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const [all, setAll] = useState(false);
  const shown = all || queues.length <= few ? queues : worst(queues);
  return (
    <section aria-label={t('floor.queues')}>
      <table className={css['table']} data-testid="floor-queues">
        <thead>
          <tr>
            <th scope="col">{t('floor.queue')}</th>
            {(['waiting', 'longest', 'dueSoon', 'breached', 'inHand', 'level'] as const).map((name) => (
              <th key={name} scope="col" className={css['number']}>
                {t(`floor.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((queue) => (
            <Line
              key={queue.queueId}
              queue={queue}
              name={reference?.queues.find(({ id }) => id === queue.queueId)?.name ?? ''}
              on={chosen !== null && 'queueId' in chosen && chosen.queueId === queue.queueId}
              choose={choose}
            />
          ))}
        </tbody>
      </table>
      {queues.length > few && (
        <Button look="quiet" size="small" onPress={() => setAll(!all)}>
          {all ? t('floor.fewer', { count: few }) : t('floor.allQueues', { count: queues.length })}
        </Button>
      )}
    </section>
  );
}

/** as many fit above the people of the floor */
const few = 8;

/** Those in most trouble, in the order in which all of them stand. */
function worst(queues: FloorQueue[]): FloorQueue[] {
  const trouble = ({ breached, dueSoon, waiting }: FloorQueue) => [breached, dueSoon, waiting] as const;
  const chosen = new Set(
    queues
      .toSorted((a, b) => {
        const [one, other] = [trouble(a), trouble(b)];
        return other[0] - one[0] || other[1] - one[1] || other[2] - one[2];
      })
      .slice(0, few),
  );
  return queues.filter((queue) => chosen.has(queue));
}

interface LineProps {
  queue: FloorQueue;
  name: string;
  on: boolean;
  choose: (of: Chosen) => void;
}

const Line = memo(
  function Line({ queue, name, on, choose }: LineProps) {
    const { t } = useTranslation();
    const { queueId, waiting, longestSince, dueSoon, breached, inHand, answered, inTime } = queue;
    const level = answered === 0 ? null : Math.round((inTime / answered) * 100);
    return (
      <tr data-current={on ? 'true' : undefined} data-testid="floor-queue">
        <th scope="row">
          <button type="button" className={css['link']} aria-pressed={on} onClick={() => choose({ queueId })}>
            {name}
          </button>
        </th>
        <td className={css['number']}>{waiting}</td>
        <td className={css['number']}>{longestSince === null ? '–' : <Elapsed since={longestSince} />}</td>
        <td className={css['number']} data-tone={dueSoon > 0 ? 'warning' : undefined}>
          {dueSoon}
        </td>
        <td className={css['number']} data-tone={breached > 0 ? 'danger' : undefined}>
          {breached}
        </td>
        <td className={css['number']}>{inHand}</td>
        <td className={css['number']} title={t('floor.levelOf', { inTime, answered })}>
          {level === null ? '–' : `${level}%`}
        </td>
      </tr>
    );
  },
  (before, after) => before.on === after.on && before.name === after.name && JSON.stringify(before.queue) === JSON.stringify(after.queue),
);
