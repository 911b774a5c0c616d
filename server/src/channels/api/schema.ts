/** What a client of the generic API sends and gets: programs, shops' own apps, anything without a channel of its own. */
import { z } from 'zod';
import { limits } from '../../../../src/shared/domain.ts';
import { normalisePhone } from '../../../../src/shared/phone.ts';

const externalId = z.string().trim().min(1).max(200);

/** Anything but an address that a browser would fetch is refused here; where it leads is checked when it is fetched. */
const fileUrl = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .refine((text) => !/^[^/]+\/\/[^/]*@/.test(text), 'an address with a password');

/** `POST /api/v1/channels/:channelId/messages` */
export const apiMessage = z.strictObject({
  id: externalId.optional().describe('Yours. The same one again is the same message. Needed where there is no Idempotency-Key.'),
  contact: z.strictObject({
    external_id: externalId.describe('Yours, of whoever writes.'),
    name: z.string().trim().min(1).max(200).nullish(),
    phone: z
      .string()
      .max(40)
      .refine((text) => normalisePhone(text) !== null, 'not a telephone number')
      .nullish(),
    email: z.email().max(320).nullish(),
  }),
  conversation: z.strictObject({ external_id: externalId.describe('Yours. What belongs to one conversation is one ticket.') }),
  message: z
    .strictObject({
      text: z.string().max(limits.messageLength).default(''),
      attachments: z
        .array(z.strictObject({ url: fileUrl, name: z.string().trim().min(1).max(200).nullish() }))
        .max(limits.attachmentsPerMessage)
        .default([]),
      sent_at: z.iso.datetime({ offset: true }).nullish(),
    })
    .refine(({ text, attachments }) => text.trim() !== '' || attachments.length > 0, { path: ['text'], error: 'neither text nor files' }),
});
export type ApiMessage = z.infer<typeof apiMessage>;

export const idempotencyKey = z.string().min(1).max(200).describe('Instead of, or beside, the body’s id.');

/** 201 the first time, 200 ever after */
export const apiMessageAnswer = z.strictObject({ message_id: z.uuid(), status: z.literal('accepted') });

/** What the channel's own address is told of an answer, a part at a time. */
export const apiTold = z.strictObject({
  type: z.literal('message.created'),
  timestamp: z.iso.datetime(),
  data: z.strictObject({
    channel_id: z.string(),
    conversation_id: z.string().nullable(),
    contact_id: z.string(),
    ticket_id: z.uuid(),
    message_id: z.uuid(),
    part: z.int().describe('Of one answer, from 0.'),
    author: z.strictObject({ type: z.enum(['customer', 'agent', 'bot', 'system']), name: z.string() }),
    text: z.string().nullable(),
    attachment: z
      .strictObject({
        id: z.uuid(),
        name: z.string(),
        type: z.string(),
        size: z.int(),
        path: z.string().describe('Below the hub’s own address; asked for with the channel’s key.'),
      })
      .nullable(),
    reply_to: z.string().nullable().describe('The id of the message that it answers, as it came.'),
    sent_at: z.iso.datetime(),
  }),
});
export type ApiTold = z.infer<typeof apiTold>;
