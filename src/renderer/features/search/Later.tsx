import { type ComponentType, useEffect, useState } from 'react';

let screen: ComponentType | null = null;

async function load(): Promise<ComponentType> {
  return (screen ??= (await import('./Search.tsx')).Search);
}

/** The search is not needed for the first paint: it is fetched once the desk is at rest, and is there when a key asks for it. */
export function fetchSearch(): () => void {
  const idle = requestIdleCallback(() => void load(), { timeout: 5000 });
  return () => cancelIdleCallback(idle);
}

export function LaterSearch() {
  const [Screen, setScreen] = useState<ComponentType | null>(() => screen);
  useEffect(() => {
    if (Screen === null) void load().then((loaded) => setScreen(() => loaded));
  }, [Screen]);
  return Screen === null ? null : <Screen />;
}
