/** The consoles' socket: namespace `/sync`. Carries messages to and from their sessions, with acknowledgements. */
import type { Namespace, Socket } from 'socket.io';
import type { Change, Delta, Refusal } from '../../../src/shared/protocol.ts';
import { type Answer, greet, messageNames, type Peer, regrant, type SyncHub } from './console-session.ts';

/** ms in which a console takes a delta that it is to acknowledge */
const deliveryMs = 30_000;

/**
 * Encodes a delta once for all consoles that are given the same object in the same turn. Such a one is not acknowledged: the
 * heartbeat that follows on the same line is, and who does not take that is let go.
 */
class Deliveries {
  readonly #namespace: Namespace;
  #waiting = new Map<Delta, Socket[]>();

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  add(socket: Socket, delta: Delta): void {
    if (this.#waiting.size === 0) queueMicrotask(() => this.#send());
    const sockets = this.#waiting.get(delta);
    if (sockets) sockets.push(socket);
    else this.#waiting.set(delta, [socket]);
  }

  #send(): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const [delta, sockets] of waiting) {
      if (sockets.length > 1 && delta.changes.length > 0) {
        this.#namespace.to(sockets.map((socket) => socket.id)).emit('delta', delta);
        continue;
      }
      for (const socket of sockets) {
        socket.timeout(deliveryMs).emit('delta', delta, (error: Error | null) => {
          if (error) socket.disconnect(true);
        });
      }
    }
  }
}

export function serveSync(namespace: Namespace, hub: SyncHub): { changed: (changes: Change[]) => void } {
  const deliveries = new Deliveries(namespace);
  namespace.on('connection', (socket) => {
    greet(hub, socket.handshake.auth, peerOf(socket, deliveries)).then(
      (greeting) => {
        if ('refuse' in greeting) return refuse(socket, greeting.refuse);
        const { session } = greeting;
        // The line may have broken during the greeting.
        if (socket.disconnected) return session.end();
        socket.on('disconnect', () => session.end());
        for (const name of messageNames) {
          socket.on(name, (message: unknown, acknowledge: unknown) => {
            const answer = typeof acknowledge === 'function' ? (acknowledge as (answer: Answer) => void) : () => undefined;
            void session.handle(name, message).then(answer);
          });
        }
        socket.emit('welcome', greeting.welcome);
      },
      (error: unknown) => {
        hub.log.error({ error }, 'handshake failed');
        refuse(socket, { code: 'UNAVAILABLE' });
      },
    );
  });

  return {
    changed(changes) {
      regrant(hub, changes).catch((error: unknown) => hub.log.error({ error }, 'grants can not be read'));
    },
  };
}

function peerOf(socket: Socket, deliveries: Deliveries): Peer {
  return {
    emit: (event, message) => void socket.emit(event, message),
    deliver: (delta) => deliveries.add(socket, delta),
    close: () => void socket.disconnect(true),
  };
}

function refuse(socket: Socket, refusal: Refusal): void {
  socket.emit('refuse', refusal);
  // The refusal has to leave before the connection does.
  setTimeout(() => socket.disconnect(true), 100).unref();
}
