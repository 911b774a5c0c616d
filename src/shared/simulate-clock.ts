/** A virtual clock: what is to happen, soonest first; what was planned first comes first of what happens at the same moment. */
export interface Planned<E> {
  at: number;
  event: E;
  order: number;
}

export interface VirtualClock<E> {
  heap: Planned<E>[];
  planned: number;
}

export const newClock = <E>(): VirtualClock<E> => ({ heap: [], planned: 0 });

const sooner = <E>(one: Planned<E>, other: Planned<E>): boolean => one.at < other.at || (one.at === other.at && one.order < other.order);

export function plan<E>(clock: VirtualClock<E>, at: number, event: E): void {
  const { heap } = clock;
  const added: Planned<E> = { at, event, order: clock.planned };
  clock.planned += 1;
  let index = heap.push(added) - 1;
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (!parent || !sooner(added, parent)) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = added;
}

/** Null: nothing is to happen any more. */
export function next<E>({ heap }: VirtualClock<E>): Planned<E> | null {
  const first = heap[0];
  const moved = heap.pop();
  if (!first || !moved || heap.length === 0) return first ?? null;
  let index = 0;
  for (;;) {
    let below = 2 * index + 1;
    let child = heap[below];
    const right = heap[below + 1];
    if (child && right && sooner(right, child)) {
      child = right;
      below += 1;
    }
    if (!child || !sooner(child, moved)) break;
    heap[index] = child;
    index = below;
  }
  heap[index] = moved;
  return first;
}
