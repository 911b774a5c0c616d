import { expect, test } from 'vitest';
import { widgetLimits } from '../../src/shared/widget.ts';
import { limits } from './limits.ts';

test('the widget checks by the limits of the hub', () => {
  expect(limits).toEqual(widgetLimits);
});
