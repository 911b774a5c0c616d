/** What a workstation remembers of how its windows look. */
import { z } from 'zod';

/** Remembered per workstation by electron-store. */
export const prefs = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['vi', 'en']),
  density: z.enum(['comfortable', 'compact']),
  inboxWidth: z.int().min(320).max(420),
  customerWidth: z.int().min(300).max(380),
  customerOpen: z.boolean(),
});
export type Prefs = z.infer<typeof prefs>;
export const defaultPrefs: Prefs = {
  theme: 'system',
  language: 'vi',
  density: 'comfortable',
  inboxWidth: 360,
  customerWidth: 320,
  customerOpen: true,
};
