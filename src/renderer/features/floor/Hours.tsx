import { useTranslation } from 'react-i18next';
import { useMinute } from '../../app/clock.ts';
import css from './Floor.module.css';

/** How much comes in each hour, beside what the week before brought in that hour. */
export function Hours({ hours, usual, since }: { hours: number[]; usual: number[]; since: number }) {
  const { t } = useTranslation();
  const now = Math.floor((useMinute() - since) / 3_600_000);
  const most = Math.max(1, ...hours, ...usual);
  const figures = usual.map((n) => Math.round(n));
  return (
    <figure className={css['hours']}>
      <figcaption className={css['caption']}>{t('floor.hours')}</figcaption>
      <ol className={css['bars']}>
        {hours.map((n, hour) => (
          <li
            key={hour}
            className={css['bar']}
            data-now={hour === now ? 'true' : undefined}
            title={t('floor.hour', { hour, n, usual: figures[hour] ?? 0 })}
            aria-label={t('floor.hour', { hour, n, usual: figures[hour] ?? 0 })}
          >
            <span className={css['usual']} style={{ height: `${((usual[hour] ?? 0) / most) * 100}%` }} />
            <span className={css['today']} style={{ height: `${(n / most) * 100}%` }} />
            {hour % 3 === 0 && <span className={css['mark']}>{hour}</span>}
          </li>
        ))}
      </ol>
    </figure>
  );
}
