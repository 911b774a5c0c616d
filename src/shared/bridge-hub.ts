/** What the hub alone has and a window may want to see: part of the map in bridge.ts. Nothing of it is kept on the workstation. */
import { z } from 'zod';
import { dialRequest } from './dial.ts';
import { id } from './domain.ts';
import type { HubAnswer } from './found.ts';
import { mailImageQuery, type MailText, readableCharset } from './mail.ts';
import { searchFilter } from './protocol.ts';

export const hubCommands = {
  /** what the hub finds and this workstation does not keep */
  'search.hub': z.strictObject({ text: z.string().trim().min(1).max(200), filter: searchFilter }),
  /** has the exchange call this number for the agent; false: none does, their own phone may. Refused as HUB_UNREACHABLE */
  'call.dial': dialRequest,
  /** as its sender laid it out; made safe by the hub, and to be made safe again before it is shown */
  'mail.html': z.strictObject({ messageId: id }),
  /** its words, read in another charset */
  'mail.text': z.strictObject({ messageId: id, as: readableCharset }),
  /** a picture that lies elsewhere; refused as FILE_GONE when there is none to be had */
  'mail.image': z.strictObject({ messageId: id, url: mailImageQuery.shape.url }),
} as const;

export interface HubCommandValues {
  'search.hub': HubAnswer;
  'call.dial': { dialled: boolean };
  'mail.html': { html: string };
  'mail.text': MailText;
  /** `bytes`: base64; `type`: what they are by themselves */
  'mail.image': { type: string; bytes: string };
}
