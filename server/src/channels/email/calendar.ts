/** What an invitation says in short (RFC 5545). Nothing of it is answered or put into a calendar. */
import type { CalendarEvent } from './mail.ts';

const mostEvents = 20;

export function readCalendar(text: string): CalendarEvent[] {
  const lines = text.replaceAll(/\r?\n[ \t]/g, '').split(/\r?\n/);
  const events: CalendarEvent[] = [];
  let method: string | null = null;
  let event: CalendarEvent | null = null;
  // Alarms within an event have a summary of their own.
  let within = 0;
  for (const line of lines) {
    const colon = valueStart(line);
    const [name = '', ...parameters] = line.slice(0, Math.max(colon, 0)).split(';');
    const value = line.slice(colon + 1).trim();
    switch (name.toUpperCase()) {
      case 'METHOD':
        method = value.slice(0, 40).toUpperCase();
        break;
      case 'BEGIN':
        if (event) within += 1;
        else if (value.toUpperCase() === 'VEVENT') event = { method, uid: null, summary: null, start: null, zone: null };
        break;
      case 'END':
        if (event && within > 0) within -= 1;
        else if (event) {
          if (events.length < mostEvents) events.push(event);
          event = null;
        }
        break;
      case 'UID':
        if (event && within === 0) event.uid = value.slice(0, 500);
        break;
      case 'SUMMARY':
        if (event && within === 0) event.summary = unescaped(value).slice(0, 300);
        break;
      case 'DTSTART':
        if (event && within === 0 && /^\d{8}(T\d{6}Z?)?$/.test(value)) {
          event.start = value;
          event.zone =
            parameters
              .find((one) => /^tzid=/i.test(one))
              ?.slice(5, 105)
              .replaceAll('"', '') ?? null;
        }
        break;
    }
  }
  return events;
}

/** The colon that ends name and parameters: those may hold others within quotes. */
function valueStart(line: string): number {
  let quoted = false;
  for (let at = 0; at < Math.min(line.length, 1000); at += 1) {
    if (line[at] === '"') quoted = !quoted;
    else if (line[at] === ':' && !quoted) return at;
  }
  return -1;
}

function unescaped(value: string): string {
  return value.replaceAll(/\\([\\;,nN])/g, (_, sign: string) => (sign.toLowerCase() === 'n' ? ' ' : sign));
}
