import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { actNow } from '../../app/shift.ts';
import { say } from '../../app/toasts.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button } from '../../ui/Button.tsx';
import { Pick } from '../../ui/Choice.tsx';
import { Sheet } from '../../ui/Popover.tsx';
import css from './Floor.module.css';

/** A word to everybody of a team, on their screens. */
export function TeamMessage({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const [text, setText] = useState('');
  const [teamId, setTeamId] = useState<string | null>(null);
  const teams = reference?.teams.filter(({ id }) => reference.myTeams.includes(id)) ?? [];
  const team = teams.find(({ id }) => id === teamId) ?? teams[0];
  const send = () => {
    if (!team || text.trim() === '') return;
    void actNow('team.message', { teamId: team.id, text: text.trim() }).then((done) => {
      if (!done) return;
      setText('');
      close();
      say(t('floor.spoken', { team: team.name }));
    });
  };
  return (
    <Sheet label={t('floor.speak')} open={open} onOpenChange={(next) => (next ? undefined : close())}>
      <form
        className={css['speak']}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <h2 className={css['title']}>{t('floor.speakTo', { team: team?.name ?? '' })}</h2>
        {teams.length > 1 && (
          <Pick
            label={t('floor.team')}
            value={team?.id ?? null}
            options={teams.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={setTeamId}
          />
        )}
        <textarea
          autoFocus
          className={css['words']}
          aria-label={t('floor.speakTo', { team: team?.name ?? '' })}
          placeholder={t('floor.speakHint')}
          maxLength={2000}
          rows={4}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <div className={css['buttons']}>
          <Button look="quiet" onPress={close}>
            {t('floor.cancel')}
          </Button>
          <Button look="primary" type="submit" isDisabled={text.trim() === ''}>
            {t('floor.speak')}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
