/** Who may do what: the one place, on both sides. */
import type { Queue, QueueMember, Role, TeamMember, Ticket } from './domain.ts';

export interface Actor {
  /** null for the hub itself: channels, timers */
  userId: string | null;
  name: string;
  role: Role | 'system';
  /** queues the actor may work: an agent's own, a lead's teams', all for an administrator */
  queues: ReadonlySet<string>;
}

export const systemActor: Actor = { userId: null, name: 'Trực', role: 'system', queues: new Set() };

/** The queues a user may see and work. Source: sync page, "Scopes". */
export function queuesOf(
  user: { id: string; role: Role; active: boolean },
  reference: { queues: Queue[]; queueMembers: QueueMember[]; teamMembers: TeamMember[] },
): Set<string> {
  if (!user.active) return new Set();
  if (user.role === 'admin') return new Set(reference.queues.map((queue) => queue.id));
  const held = new Set(reference.queueMembers.filter((member) => member.userId === user.id).map((member) => member.queueId));
  if (user.role === 'lead') {
    const teams = new Set(reference.teamMembers.filter((member) => member.userId === user.id).map((member) => member.teamId));
    for (const queue of reference.queues) if (teams.has(queue.teamId)) held.add(queue.id);
  }
  return held;
}

/** The scopes a user holds: what a workstation of theirs may keep. */
export function scopesHeld(userId: string, queues: Iterable<string>): string[] {
  return ['workspace', `user:${userId}`, ...[...queues].map((queue) => `queue:${queue}`)];
}

/** Whether the actor may read and work this ticket. */
export function mayWork(actor: Actor, ticket: Pick<Ticket, 'queueId' | 'assigneeId'>): boolean {
  if (actor.role === 'system') return true;
  return actor.queues.has(ticket.queueId) || (actor.userId !== null && ticket.assigneeId === actor.userId);
}

/** The scopes of a ticket and of all that follows it (messages, clocks). */
export function scopesOfTicket(ticket: Pick<Ticket, 'queueId' | 'assigneeId'>): string[] {
  return ticket.assigneeId === null ? [`queue:${ticket.queueId}`] : [`queue:${ticket.queueId}`, `user:${ticket.assigneeId}`];
}
