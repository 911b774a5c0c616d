import { useEffect, useRef } from 'react';
import type { UsableScreen } from '../../shared/shell.ts';
import { shell } from './shell.ts';

/** Marks the first frame in which a screen can be used, for whoever measures a start or waits for it. */
export function useShownOnce(screen: UsableScreen, usable: boolean): void {
  const told = useRef(false);
  useEffect(() => {
    if (!usable || told.current) return;
    const frame = requestAnimationFrame(() => {
      told.current = true;
      performance.mark(`${screen}-shown`);
      shell.shown(screen);
    });
    return () => cancelAnimationFrame(frame);
  }, [screen, usable]);
}
