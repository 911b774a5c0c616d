import { Plus, Search, Users } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components';
import type { Reference } from '../../../../shared/bridge.ts';
import type { User } from '../../../../shared/domain.ts';
import type { Access } from '../../../../shared/people-admin.ts';
import { useMinute } from '../../../app/clock.ts';
import { useHub } from '../../../app/useHub.ts';
import { useQuery } from '../../../app/useQuery.ts';
import { Button } from '../../../ui/Button.tsx';
import { Chip } from '../../../ui/Chip.tsx';
import { Segments } from '../../../ui/Choice.tsx';
import { Field } from '../../../ui/Field.tsx';
import { matches } from '../../../ui/fold.ts';
import { Avatar } from '../../../ui/Person.tsx';
import { State } from '../../../ui/State.tsx';
import css from '../Admin.module.css';
import { beginEdit, useService } from '../service/edit.ts';
import { OfflineNote, useOnline } from '../service/EditorFrame.tsx';
import { LocalState } from '../service/LocalState.tsx';
import service from '../service/Service.module.css';
import own from './Centre.module.css';
import { LinkSheet } from './LinkSheet.tsx';
import { newPerson, type Part, partOf, personForm } from './person-form.ts';
import { PersonEditor } from './PersonEditor.tsx';
import { stampOf } from './stamp.ts';

/** Who works here, and how they come in. */
export function People() {
  const edit = useService(({ person }) => person);
  const reference = useQuery('reference', null);
  const online = useOnline();
  const minute = useMinute();
  // Asked anew whenever somebody came, left or joined, when somebody is looked at, and every minute: nobody tells when a link is used.
  const of = `${reference.value?.users.map(({ id, active }) => `${id}${active}`).join()} ${edit?.begun.id ?? ''} ${minute}`;
  const { got, load } = useHub('people.access', online && reference.value?.me.role === 'admin' ? null : undefined, of);
  const access = got.state === 'here' ? got.value : null;
  return (
    <>
      {reference.value && edit ? (
        <PersonEditor key={edit.begun.id} edit={edit} reference={reference.value} access={access} onLinked={load} />
      ) : (
        <LocalState watched={reference}>{(value) => <PeopleList reference={value} access={access} />}</LocalState>
      )}
      <LinkSheet />
    </>
  );
}

const parts = ['here', 'invited', 'left'] as const;

function PeopleList({ reference, access }: { reference: Reference; access: readonly Access[] | null }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [part, setPart] = useState<Part>('here');
  const text = (user: User) => {
    const { teams, queues } = placesOf(user, reference);
    return [user.name, user.email, t(`role.${user.role}`), ...teams, ...queues].join(' ');
  };
  const inPart = (one: Part) => reference.users.filter((user) => partOf(user, access) === one);
  const people = inPart(part)
    .filter((user) => typed.trim() === '' || matches(text(user), typed.trim()))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'vi'));
  const [team] = reference.teams;
  const add = () => {
    const form = newPerson(crypto.randomUUID(), reference.workspace.locale, team && reference.teams.length === 1 ? [team.id] : []);
    beginEdit('person', form, null);
  };
  return (
    <div className={css['column']}>
      <header className={css['head']}>
        <div>
          <h1>{t('staff.title')}</h1>
          <p>{t('staff.hint')}</p>
        </div>
        <Button icon={<Plus size={14} aria-hidden />} onPress={add}>
          {t('staff.invite')}
        </Button>
      </header>
      <OfflineNote />
      <div className={own['bar']}>
        <Field
          hideLabel
          label={t('staff.find')}
          placeholder={t('staff.find')}
          value={typed}
          max={100}
          icon={<Search size={14} aria-hidden />}
          onChange={setTyped}
        />
        <Segments
          hideLabel
          label={t('staff.show')}
          value={part}
          options={parts.map((value) => ({ value, label: t('staff.count', { part: t(`staff.part.${value}`), n: inPart(value).length }) }))}
          onChange={setPart}
        />
      </div>
      {people.length === 0 ? (
        <State
          icon={<Users size={20} aria-hidden />}
          title={typed.trim() === '' ? t(`staff.none.${part}`) : t('staff.noneFound')}
          {...(typed.trim() === '' ? {} : { hint: t('staff.noneHint') })}
        />
      ) : (
        <ul className={service['rows']} aria-label={t('staff.title')}>
          {people.map((user) => (
            <li key={user.id} className={service['row']} data-testid="person-row" data-active={user.active || part === 'invited'}>
              <PersonRow user={user} reference={reference} part={part} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Names of the teams and queues that somebody was put into. */
function placesOf({ id }: User, { teams, teamMembers, queues, queueMembers }: Reference): { teams: string[]; queues: string[] } {
  const inTeams = new Set(teamMembers.flatMap(({ userId, teamId }) => (userId === id ? [teamId] : [])));
  const inQueues = new Set(queueMembers.flatMap(({ userId, queueId }) => (userId === id ? [queueId] : [])));
  return {
    teams: teams.filter((team) => inTeams.has(team.id)).map(({ name }) => name),
    queues: queues.filter((queue) => inQueues.has(queue.id)).map(({ name }) => name),
  };
}

function PersonRow({ user, reference, part }: { user: User; reference: Reference; part: Part }) {
  const { t } = useTranslation();
  const { id, name, email, role } = user;
  const { teams, queues } = placesOf(user, reference);
  const reach =
    role === 'admin'
      ? t('staff.allQueues')
      : [...(role === 'lead' && teams.length > 0 ? [t('staff.teamQueues')] : []), ...queues].join(', ') || t('staff.noQueues');
  const skills = reference.userSkills
    .filter(({ userId }) => userId === id)
    .flatMap(({ skillId, level }) => {
      const skill = reference.skills.find((one) => one.id === skillId);
      return skill ? [`${skill.name} ${level}`] : [];
    });
  const open = () => {
    const form = personForm(user, reference);
    beginEdit('person', form, stampOf(form));
  };
  return (
    <AriaButton className={service['open'] ?? ''} onPress={open}>
      <span className={own['person']}>
        <Avatar name={name} size={32} />
        <span className={own['personText']}>
          <span className={own['nameLine']}>
            <span className={service['name']}>{name}</span>
            {id === reference.me.id && <Chip tone="info">{t('staff.me')}</Chip>}
          </span>
          <span className={own['mail']}>{email}</span>
          <span className={service['facts']}>
            {teams.length > 0 && <span>{teams.join(', ')}</span>}
            <span>{reach}</span>
            {skills.length > 0 && (
              <span>
                {skills.slice(0, 4).join(', ')} {skills.length > 4 && t('staff.more', { n: skills.length - 4 })}
              </span>
            )}
          </span>
        </span>
        <span className={own['chips']}>
          {part === 'invited' && <Chip tone="warning">{t('staff.waiting')}</Chip>}
          {role !== 'agent' && <Chip tone={role === 'admin' ? 'good' : 'info'}>{t(`role.${role}`)}</Chip>}
          {role === 'agent' && <Chip>{t('role.agent')}</Chip>}
        </span>
      </span>
    </AriaButton>
  );
}
