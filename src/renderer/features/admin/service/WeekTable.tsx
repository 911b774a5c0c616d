import { CopyCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { CalendarHours } from '../../../../shared/calendar.ts';
import { Button } from '../../../ui/Button.tsx';
import admin from '../Admin.module.css';
import { openMinutes, type RangeText } from './calendar-form.ts';
import css from './Calendar.module.css';
import type { WrongAt } from './CalendarEditor.tsx';
import { RangeFields } from './RangeFields.tsx';
import { spanText, weekdays } from './words.ts';

const minuteMs = 60_000;

/** The hours of an ordinary week. */
export function WeekTable({
  week,
  hours,
  wrongAt,
  onChange,
}: {
  week: RangeText[][];
  /** the same, as far as it could be read */
  hours: CalendarHours;
  wrongAt: WrongAt;
  onChange: (step: string, week: RangeText[][]) => void;
}) {
  const { t } = useTranslation();
  const wrong = wrongAt('week');
  const hoursOf = (minutes: number) => spanHours(minutes, t);
  const sum = hours.week.reduce((total, ranges) => total + openMinutes(ranges), 0);
  const copy = () => {
    const [monday = []] = week;
    onChange(
      'copy',
      week.map((ranges, day) => (day > 0 && day < 5 ? monday.map((range) => ({ ...range })) : ranges)),
    );
  };
  return (
    <section className={admin['card']} aria-labelledby="calendar-week">
      <header className={css['sectionHead']}>
        <div>
          <h2 className={admin['cardTitle']} id="calendar-week">
            {t('calendars.week')}
          </h2>
          <p className={admin['quiet']}>{t('calendars.weekSum', { hours: hoursOf(sum) })}</p>
        </div>
        <Button size="small" icon={<CopyCheck size={14} aria-hidden />} onPress={copy}>
          {t('calendars.copy')}
        </Button>
      </header>
      <ul className={css['week']}>
        {weekdays.map((day) => (
          <li key={day} data-testid={`weekday-${day}`}>
            <span className={css['weekday']}>{t(`calendars.day.d${day}`)}</span>
            <RangeFields
              ranges={week[day] ?? []}
              path={`week.${day}`}
              day={t(`calendars.day.d${day}`)}
              wrongAt={wrongAt}
              onChange={(step, ranges) => onChange(step, week.with(day, ranges))}
            />
            <span className={css['sum']}>{openMinutes(hours.week[day] ?? []) > 0 && hoursOf(openMinutes(hours.week[day] ?? []))}</span>
          </li>
        ))}
      </ul>
      {wrong !== null && (
        <p className={css['wrong']} role="alert">
          {wrong}
        </p>
      )}
    </section>
  );
}

/** 44 giờ, never days: a week of 44 hours is not one of 1 day 20. */
function spanHours(minutes: number, t: Parameters<typeof spanText>[1]): string {
  const [h, m] = [Math.floor(minutes / 60), minutes % 60];
  return [t('span.h', { count: h }), ...(m === 0 ? [] : [spanText(m * minuteMs, t)])].join(' ');
}
