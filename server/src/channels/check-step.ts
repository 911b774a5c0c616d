/** One step of a test, as it is told. */
import type { CheckStep } from '../../../src/shared/channel-admin.ts';

/** as much as an administrator reads */
const most = 600;

export const worked = (step: CheckStep['step'], detail: string): CheckStep => ({
  step,
  ok: true,
  detail: detail.slice(0, most),
  remedy: null,
});

export const failed = (step: CheckStep['step'], detail: string, remedy: NonNullable<CheckStep['remedy']>): CheckStep => ({
  step,
  ok: false,
  detail: detail.slice(0, most),
  remedy,
});
