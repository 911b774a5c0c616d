import { useTranslation } from 'react-i18next';
import type { BotRules } from '../../../shared/bot.ts';
import { Check } from '../../ui/Check.tsx';
import { Field } from '../../ui/Field.tsx';
import botCss from './Bot.module.css';
import formCss from './Form.module.css';

type HoursOf = NonNullable<BotRules['hours']>;
/** as they are read here: from Monday on */
const days = [1, 2, 3, 4, 5, 6, 0] as const;
const usual = { from: '08:00', until: '17:30' };

/** Business hours by day; outside of them customers are told so. */
export function Hours({
  hours,
  error,
  onChange,
}: {
  hours: HoursOf | null;
  error: string | null;
  onChange: (step: string, hours: HoursOf | null) => void;
}) {
  const { t } = useTranslation();
  const begin = (): HoursOf => ({
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'Asia/Ho_Chi_Minh',
    open: days.slice(0, 5).map((day) => ({ day, ...usual })),
    closed: '',
  });
  const put = (step: string, next: Partial<HoursOf>) => hours && onChange(step, { ...hours, ...next });
  return (
    <fieldset className={formCss['group']}>
      <legend>{t('bot.hours')}</legend>
      <Check on={hours !== null} onChange={(on) => onChange('use', on ? begin() : null)}>
        {t('bot.hoursUse')}
      </Check>
      {hours && (
        <>
          <Field
            label={t('bot.closed')}
            lines={2}
            max={1000}
            value={hours.closed}
            onChange={(closed) => put('closed', { closed })}
            error={error}
          />
          <ul className={botCss['days']}>
            {days.map((day) => {
              const spans = hours.open.flatMap((span, at) => (span.day === day ? [{ ...span, at }] : []));
              const change = (at: number, fields: Partial<typeof usual>) =>
                put(`${at} ${Object.keys(fields).join()}`, {
                  open: hours.open.map((span, here) => (here === at ? { ...span, ...fields } : span)),
                });
              return (
                <li key={day}>
                  <Check
                    on={spans.length > 0}
                    onChange={(on) =>
                      put(`day ${day}`, { open: on ? [...hours.open, { day, ...usual }] : hours.open.filter((span) => span.day !== day) })
                    }
                  >
                    {t(`bot.day.d${day}`)}
                  </Check>
                  {spans.map((span) => (
                    <span key={span.at} className={botCss['span']}>
                      <Field
                        hideLabel
                        label={`${t(`bot.day.d${day}`)}, ${t('bot.from')}`}
                        value={span.from}
                        max={5}
                        onChange={(from) => change(span.at, { from })}
                      />
                      –
                      <Field
                        hideLabel
                        label={`${t(`bot.day.d${day}`)}, ${t('bot.until')}`}
                        value={span.until}
                        max={5}
                        onChange={(until) => change(span.at, { until })}
                      />
                    </span>
                  ))}
                </li>
              );
            })}
          </ul>
          <Field label={t('bot.zone')} value={hours.zone} max={60} onChange={(zone) => put('zone', { zone })} />
        </>
      )}
    </fieldset>
  );
}
