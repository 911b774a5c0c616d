import type { sorts } from '../../../shared/bridge.ts';

export const sortsOffered: typeof sorts = ['sla', 'newest', 'oldest'];
