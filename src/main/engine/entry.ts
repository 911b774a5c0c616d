/** Start of the engine's process, whichever kind it is. */
import type { SecretName } from '../../shared/host.ts';
import { Engine } from './engine.ts';
import { connectHost } from './host-link.ts';
import type { Secrets } from './session.ts';

const link = connectHost();
const waiting = new Map<number, { resolve: (value: string | null) => void; reject: (error: Error) => void }>();
let requests = 0;

function ask(
  message: { type: 'secret.get' | 'secret.delete'; name: SecretName } | { type: 'secret.set'; name: SecretName; value: string },
): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const request = (requests += 1);
    waiting.set(request, { resolve, reject });
    link.send({ ...message, request });
  });
}

const secrets: Secrets = {
  get: (name) => ask({ type: 'secret.get', name }),
  set: async (name, value) => void (await ask({ type: 'secret.set', name, value })),
  delete: async (name) => void (await ask({ type: 'secret.delete', name })),
};

let engine: Engine | null = null;

link.onMessage((message) => {
  switch (message.type) {
    case 'start': {
      const { profileDir, hubUrl, demoUser } = message;
      const started = new Engine({ profileDir, hubUrl, demoUser, secrets, log: (level, text) => link.send({ type: 'log', level, text }) });
      engine = started;
      // Windows may come at any time; they see the session's state as it unfolds.
      link.onPort((port) => started.serve(port));
      link.send({ type: 'ready' });
      started.start().catch((error: unknown) => {
        link.send({
          type: 'log',
          level: 'error',
          text: `start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        });
      });
      return;
    }
    case 'secret.answer': {
      const asked = waiting.get(message.request);
      waiting.delete(message.request);
      if (message.error !== null) asked?.reject(new Error(message.error));
      else asked?.resolve(message.value);
      return;
    }
    case 'idle':
      engine?.idle(message.ms);
      return;
    case 'wake':
      engine?.wake();
      return;
    case 'stop':
      engine?.stop();
      process.exit(0);
  }
});
