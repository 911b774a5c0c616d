/**
 * Messenger and Instagram: who somebody is. Sources: channels reference, 1.3;
 * https://developers.facebook.com/documentation/business-messaging/messenger-platform/identity/user-profile
 */
import { z } from 'zod';
import { callVendor, readJson } from '../call.ts';
import { type Profile, profileOf, toldText } from '../profile.ts';
import { type MetaAccount, metaLimits, type MetaNeeds } from './send.ts';

const told = z.looseObject({ name: toldText, username: toldText, first_name: toldText, last_name: toldText, profile_pic: toldText });

const fields = { messenger: 'name,first_name,last_name,profile_pic', instagram: 'name,username,profile_pic' } as const;

/**
 * Null when Meta does not tell: it has none of those who signed up by a phone number (100/2018218), and none may be asked for without
 * permission. Never throws for what the vendor or the line does: a name is worth waiting for, not failing for.
 * @param person as inbound events name them
 */
export async function profileFromMeta(
  account: MetaAccount,
  person: string,
  { call = callVendor }: MetaNeeds = {},
): Promise<Profile | null> {
  if (account.pageToken === null) return null;
  const url = new URL(`${account.baseUrl}/${account.version}/${encodeURIComponent(person)}`);
  url.searchParams.set('fields', fields[account.kind]);
  url.searchParams.set('access_token', account.pageToken);
  const timeoutMs = account.limits?.timeoutMs ?? metaLimits[account.kind].timeoutMs;
  const answer = await call({ method: 'GET', url, timeoutMs }).catch(() => null);
  const parsed = told.safeParse(answer?.status === 200 ? readJson(answer.text) : undefined);
  if (!parsed.success) return null;
  const { name, username, first_name: first, last_name: last, profile_pic: picture } = parsed.data;
  // The family's name first, as it is said here.
  const parts = [last, first].filter((part) => part !== undefined).join(' ');
  return profileOf(name ?? (parts || username), picture);
}
