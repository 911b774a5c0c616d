import { ArrowDownRight, ArrowUpRight, Minus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { WhatIfComparison, WhatIfFigures, WhatIfSide } from '../../../../shared/what-if.ts';
import type { WhatIfDay } from '../../../../shared/what-if-day.ts';
import { usePrefs } from '../../../app/prefs.ts';
import { Pick } from '../../../ui/Choice.tsx';
import type { Lang } from '../../../ui/time.ts';
import admin from '../Admin.module.css';
import { spanText } from '../service/words.ts';
import css from './WhatIf.module.css';

type Row = { name: keyof WhatIfFigures; form: 'share' | 'span' | 'count'; more: 'good' | 'bad' | null };
const rows: readonly Row[] = [
  { name: 'serviceLevel', form: 'share', more: 'good' },
  { name: 'breaches', form: 'count', more: 'bad' },
  { name: 'meanWaitMs', form: 'span', more: 'bad' },
  { name: 'medianWaitMs', form: 'span', more: 'bad' },
  { name: 'p90WaitMs', form: 'span', more: 'bad' },
  { name: 'maxWaitMs', form: 'span', more: 'bad' },
  { name: 'needsMet', form: 'share', more: 'good' },
  { name: 'answered', form: 'count', more: 'good' },
  { name: 'waiting', form: 'count', more: 'bad' },
  { name: 'elsewhere', form: 'count', more: null },
];
const all = 'all';
const shownAgents = 12;

/** The day as it is set up today beside the day as it might be. */
export function Results({ day, comparison, stale }: { day: WhatIfDay; comparison: WhatIfComparison; stale: boolean }) {
  const { t } = useTranslation();
  const [of, setOf] = useState<string>(all);
  const { before, after, agreement } = comparison;
  const sideOf = (side: WhatIfSide) => (of === all ? side.overall : side.queues[of]);
  const [was, would] = [sideOf(before), sideOf(after)];
  return (
    <>
      <section className={admin['card']} aria-labelledby="what-if-results" data-testid="what-if-results">
        <div className={admin['cardHead']}>
          <h2 className={admin['cardTitle']} id="what-if-results">
            {t('whatIf.results')}
          </h2>
          <Pick
            look="bare"
            label={t('whatIf.of')}
            value={of}
            options={[
              { value: all, label: t('whatIf.allQueues') },
              ...day.queues.filter(({ id }) => before.queues[id]).map(({ id, name }) => ({ value: id, label: name })),
            ]}
            onChange={setOf}
          />
        </div>
        {stale && (
          <p className={css['warning']} role="status">
            {t('whatIf.stale')}
          </p>
        )}
        {was && would && <Table was={was} would={would} />}
        <p className={admin['quiet']} data-testid="what-if-agreement">
          {agreement.tickets === 0
            ? t('whatIf.noAgreement')
            : t('whatIf.agreement', {
                count: agreement.tickets,
                real: spanText(coarse(agreement.realMeanMs), t),
                replayed: spanText(coarse(agreement.replayedMeanMs), t),
              })}
        </p>
      </section>
      <Load before={before} after={after} />
    </>
  );
}

function Table({ was, would }: { was: WhatIfFigures; would: WhatIfFigures }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const text = (form: Row['form'], value: number | null) =>
    value === null
      ? t('whatIf.nothing')
      : form === 'share'
        ? percent(value, language)
        : form === 'span'
          ? spanText(coarse(value), t)
          : String(value);
  return (
    <table className={css['table']}>
      <thead>
        <tr>
          <th scope="col">{t('whatIf.figure')}</th>
          <th scope="col">{t('whatIf.before')}</th>
          <th scope="col">{t('whatIf.after')}</th>
          <th scope="col">{t('whatIf.difference')}</th>
        </tr>
      </thead>
      <tbody>
        {rows
          .filter(({ name }) => (was[name] ?? 0) !== 0 || (would[name] ?? 0) !== 0)
          .map(({ name, form, more }) => {
            const [one, other] = [was[name], would[name]];
            const by = one === null || other === null ? 0 : other - one;
            const shown = form === 'share' ? Math.round(by * 1000) : form === 'span' ? coarse(by) : by;
            const tone = shown === 0 || more === null ? null : shown > 0 === (more === 'good') ? 'good' : 'bad';
            return (
              <tr key={name} data-figure={name}>
                <th scope="row">{t(`whatIf.figures.${name}`)}</th>
                <td>{text(form, one)}</td>
                <td className={css['would']}>{text(form, other)}</td>
                <td className={css['by']} data-tone={tone ?? undefined}>
                  <Difference
                    by={shown}
                    tone={tone}
                    text={
                      form === 'share'
                        ? t('whatIf.points', { n: new Intl.NumberFormat(localeOf(language)).format(Math.abs(shown) / 10) })
                        : text(form, Math.abs(by))
                    }
                  />
                </td>
              </tr>
            );
          })}
      </tbody>
    </table>
  );
}

/** By an arrow and a word, not by its colour alone. */
function Difference({ by, tone, text }: { by: number; tone: 'good' | 'bad' | null; text: string }) {
  const { t } = useTranslation();
  if (by === 0)
    return (
      <span>
        <Minus size={12} aria-hidden /> {t('whatIf.same')}
      </span>
    );
  const Arrow = by > 0 ? ArrowUpRight : ArrowDownRight;
  return (
    <span>
      <Arrow size={12} aria-hidden /> {by > 0 ? '+' : '−'}
      {text}
      {tone !== null && <span className={css['word']}>{t(`whatIf.${tone}`)}</span>}
    </span>
  );
}

/** Who has how much of it: the most of them first. */
function Load({ before, after }: { before: WhatIfSide; after: WhatIfSide }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const [every, setEvery] = useState(false);
  const then = new Map(after.agents.map((one) => [one.id, one]));
  const people = before.agents
    .map((one) => ({ one, other: then.get(one.id) ?? one }))
    .filter(({ one, other }) => one.taken > 0 || other.taken > 0 || one.occupancy !== null || other.occupancy !== null)
    .sort((a, b) => b.other.taken + b.one.taken - a.other.taken - a.one.taken || (a.one.name < b.one.name ? -1 : 1));
  if (people.length === 0) return null;
  const busiest = Math.max(1, ...people.flatMap(({ one, other }) => [one.taken, other.taken]));
  return (
    <section className={admin['card']} aria-labelledby="what-if-load" data-testid="what-if-load">
      <h2 className={admin['cardTitle']} id="what-if-load">
        {t('whatIf.load')}
      </h2>
      <table className={css['table']}>
        <thead>
          <tr>
            <th scope="col">{t('whatIf.person')}</th>
            <th scope="col">{t('whatIf.takenBefore')}</th>
            <th scope="col">{t('whatIf.takenAfter')}</th>
            <th scope="col">{t('whatIf.occupancy')}</th>
          </tr>
        </thead>
        <tbody>
          {people.slice(0, every ? undefined : shownAgents).map(({ one, other }) => (
            <tr key={one.id}>
              <th scope="row">{one.name}</th>
              <td>
                <Amount n={one.taken} of={busiest} />
              </td>
              <td className={css['would']}>
                <Amount n={other.taken} of={busiest} />
              </td>
              <td>
                {one.occupancy === null ? t('whatIf.nothing') : percent(one.occupancy, language)} →{' '}
                {other.occupancy === null ? t('whatIf.nothing') : percent(other.occupancy, language)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {people.length > shownAgents && !every && (
        <button type="button" className={css['every']} onClick={() => setEvery(true)}>
          {t('whatIf.every', { count: people.length - shownAgents })}
        </button>
      )}
    </section>
  );
}

function Amount({ n, of }: { n: number; of: number }) {
  return (
    <span className={css['amount']}>
      <span className={css['amountBar']} style={{ width: `calc((100% - 40px) * ${n / of})` }} aria-hidden />
      <span className={css['amountText']}>{n}</span>
    </span>
  );
}

const localeOf = (language: Lang): string => (language === 'vi' ? 'vi-VN' : 'en-GB');
const percent = (share: number, language: Lang): string =>
  new Intl.NumberFormat(localeOf(language), { style: 'percent', maximumFractionDigits: 1 }).format(share);
/** Seconds are of no interest beside minutes, nor anything below them. */
const coarse = (ms: number): number => {
  const step = Math.abs(ms) < 600_000 ? 1000 : 60_000;
  return Math.round(ms / step) * step;
};
