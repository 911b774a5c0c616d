/** People at a chat widget: known by a token that their browser keeps, and by name once they, or the shop, have said who they are. */
import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { v5 as uuidOf, v7 as uuid } from 'uuid';
import type { z } from 'zod';
import type { Proposal } from '../../../../src/shared/domain.ts';
import type { Rejection } from '../../../../src/shared/mutations/define.ts';
import { normalisePhone } from '../../../../src/shared/phone.ts';
import { consentText, type detailsRequest, type SessionAnswer } from '../../../../src/shared/widget.ts';
import type { Db } from '../../db/database.ts';
import type { Intent } from '../../sync/intent.ts';
import type { Accounts } from '../accounts.ts';
import { externalPerson } from '../api/receive.ts';
import { cleanText } from '../inbound.ts';
import { samePhone } from '../people.ts';
import { noSettings } from './account.ts';
import { readIdentity } from './identity.ts';

const ttlMs = 365 * 24 * 3_600_000;

interface Details {
  name: string | null;
  phone: string | null;
  email: string | null;
}

export interface Visitor {
  id: string;
  channelId: string;
  name: string | null;
  /** by the shop's word for them; null: nobody has vouched for them */
  userId: string | null;
  /** what they say of themselves, until it has been put before an agent */
  details: Details | null;
  /** ms; the form before the first message has been filled in */
  answeredAt: number | null;
}

export interface VisitorsNeeds {
  db: Db;
  workspaceId: string;
  accounts: Accounts;
  apply(intent: Intent): Promise<Rejection | null>;
  /** whether the channel takes chats */
  isOpen(channelId: string): Promise<boolean>;
  clock(): number;
}

/** What is wrong with what was filled in. */
export interface Wrong {
  field: string;
  reason: string;
}

export class Visitors {
  readonly #needs: VisitorsNeeds;

  constructor(needs: VisitorsNeeds) {
    this.#needs = needs;
  }

  async settings(channelId: string): Promise<typeof noSettings> {
    return (await this.#needs.accounts.get(channelId, 'chat'))?.settings ?? noSettings;
  }

  /** Resumes the visitor of this token, or opens a new one. Null when the channel does not take chats. */
  async open(channelId: string, token: string | null): Promise<{ visitor: Visitor; token: string } | null> {
    if (!(await this.#needs.isOpen(channelId))) return null;
    const known = token === null ? null : await this.find(token);
    if (known && known.channelId === channelId && token !== null) return { visitor: known, token };
    const { db, workspaceId, clock } = this.#needs;
    const fresh = randomBytes(32).toString('base64url');
    const visitor = { id: uuid(), channelId, name: null };
    const now = clock();
    const row = { workspaceId, ...visitor, tokenHash: digest(fresh), createdAt: now, expiresAt: now + ttlMs };
    await db.insertInto('visitor').values(row).execute();
    return { visitor: { ...visitor, userId: null, details: null, answeredAt: null }, token: fresh };
  }

  async find(token: string): Promise<Visitor | null> {
    const { db, workspaceId, clock } = this.#needs;
    const found = await sql<Visitor>`select id, channel_id, name, user_id, details, answered_at from visitor
      where workspace_id = ${workspaceId} and token_hash = ${digest(token)} and expires_at > ${clock()}`.execute(db);
    return found.rows[0] ?? null;
  }

  /** What is still to be asked before the first message. */
  async form(visitor: Visitor): Promise<SessionAnswer['form']> {
    const { preChat, consent } = await this.settings(visitor.channelId);
    if (visitor.answeredAt !== null || (preChat === null && consent === null)) return null;
    // For whom the shop vouches need not say who they are; they still have to agree.
    const none = { name: 'off', phone: 'off', email: 'off' } as const;
    const fields = visitor.userId === null ? (preChat ?? none) : none;
    return consent === null && Object.values(fields).every((asked) => asked === 'off') ? null : { fields, consent };
  }

  /** Takes the form; what is wrong with it is named. Nothing of it proves anything: it is put before an agent with the first message. */
  async answer(visitor: Visitor, given: z.infer<typeof detailsRequest>): Promise<Wrong | null> {
    const { db, workspaceId, clock } = this.#needs;
    const form = await this.form(visitor);
    if (form === null) return null;
    const { fields, consent } = form;
    const text = { name: cleanText(given.name), phone: cleanText(given.phone), email: cleanText(given.email).toLowerCase() };
    for (const field of ['name', 'phone', 'email'] as const) {
      if (fields[field] === 'required' && text[field] === '') return { field, reason: 'is asked for' };
      if (fields[field] === 'off') text[field] = '';
    }
    const phone = text.phone === '' ? null : normalisePhone(text.phone);
    if (text.phone !== '' && phone === null) return { field: 'phone', reason: 'is no phone number' };
    if (text.email !== '' && !/^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/.test(text.email))
      return { field: 'email', reason: 'is no mail address' };
    if (consent !== null && !given.consent) return { field: 'consent', reason: 'has to be agreed to' };
    const now = clock();
    const agreed = consent === null ? null : { at: now, text: consentText.parse(consent)[given.language], language: given.language };
    const told = text.name !== '' || phone !== null || text.email !== '';
    const details: Details | null = told ? { name: text.name || null, phone, email: text.email || null } : null;
    await sql`update visitor set name = coalesce(${text.name || null}, name), details = ${details ? JSON.stringify(details) : null}::jsonb,
      consent = ${agreed ? JSON.stringify(agreed) : null}::jsonb, answered_at = ${now}
      where workspace_id = ${workspaceId} and id = ${visitor.id}`.execute(db);
    return null;
  }

  /** A page of theirs is open, or none is any more. Said again and again while it is, so that a hub's death is noticed. */
  async seen({ id }: Visitor, there: boolean): Promise<void> {
    const { db, workspaceId, clock } = this.#needs;
    await sql`update visitor set seen_at = ${there ? clock() : null} where workspace_id = ${workspaceId} and id = ${id}`.execute(db);
  }

  /** Those whose tokens have ended. What they have said stays. */
  async forget(): Promise<void> {
    const { db, workspaceId, clock } = this.#needs;
    await sql`delete from visitor where workspace_id = ${workspaceId} and expires_at < ${clock()}`.execute(db);
  }

  async rename(visitor: Visitor, name: string): Promise<void> {
    const { db, workspaceId } = this.#needs;
    await sql`update visitor set name = ${cleanText(name)} where workspace_id = ${workspaceId} and id = ${visitor.id}`.execute(db);
  }

  /**
   * Believes the shop's word for who this is, for as long as the token lives, or until the browser drops it. Whoever was vouched for as
   * somebody else is a new visitor (`moved`) from here on: the browser has changed hands. A text: why it is not believed.
   */
  async identify(visitor: Visitor, token: string): Promise<{ name: string | null; moved: boolean } | string> {
    const { db, workspaceId, accounts, apply, clock } = this.#needs;
    const secrets = (await accounts.get(visitor.channelId, 'chat'))?.secrets;
    const keys = [secrets?.identitySecret, secrets?.identitySecretBefore].filter((key): key is string => typeof key === 'string');
    const told = keys.length === 0 ? 'this widget has no secret to sign with' : readIdentity(token, keys, clock());
    if (typeof told === 'string') return told;
    const { userId, name, email, phone } = told;
    const visitorId = visitor.userId === null || visitor.userId === userId ? visitor.id : uuid();
    const one = (kind: 'external' | 'email' | 'phone' | 'visitor', value: string | null) =>
      value === null ? [] : [{ id: uuid(), kind, value }];
    const rejection = await apply({
      name: 'customer.identify',
      args: {
        customer: { id: uuid(), name: (name ?? email ?? userId).slice(0, 200) },
        identities: [
          ...one('external', externalPerson(visitor.channelId, userId)),
          ...one('email', email),
          ...one('phone', phone),
          ...one('visitor', visitorId),
        ],
        newIds: Array.from({ length: 5 }, () => uuid()),
        source: visitor.channelId,
      },
    });
    if (rejection) return rejection.code;
    if (name !== null) {
      const of = { kind: 'visitor' as const, value: visitorId };
      await apply({ name: 'customer.named', args: { of, from: madeUpName(visitorId), to: name } });
    }
    await sql`update visitor set id = ${visitorId}, user_id = ${userId}, name = coalesce(${name}, name),
      details = case when id = ${visitorId} then details end
      where workspace_id = ${workspaceId} and id = ${visitor.id}`.execute(db);
    return { name, moved: visitorId !== visitor.id };
  }

  /**
   * Whether the customer whose chat goes on in this browser is the one for whom the shop vouches. They may be two: until an agent has made
   * them one, the browser shows what was said in it, and no more.
   */
  async isVouchedFor(visitor: Visitor): Promise<boolean> {
    if (visitor.userId === null) return false;
    const { db, workspaceId } = this.#needs;
    const found = await sql<{ one: number }>`select 1 as one from identity v
      join identity e on e.workspace_id = v.workspace_id and e.customer_id = v.customer_id and e.kind = 'external'
        and e.value = ${externalPerson(visitor.channelId, visitor.userId)}
      where v.workspace_id = ${workspaceId} and v.kind = 'visitor' and v.value = ${visitor.id}`.execute(db);
    return found.rows.length > 0;
  }

  /** What a visitor has said of themselves is put before an agent, with whoever is known by that number. */
  async propose(visitor: Visitor): Promise<void> {
    const { details } = visitor;
    if (details === null) return;
    const { db, workspaceId, apply, clock } = this.#needs;
    const self = { kind: 'visitor' as const, value: visitor.id, name: null };
    const at = clock();
    const propose = (kind: Proposal['kind'], value: string, customerId: string | null = null): Proposal => ({
      id: uuidOf(`${visitor.id}:${kind}:${customerId ?? value}`, uuidOf.URL),
      kind,
      value,
      customerId,
      source: visitor.channelId,
      at,
    });
    const others = details.phone === null ? [] : await samePhone({ db, workspaceId }, details.phone, self);
    const proposals = [
      // Of somebody new it is the name already, and then it is not put before anybody.
      ...(details.name === null ? [] : [propose('name', details.name)]),
      ...(details.phone === null || others.length > 0 ? [] : [propose('phone', details.phone)]),
      ...(details.email === null ? [] : [propose('email', details.email)]),
      ...others.map((other) => propose('same', other.name, other.id)),
    ];
    if (proposals.length > 0) await apply({ name: 'customer.propose', args: { of: { kind: 'visitor', value: visitor.id }, proposals } });
    await sql`update visitor set details = null where workspace_id = ${workspaceId} and id = ${visitor.id}`.execute(db);
  }
}

/** Of somebody who has not said what they are called. */
export const madeUpName = (visitorId: string): string => `Khách ${visitorId.slice(-4).toUpperCase()}`;

export const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
