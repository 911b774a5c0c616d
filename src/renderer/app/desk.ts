/** What the database does not hold: where the agent is, what is selected, what is open. */
import { create } from 'zustand';
import type { InboxFilter, Sort, View } from '../../shared/bridge.ts';
import type { SearchKind } from '../../shared/found.ts';
import type { SearchFilter } from '../../shared/protocol.ts';

export type Screen = 'inbox' | 'attention' | 'call' | 'search' | 'channels' | 'floor';
export type TicketMenu = 'lease' | 'assign' | 'snooze' | 'tags' | 'close' | 'priority' | 'status' | 'transfer' | 'reason';

export interface Desk {
  screen: Screen;
  view: View;
  sort: Sort;
  filter: InboxFilter;
  selectedId: string | null;
  /** the rows on the screen, in the order they are shown */
  order: readonly string[];
  menu: TicketMenu | null;
  palette: boolean;
  help: boolean;
  outbox: boolean;
  drawer: boolean;
  inboxOpen: boolean;
  /** counts up: new rows that were held back are to be shown now */
  applyAsked: number;
  /** what is looked for; kept while one of the hits is open */
  search: SearchDesk;
  /** the ticket that was opened from the search, at one of its messages or at its end: from there the way back leads to the search */
  opened: { ticketId: string; messageId: string | null } | null;
  /** the ticket that the agent has just joined with another: where it goes on, the agent goes on too */
  joining: string | null;
}

export interface SearchDesk {
  text: string;
  kind: SearchKind | null;
  filter: SearchFilter;
  /** the hit that the keyboard is at */
  at: string | null;
  /** the article or hit that is read beside the list */
  reading: string | null;
}

export const noFilter: InboxFilter = { channels: [], queueId: null, tag: null, text: '' };

export const noSearchFilter: SearchFilter = {
  channel: null,
  queueId: null,
  assignee: null,
  tag: null,
  from: null,
  until: null,
  settled: null,
};

const initial: Desk = {
  screen: 'inbox',
  view: 'mine',
  sort: 'sla',
  filter: noFilter,
  selectedId: null,
  order: [],
  menu: null,
  palette: false,
  help: false,
  outbox: false,
  drawer: false,
  inboxOpen: true,
  applyAsked: 0,
  search: { text: '', kind: null, filter: noSearchFilter, at: null, reading: null },
  opened: null,
  joining: null,
};

export const useDesk = create<Desk>(() => initial);

export const desk = useDesk.getState;
const set = useDesk.setState;

export function goTo(view: View): void {
  const changed = desk().view !== view;
  set({ screen: 'inbox', view, inboxOpen: true, menu: null, ...(changed ? { filter: noFilter, order: [] } : {}) });
}

export function select(ticketId: string | null): void {
  if (desk().selectedId !== ticketId) set({ selectedId: ticketId, menu: null, joining: null });
}

/** Once this ticket goes on in another one, that one is shown instead. */
export function goAlong(ticketId: string): void {
  set({ joining: ticketId });
}

export function openTicket(ticketId: string): void {
  set({ screen: 'inbox', selectedId: ticketId, menu: null, palette: false, outbox: false });
}

export function openSearch(): void {
  set({ screen: 'search', menu: null, palette: false });
  requestAnimationFrame(() => {
    const input = document.getElementById('search-input');
    if (input instanceof HTMLInputElement) {
      input.focus();
      input.select();
    }
  });
}

export function setSearch(change: Partial<SearchDesk>): void {
  set({ search: { ...desk().search, ...change } });
}

/** Opens what was found. */
export function openFound(ticketId: string, messageId: string | null): void {
  openTicket(ticketId);
  set({ opened: { ticketId, messageId } });
  focusOn('timeline');
}

/** Selects the row `by` places further on; the first one if none on the screen is selected. */
export function step(by: 1 | -1): void {
  const { order, selectedId } = desk();
  const at = selectedId === null ? -1 : order.indexOf(selectedId);
  const next = at < 0 ? order[0] : order[at + by];
  if (next !== undefined) select(next);
}

/** Where the selection goes when its row leaves: to the next one, else to the one before. */
export function afterLeaving(ticketId: string): string | null {
  const { order } = desk();
  const at = order.indexOf(ticketId);
  return at < 0 ? null : (order[at + 1] ?? order[at - 1] ?? null);
}

export function openMenu(menu: TicketMenu | null): void {
  set({ menu });
}

export const setDesk = set;

/** Moves the keyboard to a named place once it is drawn. */
export function focusOn(elementId: string): void {
  requestAnimationFrame(() => document.getElementById(elementId)?.focus());
}

export function resetDesk(): void {
  set(initial, true);
}
