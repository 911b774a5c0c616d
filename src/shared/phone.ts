/** Phone numbers: one form inside (E.164), the national one for reading. Vietnam where no country is written. */
import { parsePhoneNumberFromString } from 'libphonenumber-js';

/** E.164, or null when the text is not a possible number. */
export function normalisePhone(text: string): string | null {
  const parsed = parsePhoneNumberFromString(text, 'VN');
  return parsed?.isPossible() ? parsed.number : null;
}

/** `0912 345 678` for Vietnam, `+1 213 373 4253` elsewhere; what can't be read stays as it is. */
export function readablePhone(e164: string): string {
  const parsed = parsePhoneNumberFromString(e164, 'VN');
  if (!parsed) return e164;
  return parsed.country === 'VN' ? parsed.formatNational() : parsed.formatInternational();
}
