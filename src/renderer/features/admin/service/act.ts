/** Changes that the hub decides on at once. */
import { i18n } from '../../../i18n/i18n.ts';
import type { MutationArgs, MutationName } from '../../../../shared/mutations/registry.ts';
import { EngineError, execute } from '../../../app/engine.ts';
import { say } from '../../../app/toasts.ts';

/** `words`: why not, for people; `by`: what stands in the way of it. */
export type Acted = { ok: true } | { ok: false; words: string; by: string | null };

export async function act<N extends MutationName>(name: N, args: MutationArgs<N>): Promise<Acted> {
  try {
    await execute('act', { name, args });
    return { ok: true };
  } catch (error) {
    return { ok: false, ...why(error) };
  }
}

/** What the hub's refusal means to whoever reads it. */
export function why(error: unknown): { words: string; by: string | null } {
  if (!(error instanceof EngineError)) return { words: i18n.t('service.refused.other'), by: null };
  const { code, rejection } = error.error;
  if (code === 'HUB_UNREACHABLE') return { words: i18n.t('service.refused.offline'), by: null };
  const { by = null, reason = null } = rejection?.detail ?? {};
  const named = typeof by === 'string' ? by : null;
  switch (rejection?.code) {
    case 'FORBIDDEN':
    case 'NOT_FOUND':
      return { words: i18n.t(`service.refused.${rejection.code}`), by: named };
    case 'DUPLICATE':
    case 'TOO_LARGE':
    case 'INVALID_ASSIGNEE':
      return { words: i18n.t(`service.refused.${rejection.code}`), by: null };
    case 'INVALID': {
      if (reason === 'has tickets' || reason === 'last administrator' || reason === 'yourself')
        return { words: i18n.t(`service.refused.${reason}`), by: null };
      // A form has looked at all of it before: what is refused all the same is told as the hub tells it.
      const what = [rejection.field, reason].filter((one) => typeof one === 'string').join(', ');
      return { words: i18n.t('service.refused.INVALID', { what }), by: named };
    }
    default:
      return { words: i18n.t('service.refused.other'), by: named };
  }
}

/** Done, or said why not. */
export async function actOrSay<N extends MutationName>(name: N, args: MutationArgs<N>): Promise<boolean> {
  const acted = await act(name, args);
  if (!acted.ok) say(acted.words, { tone: 'danger' });
  return acted.ok;
}
