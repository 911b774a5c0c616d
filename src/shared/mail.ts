/** What consoles ask of the hub about mails: how their senders laid them out, and how else their bytes can be read. */
import { z } from 'zod';

/** Charsets in which mails of this country, and of those it trades with, are found; by the names that everybody knows them under. */
export const readableCharsets = [
  'utf-8',
  'windows-1258',
  'tcvn3',
  'viscii',
  'windows-1252',
  'gb18030',
  'big5',
  'shift_jis',
  'euc-kr',
  'windows-1251',
] as const;
export const readableCharset = z.enum(readableCharsets);
export type ReadableCharset = z.infer<typeof readableCharset>;

/** `GET /api/v1/messages/:id/text?as=`: its words in another charset; nothing is changed by it. */
export const mailTextQuery = z.strictObject({ as: readableCharset });
export const mailText = z.strictObject({ subject: z.string(), body: z.string(), quotedFrom: z.int().nonnegative().nullable() });
export type MailText = z.infer<typeof mailText>;

/** `GET /api/v1/messages/:id/image?url=`: a picture that the mail points to, fetched by the hub so that its sender learns of nobody. */
export const mailImageQuery = z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2000) });
/** bytes */
export const mailLimits = { image: 5 * 1024 * 1024, html: 4 * 1024 * 1024 } as const;
