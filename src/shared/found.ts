/** A search and what it finds, as they travel between a window and the engine. */
import { z } from 'zod';
import type { Article, Message, Ticket } from './domain.ts';
import { searchFilter } from './protocol.ts';
import type { Marked } from './search.ts';

export const searchKinds = ['ticket', 'message', 'customer', 'article'] as const;
export type SearchKind = (typeof searchKinds)[number];
export const searchQuestion = z.strictObject({
  text: z.string().max(200),
  filter: searchFilter,
  kind: z.enum(searchKinds).nullable(),
  /** `more` of the window before */
  after: z.string().max(20).nullable(),
  count: z.int().min(1).max(50),
});
export type SearchQuestion = z.infer<typeof searchQuestion>;

/** A window of what was found, newest first; `more`: where the next one begins, null when there is none. */
export interface Found<T> {
  hits: T[];
  more: string | null;
}
/** `exact`: found with the diacritics that were typed */
export interface TicketFound {
  id: string;
  number: number | null;
  provisionalRef: string | null;
  subject: Marked;
  status: Ticket['status'];
  channel: Ticket['channel'];
  queueId: string;
  assigneeId: string | null;
  customerName: string;
  /** its last message */
  at: number;
  exact: boolean;
}
export interface MessageFound {
  id: string;
  ticketId: string;
  number: number | null;
  provisionalRef: string | null;
  subject: string;
  customerName: string;
  settled: boolean;
  channel: Message['channel'];
  kind: Message['kind'];
  authorName: string;
  at: number;
  snippet: Marked;
  exact: boolean;
}
export interface CustomerFound {
  id: string;
  name: Marked;
  city: string | null;
  /** numbers and addresses */
  reach: Marked[];
  /** their newest ticket here */
  ticketId: string | null;
  openTickets: number;
  exact: boolean;
}
export interface ArticleFound {
  id: string;
  kind: Article['kind'];
  title: Marked;
  snippet: Marked;
  at: number;
  exact: boolean;
}
export interface SearchAnswerHere {
  tickets: Found<TicketFound>;
  messages: Found<MessageFound>;
  customers: Found<CustomerFound>;
  articles: Found<ArticleFound>;
}

/** What the hub has found that this workstation does not keep. */
export interface HubFound {
  ticketId: string;
  messageId: string | null;
  number: number | null;
  subject: Marked;
  customerName: string;
  channel: Ticket['channel'];
  queueId: string;
  settled: boolean;
  at: number;
  snippet: Marked;
  /** the ticket is on this workstation, and can be opened; what was found in it is not */
  ticketHere: boolean;
}
export interface HubAnswer {
  hits: HubFound[];
  /** found at the hub, and on this workstation as well */
  known: number;
  more: boolean;
}
