/** Deltas that a client of the bench takes as text: a thousand consoles in one process must not be what is measured. */
import type { Socket } from 'socket.io-client';

/** What the client library keeps for itself. */
interface Inside {
  decoder: { add(data: unknown): void };
  _packet(packet: unknown): void;
}

/** Hands over the text of each delta's frame, and acknowledges it where that is asked for; everything else goes its usual way. */
export function takeDeltas(socket: Socket, take: (frame: string) => void): void {
  const inside = socket.io as unknown as Inside;
  const add = inside.decoder.add.bind(inside.decoder);
  inside.decoder.add = (data) => {
    const head = typeof data === 'string' ? /^2\/sync,(\d*)\["delta",/.exec(data.slice(0, 40)) : null;
    if (typeof data !== 'string' || !head) return add(data);
    take(data);
    if (head[1]) inside._packet({ type: 3, nsp: '/sync', id: Number(head[1]), data: [] });
  };
}
