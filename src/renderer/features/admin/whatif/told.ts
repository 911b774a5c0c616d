/** What the window and the worker that plays a day say to each other. */
import type { WhatIfChanges, WhatIfComparison } from '../../../../shared/what-if.ts';
import type { WhatIfDay } from '../../../../shared/what-if-day.ts';

export interface Asked {
  day: WhatIfDay;
  changes: WhatIfChanges;
}

export type Told = { state: 'running'; share: number } | { state: 'done'; comparison: WhatIfComparison } | { state: 'failed'; why: string };
