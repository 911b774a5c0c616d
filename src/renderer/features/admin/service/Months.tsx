import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarHours } from '../../../../shared/calendar.ts';
import { usePrefs } from '../../../app/prefs.ts';
import { IconButton } from '../../../ui/Button.tsx';
import admin from '../Admin.module.css';
import { dateKind, isoAfter, weekdayOf } from './calendar-form.ts';
import css from './Calendar.module.css';
import { hoursText, todayIn, weekdays, weekdayShort } from './words.ts';

const shownMonths = 2;

type Look = 'open' | 'closed' | 'own' | 'holiday';
const looks: readonly Look[] = ['open', 'closed', 'own', 'holiday'];

/** Two months as they come out, so that a slip is seen before customers notice it. */
export function Months({ hours, now }: { hours: CalendarHours; now: number }) {
  const { t } = useTranslation();
  const [by, setBy] = useState(0);
  const today = todayIn(hours.zone, now);
  return (
    <section className={admin['card']} aria-labelledby="calendar-months">
      <header className={css['sectionHead']}>
        <h2 className={admin['cardTitle']} id="calendar-months">
          {t('calendars.months')}
        </h2>
        <span className={css['turn']}>
          <IconButton
            size="small"
            label={t('calendars.earlier')}
            icon={<ChevronLeft size={14} aria-hidden />}
            onPress={() => setBy(by - 1)}
          />
          <IconButton
            size="small"
            label={t('calendars.later')}
            icon={<ChevronRight size={14} aria-hidden />}
            onPress={() => setBy(by + 1)}
          />
        </span>
      </header>
      {Array.from({ length: shownMonths }, (_, place) => (
        <Month key={place} hours={hours} first={firstOf(today, by + place)} today={today} />
      ))}
      <ul className={css['legend']} aria-hidden>
        {looks.map((look) => (
          <li key={look}>
            <span data-look={look} />
            {t(`calendars.legend.${look}`)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The first of the month, so many months from that of a date. */
function firstOf(iso: string, by: number): string {
  const [year = 0, month = 1] = iso.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + by, 1)).toISOString().slice(0, 10);
}

const lengthOf = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

function Month({ hours, first, today }: { hours: CalendarHours; first: string; today: string }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const [year = 0, month = 1] = first.split('-').map(Number);
  const named = new Intl.DateTimeFormat(language === 'vi' ? 'vi-VN' : 'en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(first),
  );
  const title = named.charAt(0).toLocaleUpperCase() + named.slice(1);
  const length = lengthOf(year, month);
  const cells: (string | null)[] = [
    ...Array.from({ length: weekdayOf(first) }, () => null),
    ...Array.from({ length }, (_, day) => isoAfter(first, day)),
  ];
  while (cells.length % 7 !== 0) cells.push(null);
  return (
    <table className={css['month']}>
      <caption>{title}</caption>
      <thead>
        <tr>
          {weekdays.map((day) => (
            <th key={day} scope="col" abbr={t(`calendars.day.d${day}`)}>
              {weekdayShort(day, t)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: cells.length / 7 }, (_, row) => (
          <tr key={row}>
            {cells
              .slice(row * 7, row * 7 + 7)
              .map((iso, column) =>
                iso === null ? <td key={column} /> : <Day key={column} hours={hours} iso={iso} today={iso === today} />,
              )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Day({ hours, iso, today }: { hours: CalendarHours; iso: string; today: boolean }) {
  const { t } = useTranslation();
  const { open, own } = dateKind(hours, iso);
  const look: Look = own ? (open ? 'own' : 'holiday') : open ? 'open' : 'closed';
  const ranges = own?.hours ?? hours.week[weekdayOf(iso)] ?? [];
  const says = [own?.name, open ? hoursText(ranges) : t('calendars.closedDay'), today ? t('calendars.legend.today') : '']
    .filter(Boolean)
    .join(' · ');
  return (
    <td>
      <span data-look={look} data-today={today || undefined} title={says}>
        {Number(iso.slice(8))}
        <span className="sr-only">: {says}</span>
      </span>
    </td>
  );
}
