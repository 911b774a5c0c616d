import { Plus, X } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../../ui/Button.tsx';
import { Field } from '../../../ui/Field.tsx';
import { mostRanges, type RangeText, readTime, showTime } from './calendar-form.ts';
import css from './Calendar.module.css';
import type { WrongAt } from './CalendarEditor.tsx';

/** The hours of one day, and what is wrong with them below; `path` is that of the ranges, `day` how people call it. */
export function RangeFields({
  ranges,
  path,
  day,
  wrongAt,
  onChange,
}: {
  ranges: readonly RangeText[];
  path: string;
  day: string;
  wrongAt: WrongAt;
  onChange: (step: string, ranges: RangeText[]) => void;
}) {
  const { t } = useTranslation();
  const base = useId();
  const wrongs = ranges.flatMap((_, at) => {
    const text = wrongAt(`${path}.${at}`);
    return text === null ? [] : [{ at, text }];
  });
  const set = (at: number, fields: Partial<RangeText>) =>
    onChange(
      `${path} ${at} ${Object.keys(fields).join()}`,
      ranges.map((one, here) => (here === at ? { ...one, ...fields } : one)),
    );
  /** Written as all others are, once it has been typed. */
  const tidy = (at: number, end: 'from' | 'to') => {
    const typed = ranges[at]?.[end] ?? '';
    const read = readTime(typed);
    if (read !== null && showTime(read) !== typed) set(at, { [end]: showTime(read) });
  };
  const add = () => {
    const last = Math.max(0, ...ranges.map(({ to }) => readTime(to) ?? 0));
    // After what is there, an hour later for as long as a day has hours left.
    const from = ranges.length === 0 ? 480 : Math.min(last + 60, 1380);
    const to = ranges.length === 0 ? 1020 : Math.min(from + 180, 1440);
    onChange(`${path} add ${ranges.length}`, [...ranges, { from: showTime(from), to: showTime(to) }]);
  };
  return (
    <div className={css['ranges']}>
      {ranges.length === 0 && <span className={css['closed']}>{t('calendars.closedDay')}</span>}
      {ranges.map((range, at) => {
        const wrong = wrongs.find((one) => one.at === at);
        const wrongBy = wrong ? `${base}-${at}` : null;
        return (
          <span key={at} className={css['range']}>
            <Field
              hideLabel
              label={`${day}, ${t('calendars.from')}`}
              value={range.from}
              max={8}
              wrongBy={wrongBy}
              onChange={(from) => set(at, { from })}
              onBlur={() => tidy(at, 'from')}
            />
            <span aria-hidden>–</span>
            <Field
              hideLabel
              label={`${day}, ${t('calendars.to')}`}
              value={range.to}
              max={8}
              wrongBy={wrongBy}
              onChange={(to) => set(at, { to })}
              onBlur={() => tidy(at, 'to')}
            />
            <IconButton
              size="small"
              label={t('calendars.removeRange', { range: `${range.from}–${range.to}`, day })}
              icon={<X size={14} aria-hidden />}
              onPress={() =>
                onChange(
                  `${path} remove ${ranges.length}`,
                  ranges.filter((_, here) => here !== at),
                )
              }
            />
          </span>
        );
      })}
      <IconButton
        size="small"
        label={t('calendars.addRange', { day })}
        icon={<Plus size={14} aria-hidden />}
        isDisabled={ranges.length >= mostRanges}
        onPress={add}
      />
      {wrongs.map(({ at, text }) => (
        <p key={at} id={`${base}-${at}`} className={css['wrong']}>
          {ranges.length > 1 && `${ranges[at]?.from ?? ''}–${ranges[at]?.to ?? ''}: `}
          {text}
        </p>
      ))}
    </div>
  );
}
