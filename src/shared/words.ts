/** Words that rows and the rules about them have in common. */
import { z } from 'zod';

export const id = z.uuid();
/** ms since the Unix epoch */
export const time = z.int().nonnegative();
export const text = (max: number) => z.string().max(max);

export const channelKinds = ['phone', 'email', 'chat', 'messenger', 'instagram', 'zalo', 'api', 'counter', 'other'] as const;
export const channelKind = z.enum(channelKinds);
export type ChannelKind = z.infer<typeof channelKind>;

export const priorities = ['low', 'normal', 'high', 'urgent'] as const;
export const priority = z.enum(priorities);
export type Priority = z.infer<typeof priority>;

export const roles = ['agent', 'lead', 'admin'] as const;
export const role = z.enum(roles);
export type Role = z.infer<typeof role>;

/** `frt` first response, `nrt` next response, `rt` resolution, `assign` first assignment. */
export const clockKinds = ['frt', 'nrt', 'rt', 'assign'] as const;
export const clockKind = z.enum(clockKinds);
export type ClockKind = z.infer<typeof clockKind>;

/** What an agent can have so many of at once. */
export const workClasses = ['call', 'chat', 'social', 'email'] as const;
export const workClass = z.enum(workClasses);
export type WorkClass = z.infer<typeof workClass>;
