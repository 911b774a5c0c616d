/** Who somebody is, as a vendor tells it. */
import { z } from 'zod';

export interface Profile {
  /** NFC; null: not told */
  name: string | null;
  /** it expires, so it is fetched soon or never */
  pictureUrl: string | null;
}

/** A field that is worth having and not worth failing for. */
export const toldText = z.string().max(4000).optional().catch(undefined);

/** Null when there is nothing in it. */
export function profileOf(name: string | undefined, pictureUrl: string | undefined): Profile | null {
  const shown = name?.normalize('NFC').trim().slice(0, 200) || null;
  const picture = pictureUrl !== undefined && URL.canParse(pictureUrl) ? pictureUrl : null;
  return shown === null && picture === null ? null : { name: shown, pictureUrl: picture };
}
