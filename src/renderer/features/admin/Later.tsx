import { type ComponentType, useEffect, useState } from 'react';

let screen: ComponentType | null = null;

async function load(): Promise<ComponentType> {
  // The window may make no code of text; so nothing that checks shapes tries to, not even once.
  (await import('zod')).config({ jitless: true });
  return (screen ??= (await import('./Admin.tsx')).Admin);
}

/** Only administrators need it, and not at once. */
export function LaterAdmin() {
  const [Screen, setScreen] = useState<ComponentType | null>(() => screen);
  useEffect(() => {
    if (Screen === null) void load().then((loaded) => setScreen(() => loaded));
  }, [Screen]);
  return Screen === null ? null : <Screen />;
}
