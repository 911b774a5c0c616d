import { parsePhoneNumberFromString } from 'libphonenumber-js';

/** E.164, reading numbers without a country as Vietnamese; null if it is no phone number. */
export function toE164(text: string): string | null {
  const parsed = parsePhoneNumberFromString(text, 'VN');
  return parsed?.isValid() ? parsed.number : null;
}

/** As people in Vietnam write it: 0912 345 678; other countries with their code. */
export function showPhone(value: string): string {
  const parsed = parsePhoneNumberFromString(value, 'VN');
  if (!parsed) return value;
  if (parsed.country !== 'VN') return parsed.formatInternational();
  const national = `0${parsed.nationalNumber}`;
  return national.length === 10 ? `${national.slice(0, 4)} ${national.slice(4, 7)} ${national.slice(7)}` : parsed.formatNational();
}
