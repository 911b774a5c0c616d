import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Reference } from '../../../../shared/bridge.ts';
import type { Team } from '../../../../shared/domain.ts';
import { say } from '../../../app/toasts.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import css from '../Admin.module.css';
import { act, actOrSay } from '../service/act.ts';
import { useOnline } from '../service/EditorFrame.tsx';
import service from '../service/Service.module.css';
import { NameLine } from './NameLine.tsx';

/** Teams: few, and nothing to them but a name. */
export function Teams({ reference }: { reference: Reference }) {
  const { t } = useTranslation();
  const online = useOnline();
  /** the team whose name is being written; a new one's id for a new one */
  const [named, setNamed] = useState<string | null>(null);
  const teams = reference.teams.toSorted((a, b) => a.name.localeCompare(b.name, 'vi'));
  const isNew = named !== null && !teams.some(({ id }) => id === named);
  const active = new Set(reference.users.filter((user) => user.active).map(({ id }) => id));
  const save = async (teamId: string, name: string) => {
    const done = await actOrSay('team.save', { teamId, name });
    if (done) say(t('teams.saved', { name }));
    return done;
  };
  const remove = async ({ id, name }: Team) => {
    const members = reference.teamMembers.filter(({ teamId }) => teamId === id).length;
    const acted = await act('team.remove', { teamId: id });
    if (!acted.ok) return say(acted.by === null ? acted.words : t('teams.inUse', { names: acted.by }), { tone: 'danger' });
    // Whoever was in it would have to be put there again by hand: taken back is only what was empty.
    const undo = { label: t('admin.undo'), run: () => void actOrSay('team.save', { teamId: id, name }) };
    say(t('teams.removed', { name }), members === 0 ? { action: undo } : {});
  };
  const line = (id: string, begun: string) => (
    <NameLine
      label={t('teams.name')}
      begun={begun}
      max={200}
      taken={teams.filter((team) => team.id !== id).map(({ name }) => name)}
      same={t('teams.same')}
      save={t('staff.save')}
      onSave={(name) => save(id, name)}
      onClose={() => setNamed(null)}
    />
  );
  return (
    <section className={css['asides']} aria-labelledby="teams-title">
      <header className={css['cardHead']}>
        <div>
          <h2 id="teams-title">{t('teams.title')}</h2>
          <p className={css['quiet']}>{t('teams.hint')}</p>
        </div>
        <Button
          size="small"
          icon={<Plus size={14} aria-hidden />}
          isDisabled={!online || isNew}
          onPress={() => setNamed(crypto.randomUUID())}
        >
          {t('teams.add')}
        </Button>
      </header>
      {teams.length === 0 && !isNew ? (
        <p>{t('teams.none')}</p>
      ) : (
        <ul className={service['rows']} style={{ gap: 0 }}>
          {teams.map((team) => {
            const people = reference.teamMembers.filter(({ teamId, userId }) => teamId === team.id && active.has(userId)).length;
            const queues = reference.queues.filter(({ teamId }) => teamId === team.id).length;
            return (
              <li key={team.id} className={service['row']} data-testid="team-row">
                {named === team.id ? (
                  line(team.id, team.name)
                ) : (
                  <>
                    <div className={service['fixed']}>
                      <span className={service['name']}>{team.name}</span>
                      <span className={service['facts']}>{t('teams.facts', { people, queues })}</span>
                    </div>
                    <span className={service['rowActs']}>
                      <IconButton
                        size="small"
                        label={t('teams.rename', { name: team.name })}
                        icon={<Pencil size={14} aria-hidden />}
                        isDisabled={!online}
                        onPress={() => setNamed(team.id)}
                      />
                      <IconButton
                        size="small"
                        label={t('teams.remove', { name: team.name })}
                        icon={<Trash2 size={14} aria-hidden />}
                        isDisabled={!online}
                        onPress={() => void remove(team)}
                      />
                    </span>
                  </>
                )}
              </li>
            );
          })}
          {isNew && <li className={service['row']}>{line(named, '')}</li>}
        </ul>
      )}
    </section>
  );
}
