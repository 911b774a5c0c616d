/** Phone numbers: one form inside (E.164), the national one for reading. Vietnam where no country is written. */
import { parsePhoneNumberFromString } from 'libphonenumber-js';

/** What somebody dialled, or an exchange says of it. Short numbers (113, 1900…) and extensions say nothing about who calls. */
export type Dialled = { kind: 'number'; e164: string } | { kind: 'short' | 'extension'; digits: string };

/** Vietnam's mobile numbers of eleven digits became numbers of ten in 2018, by their prefixes. */
const renumbered: Readonly<Record<string, string>> = {
  '0120': '070',
  '0121': '079',
  '0122': '077',
  '0123': '083',
  '0124': '084',
  '0125': '085',
  '0126': '076',
  '0127': '081',
  '0128': '078',
  '0129': '082',
  '0162': '032',
  '0163': '033',
  '0164': '034',
  '0165': '035',
  '0166': '036',
  '0167': '037',
  '0168': '038',
  '0169': '039',
  '0186': '056',
  '0188': '058',
  '0199': '059',
};
const mobile = /^0[35789]\d{8}$/;
const landline = /^02\d{9}$/;

/** Null: no number at all, or none that can be. */
export function readDialled(text: string): Dialled | null {
  const bare = text.normalize('NFKC').trim().replace('(0)', '');
  if (!/^[\s(]*\+?[\d\s.\-()/]+$/.test(bare)) return null;
  const digits = bare.replace(/\D/g, '');
  const international = bare.replace(/^[(\s]+/, '').startsWith('+') ? digits : digits.startsWith('00') ? digits.slice(2) : null;
  if (international !== null) {
    if (international.startsWith('84')) return vietnamese(`0${international.slice(2).replace(/^0/, '')}`);
    const parsed = parsePhoneNumberFromString(`+${international}`);
    return parsed?.isPossible() ? { kind: 'number', e164: parsed.number } : null;
  }
  if (digits.startsWith('0')) return vietnamese(digits);
  if (/^1[89]00\d{4,6}$/.test(digits) || /^1\d{2}$/.test(digits)) return { kind: 'short', digits };
  // `084…` is a mobile prefix of its own: a country code stands before nine digits at least, and without a 0.
  if (digits.startsWith('84') && digits.length >= 11) return vietnamese(`0${digits.slice(2)}`);
  // A spreadsheet has taken the 0 away.
  if (/^[35789]\d{8}$/.test(digits)) return vietnamese(`0${digits}`);
  return digits.length > 0 && digits.length <= 6 ? { kind: 'extension', digits } : null;
}

function vietnamese(national: string): Dialled | null {
  const newer = national.length === 11 ? renumbered[national.slice(0, 4)] : undefined;
  const now = newer === undefined ? national : newer + national.slice(4);
  return mobile.test(now) || landline.test(now) ? { kind: 'number', e164: `+84${now.slice(1)}` } : null;
}

/** E.164, or null when the text is not a number that somebody can be reached at. */
export function normalisePhone(text: string): string | null {
  const dialled = readDialled(text);
  return dialled?.kind === 'number' ? dialled.e164 : null;
}

/** `0912 345 678` for Vietnam, `+1 213 373 4253` elsewhere; what can't be read stays as it is. */
export function readablePhone(e164: string): string {
  const parsed = parsePhoneNumberFromString(e164, 'VN');
  if (!parsed) return e164;
  return parsed.country === 'VN' ? parsed.formatNational() : parsed.formatInternational();
}
