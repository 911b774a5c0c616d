import { KeyRound, Link, UserCheck, UserX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Reference } from '../../../../shared/bridge.ts';
import type { User } from '../../../../shared/domain.ts';
import type { Access } from '../../../../shared/people-admin.ts';
import { useMinute } from '../../../app/clock.ts';
import { say } from '../../../app/toasts.ts';
import { useQuery } from '../../../app/useQuery.ts';
import { Button } from '../../../ui/Button.tsx';
import { Pick } from '../../../ui/Choice.tsx';
import { moment } from '../../../ui/time.ts';
import css from '../Admin.module.css';
import { actOrSay } from '../service/act.ts';
import { endEdit } from '../service/edit.ts';
import { Ask, useOnline } from '../service/EditorFrame.tsx';
import own from './Centre.module.css';
import { reset } from './links.ts';
import { isLastAdmin, type Part } from './person-form.ts';

const toQueue = 'queue';

/** How somebody comes in, and how they come in no more. */
export function PersonAccess({
  user,
  reference,
  part,
  access,
  onLinked,
}: {
  user: User;
  reference: Reference;
  part: Part;
  access: readonly Access[] | null;
  onLinked: () => void;
}) {
  const { t } = useTranslation();
  const now = useMinute();
  const online = useOnline();
  const { value: tickets } = useQuery('floor.tickets', { userId: user.id });
  const [asks, setAsks] = useState<'reset' | 'leave' | null>(null);
  const [to, setTo] = useState<string>(toQueue);
  const { id, name } = user;
  const isMe = id === reference.me.id;
  const last = isLastAdmin(id, reference.users);
  const mine = access?.find(({ userId }) => userId === id) ?? null;
  const held = tickets?.length;
  const colleagues = reference.users.filter((one) => one.active && one.id !== id).toSorted((a, b) => a.name.localeCompare(b.name, 'vi'));
  const link = async () => {
    await reset(id, name);
    onLinked();
  };
  const leave = async () => {
    if (!(await actOrSay('user.deactivate', { userId: id, to: to === toQueue ? null : to }))) return;
    say(t(part === 'invited' ? 'staff.withdrawn' : 'staff.deactivated', { name }));
    endEdit('person');
  };
  const activate = async () => {
    if (!(await actOrSay('user.activate', { userId: id }))) return;
    const undo = () => void actOrSay('user.deactivate', { userId: id, to: null });
    say(t('staff.activated', { name }), { action: { label: t('admin.undo'), run: undo } });
  };
  return (
    <section className={css['card']} aria-labelledby="person-access" data-testid="person-access">
      <h2 className={css['cardTitle']} id="person-access">
        {t('staff.access')}
      </h2>
      <div className={own['facts']}>
        {mine === null ? (
          <p>{t('staff.accessUnknown')}</p>
        ) : (
          <>
            {mine.joined && (
              <p>
                {mine.seenAt === null ? t('staff.accessState.never') : t('staff.accessState.seen', { at: moment(mine.seenAt, now, t) })}
              </p>
            )}
            {mine.linkUntil !== null && <p>{t('staff.accessState.link', { at: moment(mine.linkUntil, now, t) })}</p>}
            {!mine.joined && mine.linkUntil === null && <p>{t('staff.accessState.noLink')}</p>}
          </>
        )}
      </div>
      <div className={css['acts']}>
        {part === 'here' && (
          <Button icon={<KeyRound size={14} aria-hidden />} isDisabled={!online} onPress={() => setAsks('reset')}>
            {t('staff.reset')}
          </Button>
        )}
        {part === 'invited' && (
          <Button icon={<Link size={14} aria-hidden />} isDisabled={!online} onPress={() => void link()}>
            {t('staff.newLink')}
          </Button>
        )}
        {part === 'left' ? (
          <Button icon={<UserCheck size={14} aria-hidden />} isDisabled={!online || mine === null} onPress={() => void activate()}>
            {t('staff.activate')}
          </Button>
        ) : (
          <Button look="quiet" icon={<UserX size={14} aria-hidden />} isDisabled={!online || isMe || last} onPress={() => setAsks('leave')}>
            {t(part === 'invited' ? 'staff.withdraw' : 'staff.deactivate')}
          </Button>
        )}
      </div>
      {(isMe || last) && part === 'here' && <p className={own['under']}>{t(last ? 'staff.bad.LAST_ADMIN' : 'staff.notSelf')}</p>}
      <Ask
        open={asks === 'reset'}
        title={t('staff.resetAsk', { name })}
        what={t(isMe ? 'staff.resetOwn' : 'staff.resetWhat')}
        act={t('staff.resetDo')}
        stay={t('admin.cancel')}
        onClose={() => setAsks(null)}
        onAct={() => void link()}
      />
      <Ask
        open={asks === 'leave'}
        title={t(part === 'invited' ? 'staff.withdrawAsk' : 'staff.deactivateAsk', { name })}
        what={t(part === 'invited' ? 'staff.withdrawWhat' : 'staff.deactivateWhat')}
        act={t(part === 'invited' ? 'staff.withdraw' : 'staff.deactivate')}
        stay={t('admin.cancel')}
        onClose={() => setAsks(null)}
        onAct={() => void leave()}
      >
        {part === 'here' && held !== 0 && (
          <>
            <Pick
              label={held === undefined ? t('staff.heldUnknown') : t('staff.held', { count: held })}
              value={to}
              options={[{ value: toQueue, label: t('staff.toQueue') }, ...colleagues.map((one) => ({ value: one.id, label: one.name }))]}
              onChange={setTo}
            />
            {to !== toQueue && <p className={own['under']}>{t('staff.toHint')}</p>}
          </>
        )}
      </Ask>
    </section>
  );
}
