/** Every query of the bridge: what it reads, and which tables it watches. */
import type { AttentionItem, QueryArgs, QueryName, QueryValues, Reference, SessionState, Status, Viewer } from '../../shared/bridge.ts';
import type { Entity, Team, Ticket } from '../../shared/domain.ts';
import type { LiveCall } from '../../shared/protocol.ts';
import type { Db } from './database.ts';
import { actorHere } from './replica.ts';
import { customerView, findCustomers, saidSince, tagsInUse, timeline } from './tables/conversation.ts';
import { getDraft, revisions } from './tables/drafts.ts';
import { type Fetching, staged, ticketFiles, unsentFiles } from './tables/files.ts';
import { floor, floorTickets } from './tables/floor.ts';
import { inboxCounts, inboxWindow, ticketRow } from './tables/inbox.ts';
import { attentionRows, intents } from './tables/outbox.ts';
import { allRows, getRow } from './tables/rows.ts';
import { nothingFound, search } from './tables/search.ts';
import { slaSample } from './tables/service.ts';
import { clockWarnings, shiftOf } from './tables/shift.ts';

export type Topic =
  | Entity
  | 'file'
  | 'outbox'
  | 'attention'
  | 'draft'
  | 'quarantine'
  | 'status'
  | 'session'
  | 'viewers'
  | 'calls'
  | 'time'
  | 'floor';

/** What queries see of the engine. */
export interface Source {
  /** null while nobody is signed in */
  db: Db | null;
  now: number;
  session(): SessionState;
  status(): Status;
  viewers(ticketId: string): Viewer[];
  calls(): readonly LiveCall[];
  /** downloads under way, by file */
  fetching(): ReadonlyMap<string, Fetching>;
}

type Query<N extends QueryName> = { watches: readonly Topic[]; run: (source: Source, args: QueryArgs<N>) => QueryValues[N] };

/** Of lists that nobody scrolls through to their end; how many there are in all is in the status. */
const longestList = 200;

const reference: Topic[] = [
  'user',
  'team',
  'queue',
  'queueMember',
  'teamMember',
  'channel',
  'workspace',
  'calendar',
  'slaPolicy',
  'skill',
  'userSkill',
  'code',
  'session',
];
const rowTopics: Topic[] = ['ticket', 'customer', 'outbox', 'attention', 'session', 'time'];

/** Runs with the open file, or gives the empty value when there is none. */
function withDb<N extends QueryName>(
  empty: QueryValues[N],
  run: (db: Db, source: Source, args: QueryArgs<N>) => QueryValues[N],
): Query<N>['run'] {
  return (source, args) => (source.db ? run(source.db, source, args) : empty);
}

export const queries: { [N in QueryName]: Query<N> } = {
  'session.state': { watches: ['session'], run: (source) => source.session() },
  status: { watches: ['status', 'outbox', 'file', 'attention', 'quarantine', 'session'], run: (source) => source.status() },
  reference: { watches: [...reference, 'ticket'], run: withDb<'reference'>(null, (db) => referenceOf(db)) },
  'inbox.counts': {
    watches: ['ticket', 'session', 'time'],
    run: withDb<'inbox.counts'>({ mine: 0, unassigned: 0, all: 0, snoozed: 0, closed: 0 }, (db, source) => inboxCounts(db, source.now)),
  },
  'inbox.window': {
    watches: rowTopics,
    run: withDb<'inbox.window'>({ total: 0, from: 0, rows: [] }, (db, source, args) => inboxWindow(db, args, source.now)),
  },
  'ticket.get': {
    watches: rowTopics,
    run: withDb<'ticket.get'>(null, (db, _source, { ticketId }) => {
      const row = ticketRow(db, ticketId);
      return row && { ...row, customer: getRow(db, 'customer', row.customerId) ?? null };
    }),
  },
  'ticket.timeline': {
    watches: ['message', 'ticket', 'session'],
    run: withDb<'ticket.timeline'>({ messages: [], more: false, hereSince: 0 }, (db, _source, args) =>
      timeline(db, args.ticketId, args.newest),
    ),
  },
  'ticket.viewers': { watches: ['viewers', 'status'], run: (source, { ticketId }) => source.viewers(ticketId) },
  'calls.live': { watches: ['calls', 'session'], run: (source) => [...source.calls()] },
  'customer.view': {
    watches: ['customer', 'identity', 'journey', 'ticket', 'session'],
    run: withDb<'customer.view'>(null, (db, _source, { customerId }) => customerView(db, customerId)),
  },
  'customer.find': {
    watches: ['customer', 'identity', 'session'],
    run: withDb<'customer.find'>([], (db, _source, { text }) => findCustomers(db, text)),
  },
  'attention.list': {
    watches: ['attention', 'message', 'ticket', 'session'],
    run: withDb<'attention.list'>([], (db) => attentionList(db)),
  },
  'outbox.list': {
    watches: ['outbox', 'ticket', 'session'],
    run: withDb<'outbox.list'>([], (db) =>
      intents(db)
        .filter((row) => row.state !== 'accepted')
        .slice(0, longestList)
        .map(({ mutationId, name, ticketId, authoredAt, attempts, error }) => ({
          mutationId,
          name,
          ticketId,
          ticketSubject: subjectOf(db, ticketId)?.subject ?? null,
          authoredAt,
          attempts,
          error,
        })),
    ),
  },
  // What was found stays as it is until it is looked for again: nothing moves under the reading eye.
  search: {
    watches: ['session'],
    run: withDb<'search'>(nothingFound, (db, _source, question) => search(db, question)),
  },
  shift: {
    watches: ['presence', 'offer', 'notice', 'ticket', 'user', 'session', 'time'],
    run: withDb<'shift'>(null, (db, source) => shiftOf(db, source.now)),
  },
  'sla.warnings': { watches: ['ticket', 'calendar', 'session'], run: withDb<'sla.warnings'>([], clockWarnings) },
  colleagues: {
    watches: ['presence', 'session'],
    run: withDb<'colleagues'>({}, (db) => Object.fromEntries(allRows(db, 'presence').map(({ id, state }) => [id, state]))),
  },
  // Once a second at most (desk.ts): figures that change faster can't be read.
  floor: {
    watches: ['floor', 'session'],
    run: withDb<'floor'>({ queues: [], agents: [], hours: [], usual: [] }, (db, source, { since }) => floor(db, since, source.now)),
  },
  'floor.tickets': { watches: ['floor', 'session'], run: withDb<'floor.tickets'>([], (db, _source, of) => floorTickets(db, of)) },
  // As with a search: what a preview stands on does not move while it is read.
  'sla.sample': { watches: ['session'], run: withDb<'sla.sample'>([], (db) => slaSample(db)) },
  'article.get': {
    watches: ['article', 'session'],
    run: withDb<'article.get'>(null, (db, _source, { articleId }) => getRow(db, 'article', articleId) ?? null),
  },
  'draft.revisions': {
    watches: ['draft', 'session'],
    run: withDb<'draft.revisions'>([], (db, _source, { ticketId }) => revisions(db, ticketId)),
  },
  'ticket.files': {
    watches: ['attachment', 'ticket', 'file', 'session'],
    run: withDb<'ticket.files'>([], (db, source, { ticketId }) => ticketFiles(db, ticketId, source.fetching())),
  },
  'file.staged': { watches: ['file', 'session'], run: withDb<'file.staged'>([], (db, _source, { ticketId }) => staged(db, ticketId)) },
  'file.unsent': {
    watches: ['file', 'outbox', 'ticket', 'session'],
    run: withDb<'file.unsent'>([], (db) => unsentFiles(db, longestList)),
  },
  'draft.get': { watches: ['draft', 'session'], run: withDb<'draft.get'>(null, (db, _source, { ticketId }) => getDraft(db, ticketId)) },
};

function subjectOf(db: Db, ticketId: string | null): Ticket | undefined {
  return ticketId === null ? undefined : getRow(db, 'ticket', ticketId);
}

function referenceOf(db: Db): Reference | null {
  const actor = actorHere(db);
  const me = actor?.userId ? getRow(db, 'user', actor.userId) : undefined;
  const workspace = allRows(db, 'workspace')[0];
  if (!actor || !me || !workspace) return null;
  return {
    me,
    myQueues: [...actor.queues],
    myTeams: (me.role === 'admin' ? allRows(db, 'team') : teamsOf(db, me.id)).map(({ id }) => id),
    workspace,
    users: allRows(db, 'user'),
    teams: allRows(db, 'team'),
    queues: allRows(db, 'queue').sort((a, b) => a.position - b.position),
    queueMembers: allRows(db, 'queueMember'),
    teamMembers: allRows(db, 'teamMember'),
    channels: allRows(db, 'channel'),
    calendars: allRows(db, 'calendar'),
    slaPolicies: allRows(db, 'slaPolicy').sort((a, b) => a.position - b.position),
    skills: allRows(db, 'skill'),
    userSkills: allRows(db, 'userSkill'),
    codes: allRows(db, 'code').sort((a, b) => a.position - b.position),
    tags: tagsInUse(db),
  };
}

function teamsOf(db: Db, userId: string): Team[] {
  const mine = new Set(allRows(db, 'teamMember').flatMap((row) => (row.userId === userId ? [row.teamId] : [])));
  return allRows(db, 'team').filter(({ id }) => mine.has(id));
}

function attentionList(db: Db): AttentionItem[] {
  return attentionRows(db)
    .slice(0, longestList)
    .map((row) => {
      const ticket = subjectOf(db, row.ticketId);
      const held =
        row.rejection.code === 'STALE_REPLY' && row.ticketId !== null
          ? (row.args as { seen: { inboundId: string | null; replyId: string | null } })
          : null;
      return {
        ...row,
        ticketSubject: ticket?.subject ?? null,
        ticketNumber: ticket?.number ?? null,
        since: held && row.ticketId !== null ? saidSince(db, row.ticketId, held.seen) : [],
      };
    });
}
