/** Acts of people who wait for the verdict, as a console sends them. */
import type { Rejection } from '../../src/shared/mutations/define.ts';
import type { MutationArgs, MutationName } from '../../src/shared/mutations/registry.ts';
import { actAnswer } from '../../src/shared/protocol.ts';
import type { SignedIn } from './wire.ts';

/** Why it was refused, or null. Throws when the request itself was. */
export async function act<N extends MutationName>(
  hubUrl: string,
  who: SignedIn,
  name: N,
  args: MutationArgs<N>,
): Promise<Rejection | null> {
  return actRaw(hubUrl, who, { name, args });
}

export async function actRaw(hubUrl: string, who: SignedIn, body: unknown): Promise<Rejection | null> {
  const answer = await fetch(`${hubUrl}/api/v1/acts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${who.token}` },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`act: ${answer.status} ${await answer.text()}`);
  return actAnswer.parse(await answer.json()).rejection;
}
