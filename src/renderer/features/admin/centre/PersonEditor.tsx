import { useTranslation } from 'react-i18next';
import type { Reference } from '../../../../shared/bridge.ts';
import type { Access } from '../../../../shared/people-admin.ts';
import { roles, workClasses } from '../../../../shared/words.ts';
import { Check } from '../../../ui/Check.tsx';
import { Pick, Segments } from '../../../ui/Choice.tsx';
import { Field } from '../../../ui/Field.tsx';
import css from '../Admin.module.css';
import formCss from '../Form.module.css';
import { act, type Acted } from '../service/act.ts';
import { beginEdit, changeEdit, type Edit } from '../service/edit.ts';
import { EditorFrame } from '../service/EditorFrame.tsx';
import policyCss from '../service/Policy.module.css';
import own from './Centre.module.css';
import { invite } from './links.ts';
import { partOf, type PersonForm, personForm, readPerson, usualMost } from './person-form.ts';
import { PersonAccess } from './PersonAccess.tsx';
import { stampOf } from './stamp.ts';

/** Who somebody is, what they serve, how much they can have, and how they come in. */
export function PersonEditor({
  edit,
  reference,
  access,
  onLinked,
}: {
  edit: Edit<PersonForm>;
  reference: Reference;
  access: readonly Access[] | null;
  onLinked: () => void;
}) {
  const { t } = useTranslation();
  const form = edit.now;
  const { fields, capacity, problems } = readPerson(form, reference);
  const user = reference.users.find(({ id }) => id === form.id);
  const saved = user && personForm(user, reference);
  const untouched = edit.past.length === 0;
  const isNew = edit.rowAt === null;
  const change = (step: string, next: Partial<PersonForm>) => changeEdit('person', step, (before) => ({ ...before, ...next }));
  const wrongAt = (field: string): string | null => {
    const found = problems.find((problem) => problem.field === field);
    // A form that was opened a moment ago is empty, not wrong; an address is looked at once it could be one.
    if (!found || (isNew && untouched)) return null;
    if (found.code === 'NO_NAME' && isNew && form.name === '' && !edit.past.some(({ name }) => name !== '')) return null;
    if (found.code === 'BAD_EMAIL' && isNew && (form.email === '' || edit.last === 'email')) return null;
    return t(`staff.bad.${found.code}`, { name: found.name ?? '' });
  };
  const save = async (): Promise<Acted> => {
    const first = isNew ? await invite(fields) : await act('user.save', fields);
    if (isNew && first.ok) onLinked();
    if (!first.ok || JSON.stringify(capacity) === JSON.stringify(user?.capacity ?? null)) return first;
    return act('user.capacity', { userId: form.id, capacity });
  };
  const turn = (name: 'teamIds' | 'queueIds', id: string, on: boolean) =>
    change(`${name} ${id}`, { [name]: (on ? [...form[name], id] : form[name].filter((one) => one !== id)).sort() });
  return (
    <EditorFrame
      kind="person"
      edit={edit}
      savedAt={saved ? stampOf(saved) : null}
      title={isNew ? t('staff.newTitle') : edit.begun.name}
      note={isNew ? null : edit.begun.email}
      problems={problems.length}
      words={{
        save: t(isNew ? 'staff.sendInvite' : 'staff.save'),
        saved: t(isNew ? 'staff.invited' : 'staff.saved', { name: fields.name }),
      }}
      held={null}
      onSave={save}
      onTakeNewer={() => saved && beginEdit('person', saved, stampOf(saved))}
      aside={
        <>
          {user && <PersonAccess user={user} reference={reference} part={partOf(user, access)} access={access} onLinked={onLinked} />}
          {user && <SkillsOf id={form.id} reference={reference} />}
        </>
      }
    >
      <section className={css['card']}>
        <div className={formCss['pair']}>
          <Field
            autoFocus={isNew && untouched}
            label={t('staff.name')}
            value={form.name}
            max={200}
            onChange={(name) => change('name', { name })}
            error={wrongAt('name')}
          />
          <Field
            label={t('staff.email')}
            type="email"
            value={form.email}
            max={320}
            onChange={(email) => change('email', { email })}
            error={wrongAt('email')}
          />
        </div>
        <div className={formCss['pair']}>
          <Pick
            label={t('staff.role')}
            value={form.role}
            options={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
            onChange={(role) => change('role', { role })}
            error={wrongAt('role')}
          />
          <Pick
            label={t('staff.locale')}
            value={form.locale}
            options={(['vi', 'en'] as const).map((value) => ({ value, label: t(`staff.locales.${value}`) }))}
            onChange={(locale) => change('locale', { locale })}
          />
        </div>
        <p className={own['under']}>{t(`staff.roleHint.${form.role}`)}</p>
      </section>
      <section className={css['card']}>
        <fieldset className={policyCss['match']}>
          <legend>{t('staff.teams')}</legend>
          <div className={own['checks']}>
            {reference.teams.map(({ id, name }) => (
              <Check key={id} on={form.teamIds.includes(id)} onChange={(on) => turn('teamIds', id, on)}>
                {name}
              </Check>
            ))}
          </div>
        </fieldset>
        <fieldset className={policyCss['match']}>
          <legend>{t('staff.queues')}</legend>
          <p className={own['under']}>{t('staff.queuesHint')}</p>
          <div className={own['checks']}>
            {reference.queues.map(({ id, name }) => (
              <Check key={id} on={form.queueIds.includes(id)} onChange={(on) => turn('queueIds', id, on)}>
                {name}
              </Check>
            ))}
          </div>
        </fieldset>
      </section>
      <section className={css['card']} aria-labelledby="person-capacity">
        <header className={css['cardHead']}>
          <div>
            <h2 className={css['cardTitle']} id="person-capacity">
              {t('staff.capacity')}
            </h2>
            <p className={css['quiet']}>{t('staff.capacityHint')}</p>
          </div>
          <Segments
            hideLabel
            label={t('staff.capacity')}
            value={form.most === null ? 'usual' : 'own'}
            options={[
              { value: 'usual', label: t('staff.asEverybody') },
              { value: 'own', label: t('staff.own') },
            ]}
            onChange={(next) => change('most', { most: next === 'own' ? usualMost() : null })}
          />
        </header>
        {form.most && (
          <div className={own['four']}>
            {workClasses.map((one) => (
              <Field
                key={one}
                label={t(`staff.class.${one}`)}
                value={form.most?.[one] ?? ''}
                max={3}
                onChange={(text) => form.most && change(`most ${one}`, { most: { ...form.most, [one]: text } })}
                error={wrongAt(`most.${one}`)}
              />
            ))}
          </div>
        )}
      </section>
    </EditorFrame>
  );
}

function SkillsOf({ id, reference }: { id: string; reference: Reference }) {
  const { t } = useTranslation();
  const held = reference.userSkills
    .filter(({ userId }) => userId === id)
    .flatMap(({ skillId, level }) => {
      const skill = reference.skills.find((one) => one.id === skillId);
      return skill ? [{ name: skill.name, level }] : [];
    })
    .toSorted((a, b) => a.name.localeCompare(b.name, 'vi'));
  return (
    <section className={css['card']} aria-labelledby="person-skills">
      <h2 className={css['cardTitle']} id="person-skills">
        {t('staff.skills')}
      </h2>
      {held.length === 0 ? (
        <p className={css['quiet']}>{t('staff.noSkills')}</p>
      ) : (
        <ul className={own['facts']}>
          {held.map(({ name, level }) => (
            <li key={name}>
              {name}, {t('staff.level', { n: level })}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
