import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { QueueRouting } from '../../../../shared/routing-rows.ts';
import { defaultCapacity } from '../../../../shared/routing-capacity.ts';
import { classesOf, usualRouting, type WhatIfChanges } from '../../../../shared/what-if.ts';
import type { WhatIfDay } from '../../../../shared/what-if-day.ts';
import { workClasses } from '../../../../shared/words.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Chip } from '../../../ui/Chip.tsx';
import { Pick } from '../../../ui/Choice.tsx';
import { Field } from '../../../ui/Field.tsx';
import admin from '../Admin.module.css';
import { change, useWhatIf } from './play.ts';
import css from './WhatIf.module.css';

const strategies = ['longestIdle', 'leastLoaded', 'roundRobin'] as const satisfies readonly QueueRouting['strategy'][];
const orders = ['priority', 'sla'] as const satisfies readonly QueueRouting['order'][];
const always = 'always';

/** What is to be tried. What is chosen as it is today is no change. */
export function Changes({ day }: { day: WhatIfDay }) {
  const { t } = useTranslation();
  const { changes } = useWhatIf();
  const came = day.queues.filter(({ id }) => day.arrivals.some(({ queueId }) => queueId === id));
  return (
    <section className={admin['card']} aria-labelledby="what-if-changes">
      <div>
        <h2 className={admin['cardTitle']} id="what-if-changes">
          {t('whatIf.changes')}
        </h2>
        <p className={admin['quiet']}>{t('whatIf.changesHint')}</p>
      </div>
      <div className={css['queues']} role="group" aria-label={t('whatIf.ofQueues')}>
        {came.map((queue) => (
          <Queue key={queue.id} day={day} queue={queue} changes={changes} />
        ))}
      </div>
      <Most day={day} most={changes.most} />
      <People day={day} people={changes.people} />
      <Skills day={day} skills={changes.skills} />
    </section>
  );
}

function Queue({ day, queue, changes }: { day: WhatIfDay; queue: WhatIfDay['queues'][number]; changes: WhatIfChanges }) {
  const { t } = useTranslation();
  const now = queue.routing ?? usualRouting;
  const wanted = changes.queues[queue.id] ?? {};
  const set = <K extends 'strategy' | 'order' | 'calendarId'>(name: K, value: QueueRouting[K]) => {
    const { [name]: _, ...rest } = wanted;
    change({ queues: { ...changes.queues, [queue.id]: value === now[name] ? rest : { ...rest, [name]: value } } });
  };
  const today = (label: string, is: boolean) => (is ? t('whatIf.asToday', { label }) : label);
  const calendar = 'calendarId' in wanted ? wanted.calendarId : now.calendarId;
  return (
    <div className={css['queue']} data-testid="what-if-queue">
      <p className={css['queueName']}>
        {queue.name}
        {Object.keys(wanted).length > 0 && <Chip tone="info">{t('whatIf.changed')}</Chip>}
      </p>
      <Pick
        label={t('whatIf.strategyOf', { queue: queue.name })}
        value={wanted.strategy ?? now.strategy}
        options={strategies.map((one) => ({ value: one, label: today(t(`whatIf.strategy.${one}`), one === now.strategy) }))}
        onChange={(value) => set('strategy', value)}
      />
      <Pick
        label={t('whatIf.orderOf', { queue: queue.name })}
        value={wanted.order ?? now.order}
        options={orders.map((one) => ({ value: one, label: today(t(`whatIf.order.${one}`), one === now.order) }))}
        onChange={(value) => set('order', value)}
      />
      <Pick
        label={t('whatIf.hoursOf', { queue: queue.name })}
        value={calendar ?? always}
        options={[
          { value: always, label: today(t('whatIf.always'), now.calendarId === null) },
          ...day.calendars.map(({ id, name }) => ({ value: id, label: today(name, id === now.calendarId) })),
        ]}
        onChange={(value) => set('calendarId', value === always ? null : value)}
      />
    </div>
  );
}

function Most({ day, most }: { day: WhatIfDay; most: WhatIfChanges['most'] }) {
  const { t } = useTranslation();
  const classes = classesOf(day);
  return (
    <fieldset className={css['group']}>
      <legend>{t('whatIf.most')}</legend>
      <div className={css['most']}>
        {workClasses
          .filter((one) => classes.has(one))
          .map((one) => (
            <Field
              key={one}
              label={t(`shift.work.${one}`)}
              value={most[one] === undefined ? '' : String(most[one])}
              placeholder={t('whatIf.usual', { n: defaultCapacity.most[one] })}
              max={3}
              onChange={(text) => {
                const { [one]: _, ...rest } = most;
                const digits = text.replace(/\D/g, '');
                change({ most: digits === '' ? rest : { ...rest, [one]: Math.min(100, Number(digits)) } });
              }}
            />
          ))}
      </div>
    </fieldset>
  );
}

const named = (rows: readonly { id: string; name: string }[]) => rows.map(({ id, name }) => ({ value: id, label: name }));
const nameIn = (rows: readonly { id: string; name: string }[], wanted: string) => rows.find(({ id }) => id === wanted)?.name ?? '';

function People({ day, people }: { day: WhatIfDay; people: WhatIfChanges['people'] }) {
  const { t } = useTranslation();
  const [userId, setUser] = useState<string | null>(null);
  const [queueId, setQueue] = useState<string | null>(null);
  const agent = day.agents.find(({ id }) => id === userId);
  // Whoever serves it is taken out, and the other way round.
  const serves = !(agent?.queues.includes(queueId ?? '') ?? false);
  return (
    <fieldset className={css['group']}>
      <legend>{t('whatIf.inQueues')}</legend>
      <div className={css['adding']}>
        <Pick
          label={t('whatIf.person')}
          value={userId}
          options={named(day.agents)}
          onChange={setUser}
          placeholder={t('whatIf.choosePerson')}
        />
        <Pick
          label={t('whatIf.queue')}
          value={queueId}
          options={named(day.queues)}
          onChange={setQueue}
          placeholder={t('whatIf.chooseQueue')}
        />
        <Button
          icon={<Plus size={14} aria-hidden />}
          isDisabled={userId === null || queueId === null}
          onPress={() => {
            if (userId === null || queueId === null) return;
            change({ people: [...people.filter((one) => one.userId !== userId || one.queueId !== queueId), { userId, queueId, serves }] });
            setQueue(null);
          }}
        >
          {t(agent && queueId !== null && !serves ? 'whatIf.takeOut' : 'whatIf.putIn')}
        </Button>
      </div>
      <Made
        items={people.map((one) => ({
          key: `${one.userId} ${one.queueId}`,
          text: t(one.serves ? 'whatIf.isPutIn' : 'whatIf.isTakenOut', {
            name: nameIn(day.agents, one.userId),
            queue: nameIn(day.queues, one.queueId),
          }),
          drop: () => change({ people: people.filter((other) => other !== one) }),
        }))}
      />
    </fieldset>
  );
}

const levels = ['1', '2', '3', '4', '5', '0'] as const;

function Skills({ day, skills }: { day: WhatIfDay; skills: WhatIfChanges['skills'] }) {
  const { t } = useTranslation();
  const [userId, setUser] = useState<string | null>(null);
  const [skillId, setSkill] = useState<string | null>(null);
  const [level, setLevel] = useState<(typeof levels)[number]>('3');
  if (day.skills.length === 0) return null;
  return (
    <fieldset className={css['group']}>
      <legend>{t('whatIf.skills')}</legend>
      <div className={css['adding']}>
        <Pick
          label={t('whatIf.person')}
          value={userId}
          options={named(day.agents)}
          onChange={setUser}
          placeholder={t('whatIf.choosePerson')}
        />
        <Pick
          label={t('whatIf.skill')}
          value={skillId}
          options={named(day.skills)}
          onChange={setSkill}
          placeholder={t('whatIf.chooseSkill')}
        />
        <Pick
          label={t('whatIf.level')}
          value={level}
          options={levels.map((one) => ({ value: one, label: one === '0' ? t('whatIf.noSkill') : one }))}
          onChange={setLevel}
        />
        <Button
          icon={<Plus size={14} aria-hidden />}
          isDisabled={userId === null || skillId === null}
          onPress={() => {
            if (userId === null || skillId === null) return;
            const others = skills.filter((one) => one.userId !== userId || one.skillId !== skillId);
            change({ skills: [...others, { userId, skillId, level: Number(level) }] });
          }}
        >
          {t('whatIf.setSkill')}
        </Button>
      </div>
      <Made
        items={skills.map((one) => ({
          key: `${one.userId} ${one.skillId}`,
          text: t(one.level === 0 ? 'whatIf.skillGone' : 'whatIf.skillIs', {
            name: nameIn(day.agents, one.userId),
            skill: nameIn(day.skills, one.skillId),
            level: one.level,
          }),
          drop: () => change({ skills: skills.filter((other) => other !== one) }),
        }))}
      />
    </fieldset>
  );
}

function Made({ items }: { items: readonly { key: string; text: string; drop: () => void }[] }) {
  const { t } = useTranslation();
  if (items.length === 0) return null;
  return (
    <ul className={css['made']}>
      {items.map(({ key, text, drop }) => (
        <li key={key} data-testid="what-if-change">
          {text}
          <IconButton size="small" label={t('whatIf.drop', { change: text })} icon={<X size={14} aria-hidden />} onPress={drop} />
        </li>
      ))}
    </ul>
  );
}
