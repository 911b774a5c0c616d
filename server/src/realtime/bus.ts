/**
 * What hubs of one workspace tell each other, by Redis: that there is something new in the log. It may be lost: the log is the truth, and
 * whoever hears of the next commit reads what lies between.
 */
import { createClient } from '@redis/client';
import type { Logger } from 'pino';

export interface Bus {
  /** there is something new */
  poke(): void;
  stop(): Promise<void>;
}

/** A hub alone tells nobody. */
export const noBus: Bus = { poke: () => undefined, stop: () => Promise.resolve() };

/** `heard`: another hub has committed something. The first connection has to succeed; one that breaks later is made anew. */
export async function openBus(url: string, workspaceId: string, log: Logger, heard: () => void): Promise<Bus> {
  const channel = `truc:${workspaceId}:log`;
  const me = crypto.randomUUID();
  const out = createClient({ url });
  const into = out.duplicate();
  for (const client of [out, into])
    client.on('error', (error: Error) => log.warn({ error: error.message }, 'the connection to Redis broke'));
  await out.connect();
  await into.connect();
  await into.subscribe(channel, (from) => {
    if (from !== me) heard();
  });
  // After a break: whatever was told meanwhile was not heard.
  into.on('ready', heard);
  let told = false;
  return {
    poke() {
      if (told || !out.isReady) return;
      told = true;
      // Commits of one turn are one poke.
      setImmediate(() => {
        told = false;
        out.publish(channel, me).catch((error: unknown) => log.warn({ error }, 'other hubs are not told'));
      });
    },
    async stop() {
      out.destroy();
      into.destroy();
    },
  };
}
