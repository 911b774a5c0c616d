/**
 * Runs inside the page, from its source text: it must not refer to anything outside itself.
 * Returns what makes `port()`: asks for a port under a fresh tag and waits until it is posted into the page. When the
 * engine is gone, every port given out so far gets a `close` event; ask again.
 */
export function portInPage([portName, lostName]: [string, string]): (ask: (tag: string) => Promise<void>) => () => Promise<MessagePort> {
  const given = new Set<MessagePort>();
  const hear = (fn: (data: unknown, event: MessageEvent) => void): ((event: MessageEvent) => void) => {
    const listener = (event: MessageEvent): void => {
      if (event.source === window && event.origin === location.origin) fn(event.data, event);
    };
    window.addEventListener('message', listener);
    return listener;
  };
  hear((data) => {
    if (data !== lostName) return;
    for (const port of given) port.dispatchEvent(new Event('close'));
  });
  return (ask) => () =>
    new Promise((resolve, reject) => {
      const tag = crypto.randomUUID();
      const listener = hear((data, event) => {
        const port = event.ports[0];
        if (data !== `${portName} ${tag}` || !port) return;
        window.removeEventListener('message', listener);
        given.add(port);
        port.addEventListener('close', () => given.delete(port));
        resolve(port);
      });
      ask(tag).catch((error: unknown) => {
        window.removeEventListener('message', listener);
        reject(error instanceof Error ? error : new Error('The port to the engine was refused.'));
      });
    });
}
