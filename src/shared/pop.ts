/** The "open contact" link of soft phones: from the hub's page to the console on the same machine, by an address of its own scheme. */
import { readDialled } from './phone.ts';

export const popScheme = 'truc-desk';

/** What a soft phone says of who calls, in a form that may be passed on; null: no number. */
export function popNumber(text: string): string | null {
  const dialled = readDialled(text);
  if (dialled === null) return null;
  return dialled.kind === 'number' ? dialled.e164 : dialled.digits;
}

export const popLink = (phone: string): string => `${popScheme}://call?phone=${encodeURIComponent(phone)}`;

/** The number of such a link, or null. Whoever can start a program on this machine can make one: it is only ever a number. */
export function popOf(link: string): string | null {
  const written = /^truc-desk:\/\/call\/?\?phone=([^&#]{1,60})$/.exec(link)?.[1];
  try {
    return written === undefined ? null : popNumber(decodeURIComponent(written));
  } catch {
    return null;
  }
}
