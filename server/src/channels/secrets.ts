/** How an account's secrets change: what is left out stays, lists are rotated, and what was good a moment ago can stay good beside the new. */
import type { SecretChange } from '../../../src/shared/channel-admin.ts';
import { type AnyAccount, type Vendor, vendors } from './accounts.ts';

/**
 * The secrets as they are to be, not checked yet. A name that the vendor does not have stays in them, so that the check names it.
 * @param before the account as it is; null, or another vendor's: there are none to keep
 */
export function changedSecrets(vendor: Vendor, before: AnyAccount | null, changes: Record<string, SecretChange>): Record<string, unknown> {
  const known: Record<string, unknown> = before?.vendor === vendor ? before.secrets : {};
  // Absent is empty: what a vendor need not have, and what nobody has entered, look the same.
  const empty = Object.fromEntries(Object.keys(vendors[vendor].secrets.shape).map((name) => [name, lists.has(name) ? [] : null]));
  const next: Record<string, unknown> = { ...empty, ...known };
  for (const [name, change] of Object.entries(changes)) next[name] = changed(known[name], change);
  if (vendor === 'zalo' && typeof changes['refreshToken'] === 'string') {
    const refresh = changes['refreshToken'];
    delete next['refreshToken'];
    // The vendor hands both out together; by one whose time is over, the first use gets a pair of our own.
    next['tokens'] = { access: refresh, refresh, expiresAt: 0 };
    next['previous'] = known['tokens'] ?? null;
  }
  // Pages that still carry what was signed with the old one go on.
  if (vendor === 'chat' && typeof changes['identitySecret'] === 'string' && changes['identitySecretBefore'] === undefined)
    next['identitySecretBefore'] = known['identitySecret'] ?? null;
  return next;
}

const lists: ReadonlySet<string> = new Set(['apiKeys', 'webhookSecrets']);

function changed(known: unknown, change: SecretChange): unknown {
  if (change === null || typeof change === 'string' || Array.isArray(change)) return change;
  const { add, keep } = change;
  const kept = Array.isArray(known) ? known.slice(0, keep) : [];
  return add === undefined ? kept : [add, ...kept];
}

/** How many are set of each. */
export function countSecrets(account: AnyAccount | null): Record<string, number> {
  const all = Object.entries<unknown>(account?.secrets ?? {});
  return Object.fromEntries(all.map(([name, value]) => [name, Array.isArray(value) ? value.length : value === null ? 0 : 1]));
}
