import { useState } from 'react';
import type { InboxWindow } from '../../../shared/bridge.ts';
import { useDesk } from '../../app/desk.ts';
import { useLate } from '../../app/useLate.ts';
import { useQuery } from '../../app/useQuery.ts';
import { nextShown, type Shown, windowAround } from './order.ts';

interface Last {
  shown: Shown | null;
  value: InboxWindow | undefined;
  key: string;
  held: boolean;
  asked: number;
}

/** The rows to show around the first visible one, held still while the pointer is over them or the selection is acted on. */
export function useShown(first: number, hovered: boolean): { shown: Shown | null; late: boolean; error: boolean } {
  const view = useDesk((desk) => desk.view);
  const sort = useDesk((desk) => desk.sort);
  const filter = useDesk((desk) => desk.filter);
  const acting = useDesk((desk) => desk.menu !== null);
  const asked = useDesk((desk) => desk.applyAsked);
  const key = JSON.stringify([view, sort, filter]);
  const { value, error } = useQuery('inbox.window', { view, sort, filter, ...windowAround(first) });
  const [before, setLast] = useState<Last>({ shown: null, value: undefined, key, held: false, asked });
  const held = (hovered || acting) && before.asked === asked;
  // The same object for the same input: drawing twice must not look like a change.
  if (value !== undefined && (value !== before.value || key !== before.key || held !== before.held || asked !== before.asked)) {
    setLast({ shown: nextShown(before.shown, key, value, held), value, key, held, asked });
  }
  const late = useLate(value === undefined);
  return { shown: before.shown, late, error: error !== null };
}
