/** Texts being written, one per ticket, as the engine keeps them; typed text is saved within 400 ms. */
import { v7 as newId } from 'uuid';
import { create } from 'zustand';
import type { BridgeError, Draft, TicketDetail } from '../../shared/bridge.ts';
import type { Rejection } from '../../shared/mutations/define.ts';
import { desk, focusOn } from './desk.ts';
import { EngineError, execute, mutate, query, valueOf } from './engine.ts';
import { close, errorText } from './tickets.ts';
import { say } from './toasts.ts';

export interface Writing extends Omit<Draft, 'ticketId' | 'updatedAt'> {
  saved: boolean;
  /** why the last attempt to send was refused on the spot */
  refused: Rejection | null;
}

export const composerId = 'composer-input';
const saveMs = 400;
const loaded = new Set<string>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();

export const useDrafts = create<Record<string, Writing | undefined>>(() => ({}));

function seenOf(ticket: TicketDetail): Draft['seen'] {
  return { inboundId: ticket.lastInboundId, replyId: ticket.lastReplyId, assigneeId: ticket.assigneeId };
}

function begin(ticket: TicketDetail, mode: Draft['mode']): Writing {
  return { mode, body: '', seen: seenOf(ticket), startedAt: Date.now(), saved: false, refused: null };
}

/** Brings back what was written on this ticket before, unless it is being written already. */
export async function restoreDraft(ticketId: string): Promise<void> {
  if (loaded.has(ticketId)) return;
  loaded.add(ticketId);
  const draft = await query('draft.get', { ticketId }).catch(() => null);
  const now = useDrafts.getState()[ticketId];
  if (!draft || (now && now.body !== '')) return;
  const { mode, body, seen, startedAt } = draft;
  useDrafts.setState({ [ticketId]: { mode, body, seen, startedAt, saved: true, refused: null } });
}

/** `seen` is taken when the text is begun, so that an answer to an older state can be told. */
export function write(ticket: TicketDetail, body: string): void {
  const before = useDrafts.getState()[ticket.id];
  const text = before && before.body !== '' ? before : begin(ticket, before?.mode ?? 'reply');
  useDrafts.setState({ [ticket.id]: { ...text, body, saved: false } });
  saveSoon(ticket.id);
}

export function setMode(ticket: TicketDetail, mode: Draft['mode']): void {
  const before = useDrafts.getState()[ticket.id] ?? begin(ticket, mode);
  useDrafts.setState({ [ticket.id]: { ...before, mode, refused: null } });
  if (before.body !== '') saveSoon(ticket.id);
  focusOn(composerId);
}

/** A held text comes back for another look; what is on the screen now is what it answers. */
export function takeUp(ticket: TicketDetail, body: string): void {
  const before = useDrafts.getState()[ticket.id];
  const joined = before && before.body.trim() !== '' ? `${before.body}\n\n${body}` : body;
  useDrafts.setState({ [ticket.id]: { ...begin(ticket, 'reply'), body: joined } });
  saveSoon(ticket.id);
  focusOn(composerId);
}

/** After a look at what changed: the text answers the ticket as it is now. */
export function acknowledge(ticket: TicketDetail): void {
  const now = useDrafts.getState()[ticket.id];
  if (now) useDrafts.setState({ [ticket.id]: { ...now, seen: seenOf(ticket), startedAt: Date.now(), refused: null } });
}

function saveSoon(ticketId: string): void {
  const timer = timers.get(ticketId);
  if (timer !== undefined) clearTimeout(timer);
  timers.set(
    ticketId,
    setTimeout(() => void save(ticketId), saveMs),
  );
}

async function save(ticketId: string): Promise<void> {
  timers.delete(ticketId);
  const text = useDrafts.getState()[ticketId];
  if (!text) return;
  const { mode, body, seen, startedAt } = text;
  try {
    if (body.trim() === '') await execute('draft.discard', { ticketId });
    else await execute('draft.save', { ticketId, mode, body, seen, startedAt });
    const now = useDrafts.getState()[ticketId];
    if (now?.body === body) useDrafts.setState({ [ticketId]: { ...now, saved: true } });
  } catch {
    saveSoon(ticketId);
  }
}

/** Saves at once what is still waiting: when the window is left or hidden. */
export function saveAll(): void {
  for (const [ticketId, timer] of timers) {
    clearTimeout(timer);
    void save(ticketId);
  }
}

function forget(ticketId: string): void {
  const timer = timers.get(ticketId);
  if (timer !== undefined) clearTimeout(timer);
  timers.delete(ticketId);
  useDrafts.setState({ [ticketId]: undefined });
}

/** Sends the text. The composer empties at once; a text that is refused comes back. */
export async function send(ticket: TicketDetail, andClose: boolean): Promise<void> {
  const text = useDrafts.getState()[ticket.id];
  if (!text || text.body.trim() === '') return;
  forget(ticket.id);
  const messageId = newId();
  try {
    if (text.mode === 'reply') {
      await execute('reply.send', { ticketId: ticket.id, messageId, body: text.body, seen: text.seen, startedAt: text.startedAt });
    } else {
      await mutate('message.note', { ticketId: ticket.id, messageId, body: text.body });
      useDrafts.setState({ [ticket.id]: begin(ticket, 'reply') });
    }
    void execute('draft.discard', { ticketId: ticket.id }).catch(() => undefined);
  } catch (error) {
    const why: BridgeError = error instanceof EngineError ? error.error : { code: 'INTERNAL' };
    const rejection = why.rejection ?? null;
    useDrafts.setState({ [ticket.id]: { ...text, saved: false, refused: rejection?.code === 'STALE_REPLY' ? rejection : null } });
    saveSoon(ticket.id);
    if (rejection?.code !== 'STALE_REPLY') say(errorText(why), { tone: 'danger' });
    return;
  }
  if (andClose) await close(valueOf('ticket.get', { ticketId: ticket.id }) ?? ticket);
}

/** The next frame's ticket and its text, for a key that sends. */
export function sendOpen(andClose: boolean): void {
  const { selectedId } = desk();
  const ticket = selectedId === null ? null : valueOf('ticket.get', { ticketId: selectedId });
  if (ticket) void send(ticket, andClose);
}

/** On sign-out nothing of one person's may show to the next. */
export function forgetDrafts(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  loaded.clear();
  useDrafts.setState({}, true);
}
