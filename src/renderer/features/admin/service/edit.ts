/** What an administrator changes: a calendar, a policy, a queue, a person. They stay while somebody looks at something else, and each step leads back. */
import { create } from 'zustand';
import type { PersonForm } from '../centre/person-form.ts';
import type { QueueForm } from '../centre/queue-form.ts';
import type { CalendarForm } from './calendar-form.ts';
import type { PolicyForm } from './policy-form.ts';

export interface Edit<T> {
  /** what it was when it was opened */
  begun: T;
  now: T;
  /** what it was before each change, oldest first */
  past: readonly T[];
  /** the kind of the last change: typing on in one field is one step */
  last: string | null;
  /** when the row that it was opened from had been saved; null: there is none yet */
  rowAt: number | null;
}

interface Forms {
  calendar: CalendarForm;
  policy: PolicyForm;
  queue: QueueForm;
  person: PersonForm;
}
export type Editing = keyof Forms;
type ServiceState = { [K in Editing]: Edit<Forms[K]> | null };

const initial: ServiceState = { calendar: null, policy: null, queue: null, person: null };
export const useService = create<ServiceState>(() => initial);

/** steps that lead back */
const mostSteps = 100;

export const isChanged = <T>({ begun, now }: Edit<T>): boolean => JSON.stringify(begun) !== JSON.stringify(now);

const put = <K extends Editing>(kind: K, edit: Edit<Forms[K]> | null) => useService.setState({ [kind]: edit } as Partial<ServiceState>);

export function beginEdit<K extends Editing>(kind: K, form: Forms[K], rowAt: number | null): void {
  put(kind, { begun: form, now: form, past: [], last: null, rowAt });
}

/** `step`: changes of one name that follow each other are taken back together. */
export function changeEdit<K extends Editing>(kind: K, step: string, change: (form: Forms[K]) => Forms[K]): void {
  const edit = useService.getState()[kind];
  if (!edit) return;
  const past = step === edit.last ? edit.past : [...edit.past, edit.now].slice(-mostSteps);
  put(kind, { ...edit, now: change(edit.now), past, last: step } as Edit<Forms[K]>);
}

export function undoEdit(kind: Editing): void {
  const edit = useService.getState()[kind];
  const before = edit?.past.at(-1);
  if (edit && before) put(kind, { ...edit, now: before, past: edit.past.slice(0, -1), last: null } as Edit<Forms[typeof kind]>);
}

export function endEdit(kind: Editing): void {
  put(kind, null);
}

export function forgetService(): void {
  useService.setState(initial, true);
}
