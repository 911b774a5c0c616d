/** The job that tells a bot what its customer has said. */
import type { Job } from '../jobs/queue.ts';

export const botTask = 'bot';

export function botJob(ticketId: string): Job {
  const key = `bot:${ticketId}`;
  return { task: botTask, key, queue: key, at: null, payload: { ticketId } };
}

/** A person is asked unless the bot has answered by then; the mutation itself looks whether it has. */
export function botDeadline(workspaceId: string, ticketId: string, at: number, args: object): Job {
  return { task: 'timer', key: `bot-late:${ticketId}`, queue: null, at, payload: { workspaceId, name: 'bot.handOff', args } };
}
