import { CalendarSearch, CloudOff, Play, Square, Undo2 } from 'lucide-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { ProgressBar } from 'react-aria-components';
import type { WhatIfDay } from '../../../../shared/what-if-day.ts';
import { usualRouting } from '../../../../shared/what-if.ts';
import { hubNow } from '../../../app/clock.ts';
import { usePrefs } from '../../../app/prefs.ts';
import { Button } from '../../../ui/Button.tsx';
import { Pick } from '../../../ui/Choice.tsx';
import { Bone, State } from '../../../ui/State.tsx';
import admin from '../Admin.module.css';
import { Changes } from './Changes.tsx';
import { cancel, discardChanges, isAnything, load, run, useWhatIf } from './play.ts';
import { Results } from './Results.tsx';
import css from './WhatIf.module.css';

/** days that can be chosen, yesterday first */
const daysBack = 30;
const dayMs = 86_400_000;

/** A past day under other rules, before anybody works by them. Nothing is saved from here. */
export function WhatIf() {
  const { t } = useTranslation();
  const { loaded, run: played, changes } = useWhatIf();
  return (
    <div className={`${admin['column']} ${admin['broad']}`} data-testid="what-if">
      <header className={admin['head']}>
        <div>
          <h1>{t('whatIf.title')}</h1>
          <p>{t('whatIf.hint')}</p>
        </div>
      </header>
      <Day />
      {loaded.state === 'here' && loaded.day.arrivals.length > 0 && (
        <>
          <Changes day={loaded.day} />
          <section className={css['run']} aria-label={t('whatIf.run')}>
            {played.state === 'running' ? (
              // Keys: a press that ends on one button must not go on in another that takes its place.
              <Fragment key="running">
                <ProgressBar className={css['progress'] ?? ''} aria-label={t('whatIf.running')} value={Math.round(played.share * 100)}>
                  {({ percentage = 0, valueText }) => (
                    <>
                      <span className={css['track']}>
                        <span className={css['done']} style={{ width: `${percentage}%` }} />
                      </span>
                      <span className={css['share']}>{valueText}</span>
                    </>
                  )}
                </ProgressBar>
                <Button icon={<Square size={14} aria-hidden />} onPress={cancel}>
                  {t('whatIf.cancel')}
                </Button>
              </Fragment>
            ) : (
              <Fragment key="ready">
                <Button
                  look="primary"
                  icon={<Play size={14} aria-hidden />}
                  isDisabled={!isAnything(changes)}
                  onPress={run}
                  data-testid="what-if-run"
                >
                  {t('whatIf.run')}
                </Button>
                {isAnything(changes) ? (
                  <Button look="quiet" icon={<Undo2 size={14} aria-hidden />} onPress={discardChanges}>
                    {t('whatIf.discard')}
                  </Button>
                ) : (
                  <span className={admin['quiet']}>{t('whatIf.nothingYet')}</span>
                )}
                <span className={css['nowhere']}>{t('whatIf.nowhere')}</span>
              </Fragment>
            )}
          </section>
          {played.state === 'failed' && <p role="alert">{t('whatIf.runFailed')}</p>}
          {played.state === 'done' && <Results day={loaded.day} comparison={played.comparison} stale={played.of !== changes} />}
        </>
      )}
    </div>
  );
}

function Day() {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const { date, loaded } = useWhatIf();
  const now = hubNow();
  const format = new Intl.DateTimeFormat(language === 'vi' ? 'vi-VN' : 'en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'numeric',
    timeZone: 'UTC',
  });
  const today = Date.parse(new Intl.DateTimeFormat('en-CA').format(now));
  const days = Array.from({ length: daysBack }, (_, back) => {
    const at = today - (back + 1) * dayMs;
    const label = format.format(at);
    return { value: new Date(at).toISOString().slice(0, 10), label: back === 0 ? t('whatIf.yesterday', { day: label }) : label };
  });
  return (
    <section className={admin['card']} aria-labelledby="what-if-day">
      <h2 className={admin['cardTitle']} id="what-if-day">
        {t('whatIf.day')}
      </h2>
      <div className={css['day']}>
        <Pick label={t('whatIf.date')} value={date} options={days} onChange={load} placeholder={t('whatIf.choose')} />
        {loaded.state === 'loading' && (
          <div className={css['facts']} role="status" aria-label={t('whatIf.loading')}>
            <Bone width={220} height={14} />
          </div>
        )}
        {loaded.state === 'here' && loaded.day.arrivals.length > 0 && <Facts day={loaded.day} />}
      </div>
      {loaded.state === 'failed' && (
        <State
          role="alert"
          icon={<CloudOff size={20} aria-hidden />}
          title={t(loaded.offline ? 'whatIf.offline' : 'whatIf.failed')}
          hint={t('whatIf.offlineHint')}
          action={<Button onPress={() => date !== null && load(date)}>{t('whatIf.again')}</Button>}
        />
      )}
      {loaded.state === 'here' && loaded.day.arrivals.length === 0 && (
        <State icon={<CalendarSearch size={20} aria-hidden />} title={t('whatIf.empty')} hint={t('whatIf.emptyHint')} />
      )}
    </section>
  );
}

function Facts({ day }: { day: WhatIfDay }) {
  const { t } = useTranslation();
  const there = day.agents.filter(({ shifts }) => shifts.length > 0).length;
  const byHand = day.queues.filter((queue) => queue.routing === null && day.arrivals.some(({ queueId }) => queueId === queue.id));
  return (
    <div className={css['facts']} data-testid="what-if-facts">
      <p>
        {t('whatIf.tickets', { count: day.arrivals.length })} · {t('whatIf.people', { count: there })} ·{' '}
        {t('whatIf.queues', { count: day.queues.length })}
      </p>
      {byHand.length > 0 && (
        <p className={admin['quiet']}>
          {t('whatIf.byHand', {
            queues: byHand.map(({ name }) => name).join(', '),
            strategy: t(`whatIf.strategy.${usualRouting.strategy}`),
          })}
        </p>
      )}
      {there === 0 && <p className={css['warning']}>{t('whatIf.nobody')}</p>}
      {day.cut && <p className={css['warning']}>{t('whatIf.cut')}</p>}
    </div>
  );
}
