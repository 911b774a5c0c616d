import { type ComponentType, useEffect, useState } from 'react';

/** A window of its own: the console's first paint does not wait for it. */
export function LaterWallboard() {
  const [Screen, setScreen] = useState<ComponentType | null>(null);
  useEffect(() => {
    void import('./Wallboard.tsx').then((loaded) => setScreen(() => loaded.Wallboard));
  }, []);
  return Screen === null ? null : <Screen />;
}
