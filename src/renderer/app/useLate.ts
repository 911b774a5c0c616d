import { useEffect, useState } from 'react';

/** Nothing that shows "please wait" appears before this. Source: desk page. */
const patienceMs = 300;

/** True once `waiting` has lasted long enough to be worth a sign. */
export function useLate(waiting: boolean): boolean {
  const [late, setLate] = useState(false);
  if (late && !waiting) setLate(false);
  useEffect(() => {
    if (!waiting) return;
    const timer = setTimeout(() => setLate(true), patienceMs);
    return () => clearTimeout(timer);
  }, [waiting]);
  return waiting && late;
}
