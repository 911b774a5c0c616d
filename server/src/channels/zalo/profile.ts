/** Zalo Official Account: who somebody is. Sources: channels reference, 2.3. */
import { z } from 'zod';
import { type Profile, profileOf, toldText } from '../profile.ts';
import { ZaloCalls } from './call.ts';
import { type ZaloAccount, zaloLimits } from './send.ts';

const told = z.looseObject({
  display_name: toldText,
  avatar: toldText,
  avatars: z.record(z.string(), toldText).optional().catch(undefined),
});

/** Null when Zalo does not tell. Never throws for what the vendor or the line does. */
export async function profileFromZalo(account: ZaloAccount, person: string): Promise<Profile | null> {
  const asked = encodeURIComponent(JSON.stringify({ user_id: person }));
  const timeoutMs = account.limits?.timeoutMs ?? zaloLimits.timeoutMs;
  const answer = await new ZaloCalls(account).get(`/v3.0/oa/user/detail?data=${asked}`, timeoutMs);
  const parsed = told.safeParse(answer.state === 'ok' ? answer.data : undefined);
  if (!parsed.success) return null;
  const { display_name: name, avatar, avatars = {} } = parsed.data;
  return profileOf(name, avatars['240'] ?? avatar);
}
