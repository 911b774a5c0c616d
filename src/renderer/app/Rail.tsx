import {
  Cable,
  CheckCheck,
  CircleAlert,
  CircleUserRound,
  Clock3,
  Inbox as InboxIcon,
  Layers,
  LayoutDashboard,
  PhoneCall,
  Search,
  Settings2,
  UserRoundPlus,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { View } from '../../shared/bridge.ts';
import { useAdminNotices } from '../features/admin/notices.ts';
import { Me } from '../features/settings/Me.tsx';
import { Settings } from '../features/settings/Settings.tsx';
import { IconButton } from '../ui/Button.tsx';
import { keysOf, run, type CommandId } from './commands.ts';
import { goTo, setDesk, useDesk } from './desk.ts';
import css from './Rail.module.css';
import { useQuery } from './useQuery.ts';

const entries: { view: View; icon: ReactNode; command: CommandId }[] = [
  { view: 'mine', icon: <InboxIcon size={20} aria-hidden />, command: 'mine' },
  { view: 'unassigned', icon: <UserRoundPlus size={20} aria-hidden />, command: 'unassigned' },
  { view: 'all', icon: <Layers size={20} aria-hidden />, command: 'all' },
  { view: 'snoozed', icon: <Clock3 size={20} aria-hidden />, command: 'snoozed' },
  { view: 'closed', icon: <CheckCheck size={20} aria-hidden />, command: 'closed' },
];

/** 999 and more take four characters at most. */
function short(n: number): string {
  return n < 1000 ? String(n) : n < 10_000 ? `${Math.floor(n / 100) / 10}k` : `${Math.floor(n / 1000)}k`;
}

export function Rail() {
  const { t } = useTranslation();
  const screen = useDesk((desk) => desk.screen);
  const view = useDesk((desk) => desk.view);
  const { value: counts } = useQuery('inbox.counts', null);
  const { value: status } = useQuery('status', null);
  const attention = status?.attention ?? 0;
  const administers = useAdminNotices();
  const { value: reference } = useQuery('reference', null);
  const leads = reference !== undefined && reference !== null && reference.me.role !== 'agent';
  return (
    <nav className={css['rail']} aria-label={t('rail.nav')}>
      <ul className={css['group']} aria-label={t('rail.views')}>
        {entries.map(({ view: name, icon, command }) => {
          const n = counts?.[name] ?? 0;
          const label = t(`view.${name}`);
          const counted = name === 'mine' || name === 'unassigned' || name === 'snoozed' || name === 'all';
          return (
            <li key={name} className={css['entry']} data-current={screen === 'inbox' && view === name ? 'true' : undefined}>
              <IconButton
                size="rail"
                side="right"
                label={counted && n > 0 ? t('rail.count', { label, n }) : label}
                keys={keysOf(command)}
                icon={icon}
                data-testid={`view-${name}`}
                {...(screen === 'inbox' && view === name ? { 'aria-current': 'page' as const } : {})}
                onPress={() => goTo(name)}
              />
              {counted && n > 0 && (
                <span className={css['count']} aria-hidden>
                  {short(n)}
                </span>
              )}
            </li>
          );
        })}
      </ul>
      <span className={css['rule']} />
      <ul className={css['group']}>
        {leads && (
          <li className={css['entry']} data-current={screen === 'floor' ? 'true' : undefined}>
            <IconButton
              size="rail"
              side="right"
              label={t('rail.floor')}
              keys={keysOf('floor')}
              icon={<LayoutDashboard size={20} aria-hidden />}
              data-testid="open-floor"
              onPress={() => run('floor')}
            />
          </li>
        )}
        <li className={css['entry']} data-current={screen === 'call' ? 'true' : undefined}>
          <IconButton
            size="rail"
            side="right"
            label={t('rail.call')}
            keys={keysOf('call')}
            icon={<PhoneCall size={20} aria-hidden />}
            onPress={() => run('call')}
          />
        </li>
        <li className={css['entry']} data-current={screen === 'attention' ? 'true' : undefined}>
          <IconButton
            size="rail"
            side="right"
            label={attention > 0 ? t('rail.attentionCount', { n: attention }) : t('rail.attention')}
            keys={keysOf('attention')}
            icon={<CircleAlert size={20} aria-hidden />}
            onPress={() => setDesk({ screen: 'attention' })}
          />
          {attention > 0 && (
            <span className={`${css['count']} ${css['alert']}`} data-testid="attention-count" aria-hidden>
              {short(attention)}
            </span>
          )}
        </li>
      </ul>
      <span className={css['space']} />
      <ul className={css['group']}>
        <li className={css['entry']} data-current={screen === 'search' ? 'true' : undefined}>
          <IconButton
            size="rail"
            side="right"
            label={t('rail.search')}
            keys={keysOf('search')}
            icon={<Search size={20} aria-hidden />}
            data-testid="open-search"
            onPress={() => run('search')}
          />
        </li>
        {administers !== null && (
          <li className={css['entry']} data-current={screen === 'channels' ? 'true' : undefined}>
            <IconButton
              size="rail"
              side="right"
              label={administers > 0 ? t('admin.railCount', { count: administers }) : t('rail.channels')}
              icon={<Cable size={20} aria-hidden />}
              data-testid="open-channels"
              onPress={() => setDesk({ screen: 'channels' })}
            />
            {administers > 0 && (
              <span className={`${css['count']} ${css['alert']}`} data-testid="admin-count" aria-hidden>
                {short(administers)}
              </span>
            )}
          </li>
        )}
        <li>
          <Settings icon={<Settings2 size={20} aria-hidden />} onShortcuts={() => setDesk({ help: true })} />
        </li>
        <li>
          <Me icon={<CircleUserRound size={20} aria-hidden />} />
        </li>
      </ul>
    </nav>
  );
}
