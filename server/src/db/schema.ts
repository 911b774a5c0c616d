/** Types of the tables that are queried by hand; entity tables go through rows.ts. */
import type { Generated } from 'kysely';

export interface Tables {
  workspaceCounter: {
    workspaceId: string;
    seq: number;
    oldestSeq: number;
    ticketNumber: number;
    lastAt: number;
    referenceSeq: number;
    epoch: string;
  };
  workspace: { workspaceId: string; id: string; name: string; locale: 'vi' | 'en'; rowver: Generated<number> };
  appUser: {
    workspaceId: string;
    id: string;
    name: string;
    email: string;
    role: 'agent' | 'lead' | 'admin';
    locale: 'vi' | 'en';
    active: boolean;
    rowver: Generated<number>;
  };
  queue: { workspaceId: string; id: string; purpose: string; position: number };
  client: {
    workspaceId: string;
    clientId: string;
    userId: string;
    deviceName: string;
    lastMutationId: Generated<number>;
    createdAt: number;
    lastSeenAt: number;
    revokedAt: number | null;
  };
  credential: { workspaceId: string; userId: string; passwordHash: string; changedAt: number };
  session: {
    id: string;
    workspaceId: string;
    userId: string;
    clientId: string;
    generation: number;
    confirmed: boolean;
    refreshHash: Buffer;
    previousHash: Buffer | null;
    createdAt: number;
    expiresAt: number;
    revokedAt: number | null;
  };
  visitor: {
    workspaceId: string;
    id: string;
    tokenHash: Buffer;
    channelId: string;
    name: string | null;
    createdAt: number;
    expiresAt: number;
  };
  channelAccount: {
    workspaceId: string;
    channelId: string;
    vendor: string;
    settings: string;
    secrets: Buffer;
    updatedAt: number;
    state: Generated<'ok' | 'attention' | 'paused'>;
    stateReason: string | null;
    stateAt: number | null;
    resumeAt: number | null;
    lastEventAt: number | null;
    lastSentAt: number | null;
    refusedAt: number | null;
    refusedReason: string | null;
    refusedCount: Generated<number>;
  };
  inboundRequest: {
    workspaceId: string;
    id: Generated<number>;
    channelId: string;
    headers: string;
    body: Buffer;
    receivedAt: number;
    error: string | null;
  };
  inboundEvent: {
    workspaceId: string;
    id: Generated<number>;
    channelId: string;
    key: string;
    thread: string;
    requestId: number;
    event: string;
    at: number | null;
    receivedAt: number;
    messageId: string;
    state: Generated<'new' | 'done' | 'kept' | 'aside'>;
    error: string | null;
    attempts: Generated<number>;
    waitsFor: string | null;
  };
  outboundPart: {
    workspaceId: string;
    id: string;
    messageId: string;
    position: number;
    channelId: string;
    thread: string;
    piece: string;
    state: Generated<'waiting' | 'sending' | 'sent' | 'failed' | 'unknown'>;
    attempts: Generated<number>;
    startedAt: number | null;
    settledAt: number | null;
    reason: string | null;
  };
  personLink: { workspaceId: string; userId: string; tokenHash: Buffer; until: number; madeAt: number };
  hubWorker: { workerId: string; instance: string; startedAt: number };
  hubSecret: { name: string; value: string };
}
