/** The rows that the other client keeps, and when it forgets them: docs/protocol.md, "The snapshot" and "`pull` and `delta`". */

export type Row = Record<string, unknown> & { id: string };
export interface Kept {
  ver: number;
  row: Row;
  /** tickets: the scopes it is in, by its row as last put, less what it has left */
  scopes?: Set<string>;
}
export interface Change {
  seq: number;
  scope: string;
  op: 'put' | 'leave' | 'del' | 'due' | 'ack';
  entity: string;
  id: string;
  row?: unknown;
}
/** "An entity that you do not know: keep the change aside." */
const entities =
  'workspace team user teamMember queue queueMember channel customer identity ticket message attachment slaClock article journey'.split(
    ' ',
  );

export class Cache {
  readonly tables = new Map<string, Map<string, Kept>>(entities.map((entity) => [entity, new Map()]));
  readonly aside: Change[] = [];
  scopes = new Set<string>();

  storePage(
    entity: string,
    page: { row: Row; ver: number }[],
    from: string | null,
    to: string | null,
    begin: { cursor: number; historyFrom: number },
  ): void {
    const named = new Set<string>();
    for (const { row, ver } of page) {
      named.add(row.id);
      this.take(entity, row, ver);
    }
    const table = this.tables.get(entity);
    for (const [id, kept] of table ?? []) {
      if (named.has(id) || kept.ver > begin.cursor) continue;
      if ((from !== null && id <= from) || (to !== null && id > to)) continue;
      const left = (entity === 'message' || entity === 'attachment') && this.#leftOut(kept.row, begin.historyFrom);
      if (left) continue;
      if (entity === 'ticket') this.forgetTicket(id, false);
      else table?.delete(id);
    }
  }

  /** Old messages of settled tickets say nothing by being absent. */
  #leftOut(row: Row, historyFrom: number): boolean {
    const ticket = this.tables.get('ticket')?.get(String(row['ticketId']))?.row;
    return (
      ticket !== undefined &&
      ['resolved', 'closed', 'spam'].includes(String(ticket['status'])) &&
      Number(row['acceptedAt'] ?? 0) < historyFrom
    );
  }

  take(entity: string, row: Row, ver: number): void {
    const table = this.tables.get(entity);
    if (!table) {
      this.aside.push({ seq: ver, scope: '', op: 'put', entity, id: row.id, row });
      return;
    }
    if (ver < (table.get(row.id)?.ver ?? -1)) return;
    const kept: Kept = { ver, row };
    if (entity === 'ticket') {
      kept.scopes = new Set([`queue:${String(row['queueId'])}`]);
      if (row['assigneeId'] !== null) kept.scopes.add(`user:${String(row['assigneeId'])}`);
    }
    table.set(row.id, kept);
  }

  /** One change of the log that is not an acknowledgement. */
  apply(change: Change): void {
    const table = this.tables.get(change.entity);
    if (!table) this.aside.push(change);
    else if (change.seq < (table.get(change.id)?.ver ?? -1)) return;
    else if (change.op === 'put') this.take(change.entity, change.row as Row, change.seq);
    else if (change.op === 'due') this.#move(change);
    else if (change.op === 'del') table.delete(change.id);
    else {
      const ticket = table.get(change.id);
      ticket?.scopes?.delete(change.scope);
      if (!ticket || ![...(ticket.scopes ?? [])].some((scope) => this.scopes.has(scope))) this.forgetTicket(change.id, true);
    }
  }

  #move(change: Change): void {
    const { clocks, tickets } = change.row as { clocks: Row[]; tickets: Row[] };
    for (const [entity, moved] of [
      ['slaClock', clocks],
      ['ticket', tickets],
    ] as const) {
      for (const members of moved) {
        const kept = this.tables.get(entity)?.get(members.id);
        if (!kept || kept.ver > change.seq) continue;
        kept.row = { ...kept.row, ...members };
        kept.ver = change.seq;
      }
    }
  }

  forgetTicket(ticketId: string, andCustomer: boolean): void {
    const tickets = this.tables.get('ticket');
    const customerId = tickets?.get(ticketId)?.row['customerId'];
    tickets?.delete(ticketId);
    for (const entity of ['message', 'attachment', 'slaClock']) this.#deleteWhere(entity, (row) => row['ticketId'] === ticketId);
    if (!andCustomer || customerId === undefined) return;
    if ([...(tickets?.values() ?? [])].some(({ row }) => row['customerId'] === customerId)) return;
    for (const entity of ['identity', 'journey']) this.#deleteWhere(entity, (row) => row['customerId'] === customerId);
    this.tables.get('customer')?.delete(String(customerId));
  }

  #deleteWhere(entity: string, gone: (row: Row) => boolean): void {
    const table = this.tables.get(entity);
    for (const [id, { row }] of table ?? []) if (gone(row)) table?.delete(id);
  }

  forgetUnheld(): void {
    for (const [id, { scopes }] of this.tables.get('ticket') ?? []) {
      if (![...(scopes ?? [])].some((scope) => this.scopes.has(scope))) this.forgetTicket(id, true);
    }
  }

  rows(entity: string): Row[] {
    return [...(this.tables.get(entity)?.values() ?? [])].map(({ row }) => row);
  }
}
