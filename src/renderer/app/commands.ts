/** The one registry of what a key, a menu, a tooltip or the palette can do. */
import type { View } from '../../shared/bridge.ts';
import { desk, focusOn, goTo, openMenu, openSearch, select, setDesk, step } from './desk.ts';
import { saveAll, sendOpen, setMode } from './drafts.ts';
import { execute, valueOf } from './engine.ts';
import { isSettled } from './limits.ts';
import { setPref, usePrefs } from './prefs.ts';
import { answerOffer, enter, firstOffer, takeNext } from './shift.ts';
import { assignToMe, close, reopen, ticketOpen } from './tickets.ts';
import { lastUndo, undoLast } from './toasts.ts';

export const groups = ['move', 'ticket', 'write', 'go', 'view'] as const;

interface CommandSpec {
  /** tinykeys' notation, the first is the one shown; a space makes a sequence */
  keys: readonly string[];
  group: (typeof groups)[number];
  /** may it act now? Left out: always */
  when?: () => boolean;
  run: () => void;
}

const inInbox = () => desk().screen === 'inbox';
const hasTicket = () => ticketOpen() !== null;
const isOpen = () => {
  const ticket = ticketOpen();
  return ticket !== null && !isSettled(ticket.status);
};
const to = (view: View) => () => {
  goTo(view);
  focusOn('inbox-list');
};

function withTicket(act: (ticket: NonNullable<ReturnType<typeof ticketOpen>>) => void): () => void {
  return () => {
    const ticket = ticketOpen();
    if (ticket) act(ticket);
  };
}

/** The floor is for those who lead. */
const leadsHere = () => valueOf('reference', null)?.me.role !== 'agent' && valueOf('reference', null) !== undefined;

function withOffer(accept: boolean): () => void {
  return () => {
    const offer = firstOffer();
    if (offer) void answerOffer(offer, accept);
  };
}

/** What was typed is stored first: nothing can be written once the screen is locked or the file closed. */
async function leaveDesk(by: 'session.lock' | 'session.switch'): Promise<void> {
  await saveAll();
  await execute(by, null).catch(() => undefined);
}

/** Back, one step at a time: out of the text, out of the conversation, out of a screen, out of a filter. */
function back(): void {
  const { screen, filter, drawer, opened, selectedId } = desk();
  const active = document.activeElement;
  if (drawer) return setDesk({ drawer: false });
  if (screen !== 'inbox') return setDesk({ screen: 'inbox' });
  if (active instanceof HTMLElement && active.id === 'inbox-filter' && filter.text !== '')
    return setDesk({ filter: { ...filter, text: '' } });
  if (active instanceof HTMLElement && active.id === 'composer-input') return focusOn('timeline');
  if (opened !== null && opened.ticketId === selectedId) {
    setDesk({ opened: null });
    return openSearch();
  }
  if (active instanceof HTMLElement && active.id !== 'inbox-list' && document.getElementById('inbox-list')) return focusOn('inbox-list');
  select(null);
}

export const commands = {
  next: { keys: ['j', 'ArrowDown'], group: 'move', when: inInbox, run: () => step(1) },
  previous: { keys: ['k', 'ArrowUp'], group: 'move', when: inInbox, run: () => step(-1) },
  open: {
    keys: ['Enter'],
    group: 'move',
    when: () => hasTicket() && (document.activeElement === document.body || document.activeElement?.id === 'inbox-list'),
    run: () => focusOn('timeline'),
  },
  back: { keys: ['Escape'], group: 'move', run: back },
  search: { keys: ['/', 'g s'], group: 'go', run: openSearch },
  filter: {
    keys: ['f'],
    group: 'move',
    run: () => {
      setDesk({ screen: 'inbox', inboxOpen: true });
      focusOn('inbox-filter');
    },
  },
  applyNew: { keys: ['.'], group: 'move', when: inInbox, run: () => setDesk({ applyAsked: desk().applyAsked + 1 }) },
  reply: { keys: ['r'], group: 'write', when: hasTicket, run: withTicket((ticket) => setMode(ticket, 'reply')) },
  note: { keys: ['n'], group: 'write', when: hasTicket, run: withTicket((ticket) => setMode(ticket, 'note')) },
  send: { keys: ['$mod+Enter'], group: 'write', when: hasTicket, run: () => sendOpen(false) },
  sendClose: { keys: ['$mod+Shift+Enter'], group: 'write', when: hasTicket, run: () => sendOpen(true) },
  call: { keys: ['c'], group: 'write', run: () => setDesk({ screen: 'call' }) },
  assign: { keys: ['a'], group: 'ticket', when: hasTicket, run: () => openMenu('assign') },
  assignMe: { keys: ['i'], group: 'ticket', when: hasTicket, run: withTicket(assignToMe) },
  transfer: { keys: ['Shift+T'], group: 'ticket', when: isOpen, run: () => openMenu('transfer') },
  status: { keys: ['w'], group: 'ticket', when: isOpen, run: () => openMenu('status') },
  tag: { keys: ['t'], group: 'ticket', when: hasTicket, run: () => openMenu('tags') },
  priority: { keys: ['p'], group: 'ticket', when: hasTicket, run: () => openMenu('priority') },
  snooze: { keys: ['s'], group: 'ticket', when: isOpen, run: () => openMenu('snooze') },
  close: { keys: ['e'], group: 'ticket', when: isOpen, run: withTicket((ticket) => void close(ticket)) },
  reopen: {
    keys: ['u'],
    group: 'ticket',
    when: () => ticketOpen()?.status === 'resolved' || ticketOpen()?.status === 'spam',
    run: withTicket((ticket) => void reopen(ticket)),
  },
  nextTicket: { keys: ['l'], group: 'move', run: () => void takeNext() },
  acceptOffer: { keys: ['y'], group: 'ticket', when: () => firstOffer() !== undefined, run: withOffer(true) },
  declineOffer: { keys: ['Shift+Y'], group: 'ticket', when: () => firstOffer() !== undefined, run: withOffer(false) },
  available: { keys: [], group: 'view', run: () => void enter('available') },
  pause: { keys: [], group: 'view', run: () => void enter('break') },
  undo: { keys: ['$mod+z'], group: 'ticket', when: () => lastUndo() !== undefined, run: undoLast },
  mine: { keys: ['g i'], group: 'go', run: to('mine') },
  unassigned: { keys: ['g u'], group: 'go', run: to('unassigned') },
  all: { keys: ['g a'], group: 'go', run: to('all') },
  snoozed: { keys: ['g z'], group: 'go', run: to('snoozed') },
  closed: { keys: ['g e'], group: 'go', run: to('closed') },
  floor: { keys: ['g f'], group: 'go', when: leadsHere, run: () => setDesk({ screen: 'floor' }) },
  attention: { keys: ['g n'], group: 'go', run: () => setDesk({ screen: 'attention' }) },
  outbox: { keys: ['g o'], group: 'go', run: () => setDesk({ outbox: true }) },
  palette: { keys: ['$mod+k'], group: 'view', run: () => setDesk({ palette: !desk().palette }) },
  help: { keys: ['Shift+?'], group: 'view', run: () => setDesk({ help: true }) },
  foldInbox: { keys: ['['], group: 'view', run: () => setDesk({ inboxOpen: !desk().inboxOpen }) },
  foldCustomer: { keys: [']'], group: 'view', run: foldCustomer },
  density: {
    keys: [],
    group: 'view',
    run: () => setPref('density', usePrefs.getState().density === 'compact' ? 'comfortable' : 'compact'),
  },
  themeLight: { keys: [], group: 'view', run: () => setPref('theme', 'light') },
  themeDark: { keys: [], group: 'view', run: () => setPref('theme', 'dark') },
  themeSystem: { keys: [], group: 'view', run: () => setPref('theme', 'system') },
  language: { keys: [], group: 'view', run: () => setPref('language', usePrefs.getState().language === 'vi' ? 'en' : 'vi') },
  lock: { keys: ['$mod+Shift+KeyL'], group: 'view', run: () => void leaveDesk('session.lock') },
  switchUser: { keys: [], group: 'view', run: () => void leaveDesk('session.switch') },
  syncNow: { keys: [], group: 'view', run: () => void execute('sync.now', null).catch(() => undefined) },
} as const satisfies Record<string, CommandSpec>;

export type CommandId = keyof typeof commands;
export const commandIds = Object.keys(commands) as CommandId[];

/** Below this width the customer pane is a drawer. */
export const drawerQuery = window.matchMedia('(max-width: 1099px)');

export function foldCustomer(): void {
  if (drawerQuery.matches) setDesk({ drawer: !desk().drawer });
  else setPref('customerOpen', !usePrefs.getState().customerOpen);
}

export function spec(id: CommandId): CommandSpec {
  return commands[id];
}

export function may(id: CommandId): boolean {
  return spec(id).when?.() ?? true;
}

export function run(id: CommandId): void {
  if (may(id)) spec(id).run();
}

export function keysOf(id: CommandId): string | undefined {
  return spec(id).keys[0];
}
