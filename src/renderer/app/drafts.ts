/** Texts being written, one per ticket, as the engine keeps them; typed text is saved within 400 ms. */
import { v7 as newId } from 'uuid';
import { create } from 'zustand';
import type { BridgeError, Draft, TicketDetail } from '../../shared/bridge.ts';
import type { Rejection } from '../../shared/mutations/define.ts';
import { i18n } from '../i18n/i18n.ts';
import { desk, focusOn } from './desk.ts';
import { EngineError, execute, query, valueOf } from './engine.ts';
import { filesToSend, forgetAdding } from './files.ts';
import { close, errorText } from './tickets.ts';
import { say } from './toasts.ts';

export interface Writing extends Omit<Draft, 'ticketId' | 'updatedAt' | 'device'> {
  saved: boolean;
  /** channel and identity that the answer goes to (their ids, a space between); undefined: where the customer wrote last */
  to?: string | undefined;
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

/** The text as it was changed elsewhere: on another workstation, or brought back. What is being typed here is not touched. */
export function follow(ticketId: string, draft: Draft | null): void {
  const now = useDrafts.getState()[ticketId];
  if (now && !now.saved && now.body !== '') return;
  if (timers.has(ticketId)) return;
  if (draft === null) {
    if (now?.saved === true) useDrafts.setState({ [ticketId]: undefined });
    return;
  }
  if (now && now.body === draft.body && now.mode === draft.mode) return;
  const { mode, body, seen, startedAt } = draft;
  useDrafts.setState({ [ticketId]: { mode, body, seen, startedAt, saved: true, refused: null } });
}

/** Brings an earlier text back; the present one is kept among the earlier ones. */
export async function bringBack(ticketId: string, revision: number): Promise<void> {
  await saveAll();
  await execute('draft.restore', { id: revision });
  const draft = await query('draft.get', { ticketId });
  if (!draft) return;
  const { mode, body, seen, startedAt } = draft;
  useDrafts.setState({ [ticketId]: { mode, body, seen, startedAt, saved: true, refused: null } });
  focusOn(composerId);
}

/** Throws the text away; it can be had back. */
export async function discard(ticketId: string): Promise<void> {
  await saveAll();
  forget(ticketId);
  await execute('draft.discard', { ticketId, keep: true });
  const [kept] = await query('draft.revisions', { ticketId });
  const undo = kept ? () => void bringBack(ticketId, kept.id).catch(() => undefined) : null;
  say(i18n.t('drafts.discarded'), undo ? { action: { label: i18n.t('act.undo'), run: undo } } : {});
}

/** `seen` is taken when the text is begun, so that an answer to an older state can be told. */
export function write(ticket: TicketDetail, body: string): void {
  const before = useDrafts.getState()[ticket.id];
  const text = before && before.body !== '' ? before : { ...begin(ticket, before?.mode ?? 'reply'), to: before?.to };
  useDrafts.setState({ [ticket.id]: { ...text, body, saved: false } });
  saveSoon(ticket.id);
}

/** The answer goes there from now on. */
export function sendTo(ticket: TicketDetail, to: string): void {
  const before = useDrafts.getState()[ticket.id] ?? begin(ticket, 'reply');
  useDrafts.setState({ [ticket.id]: { ...before, to } });
  focusOn(composerId);
}

export function setMode(ticket: TicketDetail, mode: Draft['mode']): void {
  const before = useDrafts.getState()[ticket.id] ?? begin(ticket, mode);
  useDrafts.setState({ [ticket.id]: { ...before, mode, refused: null } });
  if (before.body !== '') saveSoon(ticket.id);
  focusOn(composerId);
}

/** A held text comes back for another look; what is on the screen now is what it answers. */
export function takeUp(ticket: TicketDetail, body: string, mode: Draft['mode'] = 'reply'): void {
  const before = useDrafts.getState()[ticket.id];
  const joined = before && before.body.trim() !== '' ? `${before.body}\n\n${body}` : body;
  useDrafts.setState({ [ticket.id]: { ...begin(ticket, mode), body: joined } });
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
    if (body.trim() === '') await execute('draft.discard', { ticketId, keep: false });
    else await execute('draft.save', { ticketId, mode, body, seen, startedAt });
    const now = useDrafts.getState()[ticketId];
    if (now?.body === body) useDrafts.setState({ [ticketId]: { ...now, saved: true } });
  } catch {
    saveSoon(ticketId);
  }
}

/** Saves at once what is still waiting: when the window is left, hidden or locked. */
export async function saveAll(): Promise<void> {
  const waiting = [...timers];
  await Promise.all(
    waiting.map(([ticketId, timer]) => {
      clearTimeout(timer);
      return save(ticketId);
    }),
  );
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
  const attachments = filesToSend(ticket.id);
  if (attachments === null) return;
  forget(ticket.id);
  const messageId = newId();
  try {
    if (text.mode === 'reply') {
      const { body, seen, startedAt } = text;
      const [channelId, identityId] = text.to?.split(' ') ?? [];
      const to = channelId !== undefined && identityId !== undefined ? { to: { channelId, identityId } } : {};
      await execute('reply.send', { ticketId: ticket.id, messageId, body, seen, startedAt, attachments, ...to });
    } else {
      await execute('note.add', { ticketId: ticket.id, messageId, body: text.body, attachments });
      useDrafts.setState({ [ticket.id]: begin(ticket, 'reply') });
    }
    void execute('draft.discard', { ticketId: ticket.id, keep: false }).catch(() => undefined);
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
  forgetAdding();
}
