import { create } from 'zustand';

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'danger';
  /** `undo` false: it leads somewhere, and the key that takes things back leaves it alone */
  action: { label: string; run: () => void; undo?: boolean } | null;
  /** ms on the screen */
  life: number;
}

let nextId = 1;
export const useToasts = create<{ toasts: Toast[] }>(() => ({ toasts: [] }));

/** Time in which a change can be taken back. Source: desk page. */
export const undoMs = 15_000;

export function say(text: string, options: { tone?: Toast['tone']; action?: Toast['action'] } = {}): void {
  const { tone = 'plain', action = null } = options;
  const toast: Toast = { id: nextId++, text, tone, action, life: action ? undoMs : tone === 'danger' ? 8000 : 3000 };
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts.slice(-2), toast] }));
  setTimeout(() => hush(toast.id), toast.life);
}

export function hush(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}

/** Whether its action takes something back. */
export const takesBack = ({ action }: Toast): boolean => action !== null && action.undo !== false;

export function lastUndo(): Toast | undefined {
  return useToasts.getState().toasts.findLast(takesBack);
}

export function undoLast(): void {
  const toast = lastUndo();
  if (!toast) return;
  hush(toast.id);
  toast.action?.run();
}

export function hushAll(): void {
  useToasts.setState({ toasts: [] });
}
