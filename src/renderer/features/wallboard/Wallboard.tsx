import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { wallboardCell, wallboardFigures, wallboardPage, wallboardSum } from '../../../shared/wallboard-view.ts';
import { presenceStates } from '../../../shared/routing-rows.ts';
import { useMinute, useTick } from '../../app/clock.ts';
import { useQuery } from '../../app/useQuery.ts';
import { clockTime, startOfDay } from '../../ui/time.ts';
import './wallboard.css';

/** The floor's figures for a big screen, from this workstation's own copy: they stay on the screen while the hub is away, and say so. */
export function Wallboard() {
  const { t } = useTranslation();
  const since = startOfDay(useMinute());
  const now = useTick((at) => Math.floor(at / 1000)) * 1000;
  const { value: session } = useQuery('session.state', null);
  const { value: floor } = useQuery('floor', { since });
  const { value: reference } = useQuery('reference', null);
  const { value: status } = useQuery('status', null);
  useEffect(() => {
    const press = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') window.close();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  const shut = session !== undefined && session.phase !== 'ready';
  if (shut || !floor || !reference) {
    return (
      <main className="wb">
        <p className="wb-alone" role="status">
          {t(shut ? 'wallboard.shut' : 'wallboard.loading')}
        </p>
      </main>
    );
  }
  const names = new Map(reference.queues.map(({ id, name }) => [id, name]));
  const queues = floor.queues.filter(({ queueId }) => reference.myQueues.includes(queueId));
  const sum = wallboardSum(queues);
  const { shown, page, pages } = wallboardPage(queues, now);
  const people = presenceStates.map((state) => ({ state, n: floor.agents.filter(({ presence }) => presence?.state === state).length }));
  const offline = status !== undefined && status.connection !== 'online';
  return (
    <main className="wb" data-testid="wallboard" data-state={offline ? 'lost' : 'fresh'}>
      <header className="wb-head">
        <h1>{reference.workspace.name}</h1>
        <time>{clockTime(now)}</time>
      </header>
      <dl className="wb-tiles">
        {wallboardFigures.map((figure) => {
          const { text, tone } = wallboardCell(sum, figure, now);
          return (
            <div key={figure} className="wb-tile" data-tone={tone} data-figure={figure}>
              <dd>{text}</dd>
              <dt>{t(`wallboard.${figure}`)}</dt>
            </div>
          );
        })}
      </dl>
      <ul className="wb-people">
        {people.map(
          ({ state, n }) =>
            n > 0 && (
              <li key={state}>
                <strong>{n}</strong>
                {t(`shift.state.${state}`)}
              </li>
            ),
        )}
      </ul>
      <table className="wb-queues">
        <thead>
          <tr>
            <th scope="col">{t('wallboard.queue')}</th>
            {wallboardFigures.map((figure) => (
              <th key={figure} scope="col">
                {t(`wallboard.${figure}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((queue) => (
            <tr key={queue.queueId}>
              <th scope="row">{names.get(queue.queueId) ?? ''}</th>
              {wallboardFigures.map((figure) => {
                const { text, tone } = wallboardCell(queue, figure, now);
                return (
                  <td key={figure} data-tone={tone}>
                    {text}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="wb-foot">
        <span data-tone={offline ? 'danger' : 'plain'}>{t(offline ? 'wallboard.lost' : 'wallboard.live')}</span>
        <span>{pages > 1 ? t('wallboard.page', { page, pages }) : ''}</span>
      </p>
    </main>
  );
}
