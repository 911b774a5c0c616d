/** What administrators are told wherever they are: a channel that has begun to need them, and what was set aside. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Channel } from '../../../shared/domain.ts';
import { execute } from '../../app/engine.ts';
import { say } from '../../app/toasts.ts';
import { useQuery } from '../../app/useQuery.ts';
import { openAdmin, setAside, useAdmin } from './state.ts';

const none: readonly Channel[] = [];

/** How many things wait for an administrator; null for everybody else. Each change of a channel is said once. */
export function useAdminNotices(): number | null {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const { value: status } = useQuery('status', null);
  const aside = useAdmin((state) => state.aside);
  const isAdmin = reference?.me.role === 'admin';
  const online = status?.connection === 'online';
  const channels = reference?.channels ?? none;
  const ill = channels.filter(({ health }) => health === 'attention');
  const known = useRef<ReadonlyMap<string, Channel['health']> | null>(null);
  const counted = useRef(0);

  useEffect(() => {
    if (!isAdmin) return;
    const before = known.current;
    known.current = new Map(channels.map(({ id, health }) => [id, health]));
    const action = { label: t('admin.open'), run: () => openAdmin('channels'), undo: false };
    for (const { id, name, health } of channels) {
      const was = before?.get(id) ?? (before === null ? null : 'ok');
      // At the first look what is ill already is said, what is well is not.
      if (health === 'attention' && was !== 'attention') say(t('admin.broken', { name }), { tone: 'danger', action });
      else if (health === 'ok' && was === 'attention') say(t('admin.mended', { name }));
    }
  }, [isAdmin, channels, t]);

  // What was set aside is the hub's to count: asked for when the desk comes up, and whenever a channel's health changes.
  const asked = online ? `now ${ill.map(({ id }) => id).join(' ')}` : null;
  useEffect(() => {
    if (!isAdmin || asked === null) return;
    let here = true;
    void execute('channels.list', null).then(
      ({ channels: listed }) => here && setAside(listed.reduce((sum, one) => sum + one.aside, 0)),
      () => undefined,
    );
    return () => {
      here = false;
    };
  }, [isAdmin, asked]);
  useEffect(() => {
    if (isAdmin && aside > counted.current) {
      say(t('admin.asideNews', { count: aside }), {
        action: { label: t('admin.open'), run: () => openAdmin('channels'), undo: false },
      });
    }
    counted.current = aside;
  }, [isAdmin, aside, t]);
  return isAdmin ? ill.length + aside : null;
}
