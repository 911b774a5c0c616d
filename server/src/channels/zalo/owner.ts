/** Zalo Official Account: whose the token is. Source: channels reference, 2.3. */
import { z } from 'zod';
import { toldText } from '../profile.ts';
import { ZaloCalls } from './call.ts';
import type { ZaloAccount } from './send.ts';

export type ZaloOwner = { state: 'ok'; id: string | null; name: string } | { state: 'signIn' | 'settings' | 'line'; reason: string };

const told = z.looseObject({
  oa_id: z.coerce.string().max(40).optional().catch(undefined),
  name: toldText,
});

/** A token whose end is near is renewed on the way, as for a message. Never throws for what the vendor or the line does. */
export async function ownerFromZalo(account: ZaloAccount, timeoutMs: number): Promise<ZaloOwner> {
  const answer = await new ZaloCalls(account).get('/v2.0/oa/getoa', timeoutMs);
  if (answer.state === 'error') return { state: 'settings', reason: answer.reason };
  if (answer.state === 'over') {
    const { state, reason } = answer.outcome;
    return { state: state === 'attention' ? 'signIn' : 'line', reason };
  }
  const { oa_id: id = null, name } = told.catch({}).parse(answer.data);
  return { state: 'ok', id, name: name ?? id ?? '' };
}
