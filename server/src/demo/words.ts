/** Puts a conversation's words into its text: one generator per ticket, so the same shop every time. */
import { people } from './people.ts';
import { goods, type Kind, placeIn, technicians } from './goods.ts';
import type { DemoChannel, Person } from './script.ts';

/** Numbers in [0, 1), always the same ones for a seed (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function pick<T>(from: readonly T[], random: () => number): T {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new Error('demo: nothing to pick from');
  return found;
}

const dayMs = 86_400_000;
/** Vietnam has had no daylight saving time since it began keeping UTC+7. */
const offset = 7 * 3_600_000;
const weekdays = ['Chủ nhật', 'thứ Hai', 'thứ Ba', 'thứ Tư', 'thứ Năm', 'thứ Sáu', 'thứ Bảy'];

/** A moment as the clock on a Vietnamese wall shows it. */
export function localTime(at: number): {
  midnight: number;
  hours: number;
  weekday: number;
  weekdayName: string;
  date: string;
  year: string;
} {
  const date = new Date(at + offset);
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    midnight: Math.floor((at + offset) / dayMs) * dayMs - offset,
    hours: date.getUTCHours(),
    weekday: date.getUTCDay(),
    weekdayName: weekdays[date.getUTCDay()] ?? '',
    date: `${two(date.getUTCDate())}/${two(date.getUTCMonth() + 1)}`,
    year: two(date.getUTCFullYear() % 100),
  };
}

export type Words = Record<string, string>;

function dong(thousands: number): string {
  return `${String(Math.round(thousands)).replace(/\B(?=(\d{3})+$)/g, '.')}.000đ`;
}

/** The words of one ticket: `serial` makes its order code its own. */
export function wordsOf(options: {
  person: Person;
  kinds: Kind[];
  serial: number;
  at: number;
  agent: string;
  random: () => number;
}): Words {
  const { person, serial, at, agent, random } = options;
  const kind = goods[pick(options.kinds, random)];
  const [name, price] = pick(kind.items, random);
  const others = kind.items.filter(([other]) => other !== name);
  const place = placeIn(person.city);
  const branch = pick(place.branch, random);
  const ordered = localTime(at - Math.ceil(3 + random() * 4) * dayMs);
  const promised = localTime(at + Math.ceil(random() * 3) * dayMs);
  const hours = 8 + Math.floor(random() * 10);
  const elder = person.address !== 'anh' && person.address !== 'chị';
  const given = person.name.split(' ').at(-1) ?? person.name;
  const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  const small = {
    anh: person.address,
    em: elder ? 'cháu' : 'em',
    toi: elder ? person.address : 'mình',
    shop: elder ? 'cháu' : pick(['shop', 'em', 'ad', 'bạn'], random),
    sp: name,
    may: kind.short,
    loi: pick(kind.fault, random),
    thu: promised.weekdayName,
  };
  return {
    ...small,
    Anh: capital(small.anh),
    Em: capital(small.em),
    Toi: capital(small.toi),
    Shop: capital(small.shop),
    Sp: capital(small.sp),
    May: capital(small.may),
    Thu: capital(small.thu),
    ten: given,
    hoten: person.name,
    sdt: `0${person.phone.slice(3)}`.replace(/^(\d{4})(\d{3})(\d{3})$/, '$1 $2 $3'),
    sp2: others.length > 0 ? pick(others, random)[0] : name,
    gia: dong(price),
    giam: dong(Math.floor((price * (0.85 + random() * 0.1)) / 10) * 10),
    gop: dong(price / 12),
    le: dong(50 * (3 + Math.floor(random() * 12))),
    ma: `SM${ordered.year}-${118_342 + serial * 37}`,
    ngay: ordered.date,
    hen: `${promised.weekdayName} ${promised.date}`,
    gio: `${hours}h–${hours + 2}h`,
    luc: `${hours}h`,
    dc: `số ${3 + Math.floor(random() * 180)} ${pick(place.at, random)}`,
    cn: `chi nhánh ${branch}`,
    Cn: `Chi nhánh ${branch}`,
    tp: person.city,
    kt: `anh ${pick(technicians, random)}`,
    nv: agent,
    seri: `${pick(['NV', 'SK', 'TV', 'LX', 'HM'], random)}${Math.floor(10_000_000 + random() * 89_999_999)}`,
    so: String(2 + Math.floor(random() * 5)),
    tang: String(2 + Math.floor(random() * 14)),
  };
}

/** `{a|b}` becomes one of them, `{word}` its word. Inner choices first. */
export function fill(text: string, words: Words, random: () => number): string {
  let filled = text;
  for (let pass = 0; pass < 4 && filled.includes('{'); pass += 1) {
    filled = filled.replace(/\{([^{}]*)\}/g, (_, inner: string) => {
      if (inner.includes('|')) return pick(inner.split('|'), random);
      const word = words[inner];
      if (word === undefined) throw new Error(`demo: there is no word {${inner}}`);
      return word;
    });
  }
  return filled;
}

const abbreviations: [whole: string, short: string][] = [
  ['không', 'k'],
  ['được', 'dc'],
  ['gì', 'j'],
  ['vậy', 'v'],
  ['rồi', 'r'],
  ['bao nhiêu', 'bnhiu'],
  ['biết', 'bít'],
  ['nhưng', 'nhg'],
  ['những', 'nhg'],
  ['mình', 'mk'],
  ['với', 'vs'],
  ['trước', 'trc'],
];
const emoji = ['😊', '🥲', '🙏', '😅', '❤️', '😭', '👍'];

/** With a capital at the start of every sentence, as the staff writes. */
export function sentences(text: string): string {
  return text.replace(/(^|[.!?]\s+)(\p{Ll})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}

/** The same words as this person types them in a chat. */
export function typed(text: string, person: Person, channel: DemoChannel, random: () => number): string {
  if (channel === 'demo-mail' || channel === 'demo-cti') return text;
  if (person.typing === 'plain') {
    if (text.startsWith('[')) return text;
    const bare = text
      .normalize('NFD')
      .replace(/\p{Mn}/gu, '')
      .replace(/đ/g, 'd')
      .replace(/Đ/g, 'D');
    return bare.charAt(0).toLowerCase() + bare.slice(1).replace(/\.$/, '');
  }
  if (person.typing === 'short') {
    let out = text;
    for (const [whole, short] of abbreviations) out = out.replace(new RegExp(`(?<!\\p{L})${whole}(?!\\p{L})`, 'giu'), short);
    return out
      .replace(/\.$/, '')
      .toLowerCase()
      .replace(/sm(\d\d)-/g, 'SM$1-');
  }
  if (person.typing === 'emoji' && random() < 0.6) return `${text.replace(/\.$/, '')} ${pick(emoji, random)}`;
  return text;
}

export function personAt(index: number): Person {
  const person = people[index];
  if (!person) throw new Error(`demo: there is no person ${index}`);
  return person;
}
