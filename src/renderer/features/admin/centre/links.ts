/** A link that was made a moment ago: it is told this once, until somebody has copied it. */
import { create } from 'zustand';
import type { WayIn } from '../../../../shared/people-admin.ts';
import { execute } from '../../../app/engine.ts';
import { say } from '../../../app/toasts.ts';
import { wrongField } from '../../../app/useHub.ts';
import { i18n } from '../../../i18n/i18n.ts';
import { why, type Acted } from '../service/act.ts';
import type { MutationArgs } from '../../../../shared/mutations/registry.ts';

interface Link extends WayIn {
  name: string;
}
export const useLink = create<{ link: Link | null }>(() => ({ link: null }));

export const forgetLink = (): void => useLink.setState({ link: null });

/** Somebody new, or another link for somebody who has not come yet. */
export async function invite(fields: MutationArgs<'user.save'>): Promise<Acted> {
  try {
    useLink.setState({ link: { ...(await execute('people.invite', fields)), name: fields.name } });
    return { ok: true };
  } catch (error) {
    // Somebody else was given this address a moment ago.
    if (wrongField(error) === 'email') return { ok: false, words: i18n.t('service.refused.DUPLICATE'), by: null };
    return { ok: false, ...why(error) };
  }
}

export async function reset(userId: string, name: string): Promise<void> {
  try {
    useLink.setState({ link: { ...(await execute('people.reset', { userId })), name } });
  } catch (error) {
    say(why(error).words, { tone: 'danger' });
  }
}
