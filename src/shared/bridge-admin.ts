/** The part of the bridge that administrators use; each command asks the hub. */
import { z } from 'zod';
import { accountChange, type AdminChannel, type asideList } from './channel-admin.ts';

const channelId = z.string().min(1).max(64);

export const adminCommands = {
  'channels.list': z.null(),
  'channels.connect': accountChange.extend({ channelId }),
  'channels.switch': z.strictObject({ channelId, on: z.boolean() }),
  'channels.aside': z.strictObject({ before: z.int().positive().nullable() }),
  'channels.retry': z.strictObject({ id: z.int().positive() }),
} as const;

export interface AdminCommandValues {
  'channels.list': AdminChannel[];
  'channels.connect': null;
  'channels.switch': null;
  'channels.aside': z.infer<typeof asideList>;
  'channels.retry': null;
}
