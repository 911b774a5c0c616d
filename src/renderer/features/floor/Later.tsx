import { type ComponentType, useEffect, useState } from 'react';

let screen: ComponentType | null = null;

async function load(): Promise<ComponentType> {
  return (screen ??= (await import('./Floor.tsx')).Floor);
}

/** Leads and administrators need it, and not for the first paint. */
export function LaterFloor() {
  const [Screen, setScreen] = useState<ComponentType | null>(() => screen);
  useEffect(() => {
    if (Screen === null) void load().then((loaded) => setScreen(() => loaded));
  }, [Screen]);
  return Screen === null ? null : <Screen />;
}
