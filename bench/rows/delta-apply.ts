/** Applying 10,000 changes from the hub to a cache of 100,000 tickets, against the bare upserts of the same rows. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { openDatabase, prepare } from '../../src/main/engine/database.ts';
import { applyChanges } from '../../src/main/engine/replica.ts';
import { setMeta } from '../../src/main/engine/tables/meta.ts';
import { columnsOf, type Ticket } from '../../src/shared/domain.ts';
import type { Change } from '../../src/shared/protocol.ts';
import { median, type Row } from '../figures.ts';

const tickets = 100_000;
const changes = 10_000;
const pageSize = 1000;

export async function deltaApply(): Promise<Row> {
  const dir = mkdtempSync(join(tmpdir(), 'truc-bench-'));
  try {
    const db = openDatabase(join(dir, 'cache.db'), randomBytes(32).toString('hex'));
    const queueId = uuid();
    const scope = `queue:${queueId}`;
    setMeta(db, 'scopes', ['workspace', scope]);
    const ids = Array.from({ length: tickets }, () => uuid());
    let seq = 0;
    const page = (chosen: string[]): Change[] =>
      chosen.map((id) => ({ seq: (seq += 1), scope, op: 'put', entity: 'ticket', id, row: ticketRow(id, queueId, seq) }));
    for (let from = 0; from < tickets; from += 5000) applyChanges(db, page(ids.slice(from, from + 5000)), seq, Date.now(), new Set());

    const names = columnsOf('ticket');
    const bare = `insert into ticket (${names.join(', ')}, rowver, scopes) values (${names.map((name) => `@${name}`).join(', ')}, @rowver, @scopes)
      on conflict (id) do update set ${names.map((name) => `${name} = excluded.${name}`).join(', ')}, rowver = excluded.rowver, scopes = excluded.scopes`;
    const scopes = JSON.stringify([scope]);
    const chosen = () => Array.from({ length: changes }, () => ids[Math.floor(Math.random() * tickets)] ?? '');
    const ours: number[] = [];
    const raw: number[] = [];
    // In turn, so that both meet the same machine.
    for (let round = 0; round < 5; round += 1) {
      const deltas = page(chosen());
      let started = performance.now();
      for (let from = 0; from < changes; from += pageSize) {
        const part = deltas.slice(from, from + pageSize);
        applyChanges(db, part, part.at(-1)?.seq ?? seq, Date.now(), new Set());
      }
      ours.push(performance.now() - started);
      const rows = page(chosen()).map((change) => {
        const row = change.row as Ticket;
        return { ...row, tags: JSON.stringify(row.tags), rowver: change.seq, scopes };
      });
      started = performance.now();
      for (let from = 0; from < changes; from += pageSize) {
        db.transaction(() => {
          for (const row of rows.slice(from, from + pageSize)) prepare(db, bare).run(row);
        })();
      }
      raw.push(performance.now() - started);
    }
    db.close();
    return {
      name: 'delta of 10,000 changes on 100,000 tickets',
      value: median(ours),
      limit: median(raw),
      limitName: 'bare upserts of the same rows',
      unit: 'ms',
      goal: 2,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function ticketRow(id: string, queueId: string, salt: number): Ticket {
  const at = 1_790_000_000_000 + salt * 1000;
  return {
    id,
    number: salt,
    provisionalRef: null,
    subject: `Máy lạnh kêu to khi khởi động, lần ${salt}`,
    status: 'open',
    priority: 'normal',
    channel: 'chat',
    channelId: 'site',
    queueId,
    assigneeId: null,
    customerId: id,
    tags: ['máy lạnh'],
    snoozedUntil: null,
    contactReason: null,
    disposition: null,
    createdAt: at,
    updatedAt: at,
    resolvedAt: null,
    lastMessageAt: at,
    lastMessageKind: 'inbound',
    lastMessagePreview: 'Dạ em mua tháng trước, giờ máy kêu rất to, em có cần gọi bảo hành không ạ?',
    lastInboundId: id,
    lastInboundAt: at,
    lastReplyId: null,
    lastReplyBy: null,
    lastReplyAt: null,
    unansweredSince: at,
    slaKind: 'frt',
    slaState: 'running',
    slaStartedAt: at,
    slaDueAt: at + 300_000,
  };
}
