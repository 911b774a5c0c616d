import { useTranslation } from 'react-i18next';
import { useTick } from '../../app/clock.ts';
import { chipTime } from '../../ui/time.ts';

/** How long ago that was. A component of its own: it is drawn once a second, and the line around it with its buttons is not. */
export function Elapsed({ since }: { since: number }) {
  const { t } = useTranslation();
  return useTick((now) => chipTime(since - now, t));
}
