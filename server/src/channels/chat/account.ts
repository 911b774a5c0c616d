/** What a chat widget is set up with. */
import { z } from 'zod';
import { consentText, preChat } from '../../../../src/shared/widget.ts';

/** `shop.example`, `*.shop.example`, each with a port where it is not the usual one */
const domain = z
  .string()
  .max(260)
  .regex(/^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/, 'a host such as shop.example or *.shop.example');
const identitySecret = z.string().min(32).max(400).nullable();

export const chatAccount = {
  settings: z.strictObject({
    /** pages that may show the widget; none named: any */
    allowedDomains: z.array(domain).max(50),
    /** what is asked before the first message; null: nothing */
    preChat: preChat.nullable(),
    /** what a visitor agrees to before the first message; null: nothing */
    consent: consentText.nullable(),
    /** an answer that nobody has read `afterMs` later goes out from this mailbox; null: it waits for the visitor */
    continueByMail: z
      .strictObject({
        channelId: z.string().min(1).max(64),
        afterMs: z
          .int()
          .min(100)
          .max(7 * 86_400_000),
      })
      .nullable(),
  }),
  /** the keys with which the shop vouches for who its visitors are; two while it changes over */
  secrets: z.strictObject({ identitySecret, identitySecretBefore: identitySecret }),
} as const;

/** Of a chat channel that nobody has set up. */
export const noSettings: z.infer<typeof chatAccount.settings> = { allowedDomains: [], preChat: null, consent: null, continueByMail: null };

/** Whether a page of this origin may show the widget. */
export function isAllowed(allowedDomains: readonly string[], origin: string): boolean {
  if (allowedDomains.length === 0) return true;
  const url = URL.parse(origin);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return allowedDomains.some((one) => {
    const [host = '', port = ''] = one.split(':');
    if (port !== url.port) return false;
    return host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.hostname === host;
  });
}
