import { CalendarPlus, PartyPopper, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { say } from '../../../app/toasts.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Pick } from '../../../ui/Choice.tsx';
import { Field } from '../../../ui/Field.tsx';
import admin from '../Admin.module.css';
import formCss from '../Form.module.css';
import {
  type CalendarForm,
  type DayForm,
  mostDays,
  nextFreeDate,
  nextHolidayYear,
  readDate,
  showDate,
  sortDays,
  usualRanges,
  weekdayOf,
  withHolidays,
} from './calendar-form.ts';
import css from './Calendar.module.css';
import type { WrongAt } from './CalendarEditor.tsx';
import { RangeFields } from './RangeFields.tsx';
import { todayIn, weekdayShort } from './words.ts';

const years = [0, 1, 2, 3, 4];

/** Dates that are not like their weekday, in order; what is past is folded away. */
export function DatedDays({
  form,
  now,
  wrongAt,
  onChange,
}: {
  form: CalendarForm;
  now: number;
  wrongAt: WrongAt;
  onChange: (step: string, days: DayForm[]) => void;
}) {
  const { t } = useTranslation();
  const { days } = form;
  const today = todayIn(form.zone, now);
  const [chosen, setChosen] = useState<number | null>(null);
  const [fresh, setFresh] = useState<string | null>(null);
  const year = chosen ?? nextHolidayYear(form, today);
  const add = () => {
    const date = nextFreeDate(days, today);
    setFresh(date);
    onChange(`add ${date}`, sortDays([...days, { key: crypto.randomUUID(), date: showDate(date), name: '', hours: [] }]));
  };
  const addHolidays = () => {
    const { days: next, added } = withHolidays(form, year);
    if (added === 0) return say(t('calendars.holidaysThere', { year }));
    onChange(`holidays ${year}`, next);
    setChosen(null);
    say(t('calendars.holidaysAdded', { count: added, year }));
  };
  const remove = (day: DayForm) =>
    onChange(
      `remove ${day.key}`,
      days.filter(({ key }) => key !== day.key),
    );
  const lines = days.map((day, at) => ({ day, at, iso: readDate(day.date) }));
  const past = lines.filter(({ iso }) => iso !== null && iso < today);
  const ahead = lines.filter(({ iso }) => iso === null || iso >= today);
  const isWrong = ({ day, at }: (typeof lines)[number]) =>
    wrongAt(`days.${at}.date`) !== null || day.hours.some((_, range) => wrongAt(`days.${at}.hours.${range}`) !== null);
  const line = ({ day, at, iso }: (typeof lines)[number]) => (
    <DayLine
      key={day.key}
      day={day}
      iso={iso}
      path={`days.${at}`}
      autoFocus={fresh !== null && iso === fresh}
      wrongAt={wrongAt}
      onChange={(step, next) => onChange(`${day.key} ${step}`, days.with(at, next))}
      onLeave={() => {
        setFresh(null);
        const sorted = sortDays(days);
        if (sorted.some(({ key }, place) => key !== days[place]?.key)) onChange('sort', sorted);
      }}
      onRemove={() => remove(day)}
    />
  );
  return (
    <section className={admin['card']} aria-labelledby="calendar-days">
      <header className={css['sectionHead']}>
        <div>
          <h2 className={admin['cardTitle']} id="calendar-days">
            {t('calendars.dated')}
          </h2>
          <p className={admin['quiet']}>{t('calendars.datedHint')}</p>
        </div>
      </header>
      <div className={admin['acts']}>
        <Button size="small" icon={<PartyPopper size={14} aria-hidden />} onPress={addHolidays}>
          {t('calendars.holidays', { year })}
        </Button>
        <Pick
          look="bare"
          label={t('calendars.holidayYear')}
          value={String(year)}
          options={years.map((by) => Number(today.slice(0, 4)) + by).map((one) => ({ value: String(one), label: String(one) }))}
          onChange={(one) => setChosen(Number(one))}
        />
        <span className={admin['space']} />
        <Button size="small" look="quiet" icon={<CalendarPlus size={14} aria-hidden />} isDisabled={days.length >= mostDays} onPress={add}>
          {t('calendars.addDay')}
        </Button>
      </div>
      {past.length > 0 && (
        <details className={formCss['fold']} open={past.some(isWrong)}>
          <summary>{t('calendars.past', { count: past.length })}</summary>
          <ul className={css['days']}>{past.map(line)}</ul>
        </details>
      )}
      {ahead.length > 0 ? (
        <ul className={css['days']} data-testid="dated-days">
          {ahead.map(line)}
        </ul>
      ) : (
        <p className={admin['quiet']}>{t('calendars.datedNone')}</p>
      )}
    </section>
  );
}

function DayLine({
  day,
  iso,
  path,
  autoFocus,
  wrongAt,
  onChange,
  onLeave,
  onRemove,
}: {
  day: DayForm;
  iso: string | null;
  path: string;
  autoFocus: boolean;
  wrongAt: WrongAt;
  onChange: (step: string, day: DayForm) => void;
  onLeave: () => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation();
  const wrong = wrongAt(`${path}.date`);
  const wrongId = `${path}-date-wrong`;
  const called = day.name.trim() || day.date;
  return (
    <li
      data-testid="dated-day"
      onBlur={(event) => {
        // Put in its place only once nobody is in it: a line that jumps takes the keyboard with it.
        if (!event.currentTarget.contains(event.relatedTarget)) onLeave();
      }}
    >
      <div className={css['dayLine']}>
        <span className={css['date']}>
          <Field
            hideLabel
            autoFocus={autoFocus}
            label={t('calendars.date')}
            value={day.date}
            max={12}
            wrongBy={wrong === null ? null : wrongId}
            onChange={(date) => onChange('date', { ...day, date })}
            onBlur={() => iso !== null && showDate(iso) !== day.date && onChange('date', { ...day, date: showDate(iso) })}
          />
          <span className={css['dateDay']}>{iso === null ? '' : weekdayShort(weekdayOf(iso), t)}</span>
        </span>
        <Field
          hideLabel
          label={`${t('calendars.dayName')}, ${day.date}`}
          placeholder={t('calendars.dayName')}
          value={day.name}
          max={120}
          onChange={(name) => onChange('name', { ...day, name })}
        />
        <Pick<'closed' | 'own'>
          look="bare"
          label={`${t('calendars.dayKind')}, ${called}`}
          value={day.hours.length === 0 ? 'closed' : 'own'}
          options={[
            { value: 'closed', label: t('calendars.closedDay') },
            { value: 'own', label: t('calendars.ownHours') },
          ]}
          onChange={(kind) =>
            onChange('kind', { ...day, hours: kind === 'closed' ? [] : day.hours.length > 0 ? day.hours : usualRanges() })
          }
        />
        <IconButton
          size="small"
          label={t('calendars.removeDay', { date: called })}
          icon={<Trash2 size={14} aria-hidden />}
          onPress={onRemove}
        />
      </div>
      {wrong !== null && (
        <p id={wrongId} className={css['wrong']}>
          {wrong}
        </p>
      )}
      {day.hours.length > 0 && (
        <div className={css['dayHours']}>
          <RangeFields
            ranges={day.hours}
            path={`${path}.hours`}
            day={called}
            wrongAt={wrongAt}
            onChange={(step, hours) => onChange(step, { ...day, hours })}
          />
        </div>
      )}
    </li>
  );
}
