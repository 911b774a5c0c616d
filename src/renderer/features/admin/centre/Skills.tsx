import { GraduationCap, Pencil, Plus, Search, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Reference } from '../../../../shared/bridge.ts';
import type { User } from '../../../../shared/domain.ts';
import type { Skill } from '../../../../shared/routing-rows.ts';
import { say } from '../../../app/toasts.ts';
import { useQuery } from '../../../app/useQuery.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Pick } from '../../../ui/Choice.tsx';
import { Field } from '../../../ui/Field.tsx';
import { matches } from '../../../ui/fold.ts';
import { State } from '../../../ui/State.tsx';
import css from '../Admin.module.css';
import { act, actOrSay } from '../service/act.ts';
import { Ask, OfflineNote, useOnline } from '../service/EditorFrame.tsx';
import { LocalState } from '../service/LocalState.tsx';
import service from '../service/Service.module.css';
import own from './Centre.module.css';
import { NameLine } from './NameLine.tsx';

/** Who can do what, and how well. */
export function Skills() {
  return <LocalState watched={useQuery('reference', null)}>{(value) => <SkillTable reference={value} />}</LocalState>;
}

function SkillTable({ reference }: { reference: Reference }) {
  const { t } = useTranslation();
  const online = useOnline();
  const [named, setNamed] = useState<string | null>(null);
  const [asked, setAsked] = useState<Skill | null>(null);
  const [typed, setTyped] = useState('');
  const skills = reference.skills.toSorted((a, b) => a.name.localeCompare(b.name, 'vi'));
  const people = reference.users
    .filter(({ active, name, email }) => active && (typed.trim() === '' || matches(`${name} ${email}`, typed.trim())))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'vi'));
  const holders = (skillId: string) => reference.userSkills.filter((row) => row.skillId === skillId).length;
  const renamed = named === null ? undefined : skills.find(({ id }) => id === named);
  const save = async (skillId: string, name: string) => {
    const done = await actOrSay('skill.save', { skillId, name });
    if (done) say(t('skills.saved', { name }));
    return done;
  };
  const remove = async ({ id, name }: Skill) => {
    const acted = await act('skill.remove', { skillId: id });
    if (acted.ok) say(t('skills.removed', { name }));
    else say(acted.by === null ? acted.words : t('skills.inUse', { names: acted.by }), { tone: 'danger' });
  };
  const add = (
    <Button icon={<Plus size={14} aria-hidden />} isDisabled={!online || named !== null} onPress={() => setNamed(crypto.randomUUID())}>
      {t('skills.add')}
    </Button>
  );
  return (
    <div className={`${css['column']} ${skills.length > 4 ? css['broad'] : ''}`}>
      <header className={css['head']}>
        <div>
          <h1>{t('skills.title')}</h1>
          <p>{t('skills.hint')}</p>
        </div>
        {skills.length > 0 && add}
      </header>
      <OfflineNote />
      {named !== null && (
        <div className={service['rows']}>
          <NameLine
            key={named}
            label={t('skills.name')}
            begun={renamed?.name ?? ''}
            max={120}
            taken={skills.filter(({ id }) => id !== named).map(({ name }) => name)}
            same={t('skills.same')}
            save={t('staff.save')}
            onSave={(name) => save(named, name)}
            onClose={() => setNamed(null)}
          />
        </div>
      )}
      {skills.length === 0 ? (
        named === null && (
          <State icon={<GraduationCap size={20} aria-hidden />} title={t('skills.none')} hint={t('skills.noneHint')} action={add} />
        )
      ) : (
        <>
          <div className={own['bar']}>
            <Field
              hideLabel
              label={t('skills.people')}
              placeholder={t('skills.people')}
              value={typed}
              max={100}
              icon={<Search size={14} aria-hidden />}
              onChange={setTyped}
            />
            <p className={own['under']}>{t('skills.levels')}</p>
          </div>
          {people.length === 0 ? (
            <State title={t('staff.noneFound')} />
          ) : (
            <div className={own['matrixFrame']}>
              <table className={own['matrix']} aria-label={t('skills.matrix')} data-testid="skill-matrix">
                <thead>
                  <tr>
                    <th scope="col">{t('skills.person')}</th>
                    {skills.map((skill) => (
                      <th key={skill.id} scope="col">
                        <span className={own['skillHead']}>
                          <span title={skill.name}>{skill.name}</span>
                          <IconButton
                            size="small"
                            label={t('skills.rename', { name: skill.name })}
                            icon={<Pencil size={12} aria-hidden />}
                            isDisabled={!online}
                            onPress={() => setNamed(skill.id)}
                          />
                          <IconButton
                            size="small"
                            label={t('skills.remove', { name: skill.name })}
                            icon={<Trash2 size={12} aria-hidden />}
                            isDisabled={!online}
                            onPress={() => setAsked(skill)}
                          />
                        </span>
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {people.map((user) => (
                    <tr key={user.id} data-testid="skill-person">
                      <th scope="row">{user.name}</th>
                      {skills.map((skill) => (
                        <Level key={skill.id} user={user} skill={skill} reference={reference} />
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </>
      )}
      <Ask
        open={asked !== null}
        title={t('skills.removeAsk', { name: asked?.name ?? '' })}
        what={t('skills.removeWhat', { count: asked ? holders(asked.id) : 0 })}
        act={t('skills.remove', { name: asked?.name ?? '' })}
        stay={t('admin.cancel')}
        onClose={() => setAsked(null)}
        onAct={() => asked && void remove(asked)}
      />
    </div>
  );
}

const levels = ['0', '1', '2', '3', '4', '5'] as const;

function Level({ user, skill, reference }: { user: User; skill: Skill; reference: Reference }) {
  const { t } = useTranslation();
  const has = reference.userSkills.find(({ userId, skillId }) => userId === user.id && skillId === skill.id)?.level ?? null;
  // What was chosen a moment ago, and what it was then: shown until the hub has said what it is.
  const [chosen, setChosen] = useState<{ level: number | null; from: number | null } | null>(null);
  if (chosen && chosen.from !== has) setChosen(null);
  const shown = chosen ? chosen.level : has;
  const put = async (level: number | null) => {
    setChosen({ level, from: has });
    const done = await actOrSay('userSkill.set', { userId: user.id, skillId: skill.id, level });
    if (!done) setChosen(null);
    return done;
  };
  const set = async (level: number | null) => {
    if (level === has || !(await put(level))) return;
    const words = { name: user.name, skill: skill.name, n: level ?? 0 };
    say(t(level === null ? 'skills.unset' : 'skills.set', words), {
      action: { label: t('admin.undo'), run: () => void actOrSay('userSkill.set', { userId: user.id, skillId: skill.id, level: has }) },
    });
  };
  return (
    <td data-none={shown === null}>
      <Pick
        look="bare"
        label={t('skills.levelOf', { skill: skill.name, name: user.name })}
        value={levels[shown ?? 0] ?? '0'}
        options={levels.map((value) => ({ value, label: value === '0' ? t('skills.noLevel') : t('skills.level', { n: value }) }))}
        onChange={(value) => void set(value === '0' ? null : Number(value))}
      />
    </td>
  );
}
