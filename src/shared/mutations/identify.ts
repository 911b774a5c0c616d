/** Somebody for whom a shop vouches: what it says of them is believed, and nothing is taken from anybody else for it. By the hub alone. */
import { z } from 'zod';
import { type Customer, id, identityKind, type Identity, type Proposal } from '../domain.ts';
import { type Loaded, mutation, put, type RowChange } from './define.ts';
import { customerChanges } from './said.ts';

const known = (rows: Loaded, { kind, value }: { kind: string; value: string }): Identity | undefined =>
  rows.all('identity', (row) => row.kind === kind && row.value === value)[0];

/**
 * Whether who has this identity is who is meant. A number or an address counts where somebody has proved it; a browser, where its customer
 * is nothing but that browser: else whoever used it before, or was taken for its customer, would be found in it.
 */
const pointsTo = (rows: Loaded, row: Identity): boolean =>
  row.kind === 'external' ||
  row.verified ||
  (row.kind === 'visitor' && rows.all('identity', (other) => other.customerId === row.customerId).length === 1);

const mostProposals = 20;

export const identifyMutations = {
  /**
   * The customer is whoever has the first of these identities that says so; else somebody new. They get those that are nobody's. One that
   * is another customer's stays there, and that the two may be one is put before an agent (`newIds` name those proposals): on the customer
   * whose conversation goes on, which is the browser's where that is not theirs.
   */
  'customer.identify': mutation({
    args: z.strictObject({
      customer: z.strictObject({ id, name: z.string().min(1).max(200) }),
      /** the one that says most first */
      identities: z
        .array(z.strictObject({ id, kind: identityKind, value: z.string().min(1).max(320) }))
        .min(1)
        .max(5),
      newIds: z.array(id).min(5).max(5),
      source: z.string().max(120),
    }),
    by: 'system',
    reads: (args) => args.identities.map(({ kind, value }) => ({ entity: 'identity' as const, kind, value })),
    more: (args, rows) =>
      args.identities.flatMap((one) => {
        const row = known(rows, one);
        if (!row) return [];
        const customer = { entity: 'customer' as const, id: row.customerId };
        return row.kind === 'visitor' ? [customer, { entity: 'identity' as const, ofCustomer: row.customerId }] : [customer];
      }),
    apply(rows, args, ctx) {
      const found = args.identities.map((one) => known(rows, one));
      const owner = found.find((row) => row !== undefined && pointsTo(rows, row))?.customerId;
      const customerId = owner ?? args.customer.id;
      const changes: RowChange[] = owner === undefined ? customerChanges(customerId, args.customer.name, null, ctx) : [];
      const name = rows.get('customer', customerId)?.name ?? args.customer.name;
      /** by customer: who may be the same person */
      const asked = new Map<string, Set<string>>();
      const ask = (of: string, otherId: string) => asked.set(of, (asked.get(of) ?? new Set()).add(otherId));
      for (const [index, { id: identityId, kind, value }] of args.identities.entries()) {
        const row = found[index];
        if (!row) changes.push(put('identity', { id: identityId, customerId, kind, value, verified: true, state: 'ok' }));
        else if (row.customerId === customerId) {
          if (!row.verified) changes.push(put('identity', { ...row, verified: true }));
        } else if (kind === 'visitor') ask(row.customerId, customerId);
        else ask(customerId, row.customerId);
      }
      const newIds = [...args.newIds];
      for (const [of, others] of asked) {
        const fresh = changes.find((one) => one.entity === 'customer' && one.op === 'put' && one.row.id === of);
        const customer = rows.get('customer', of) ?? (fresh?.op === 'put' ? (fresh.row as Customer) : undefined);
        if (!customer) continue;
        const proposals = [...others].flatMap((otherId): Proposal[] => {
          const value = otherId === customerId ? name : rows.get('customer', otherId)?.name;
          if (value === undefined || customer.proposals.some((one) => one.customerId === otherId)) return [];
          const newId = newIds.shift();
          return newId === undefined ? [] : [{ id: newId, kind: 'same', value, customerId: otherId, source: args.source, at: ctx.now }];
        });
        if (proposals.length === 0) continue;
        const row = { ...customer, proposals: [...customer.proposals, ...proposals].slice(-mostProposals), updatedAt: ctx.now };
        if (fresh) changes[changes.indexOf(fresh)] = put('customer', row);
        else changes.push(put('customer', row));
      }
      return { changes };
    },
  }),
} as const;
