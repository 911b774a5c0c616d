/** What somebody wants changed, before anything is loaded for it. */
import type { Mutation, Rejection } from '../../../src/shared/mutations/define.ts';
import { findMutation } from '../../../src/shared/mutations/registry.ts';
import { wireLimits } from '../../../src/shared/protocol.ts';

export interface Intent {
  name: string;
  args: unknown;
}

/** Parses an intent before anything is loaded for it. */
export function parseIntent(intent: Intent, by: Mutation['by']): { mutation: Mutation; args: unknown } | { rejection: Rejection } {
  const mutation = findMutation(intent.name);
  if (!mutation) return { rejection: { code: 'UNKNOWN_MUTATION', field: 'name' } };
  if (mutation.by !== by) return { rejection: { code: 'FORBIDDEN', field: 'name' } };
  if (by !== 'system' && JSON.stringify(intent.args ?? null).length > wireLimits.argsLength) {
    return { rejection: { code: 'TOO_LARGE', field: 'args', detail: { most: wireLimits.argsLength } } };
  }
  if (!storable(intent.args))
    return { rejection: { code: 'INVALID', field: 'args', detail: { reason: 'text with NUL or half a surrogate pair' } } };
  const parsed = mutation.args.safeParse(intent.args);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      rejection: {
        code: 'INVALID',
        field: (issue?.path.join('.') || 'args').slice(0, 200),
        detail: { reason: (issue?.message ?? '').slice(0, 300) },
      },
    };
  }
  return { mutation, args: parsed.data };
}

/** PostgreSQL's jsonb takes neither NUL nor lone surrogates. */
export function storable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (Array.isArray(value)) return value.every(storable);
  return typeof value !== 'object' || value === null || Object.entries(value).every(([key, inner]) => storable(key) && storable(inner));
}
