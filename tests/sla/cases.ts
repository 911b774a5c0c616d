/**
 * Worked cases of the SLA and routing page. Each tells a ticket's life, hour by hour, and what its clocks are at the end, reckoned by hand.
 * 2026-11-23 is a Monday; the office works 8:00-12:00 and 13:00-17:30, Saturdays 8:00-12:00.
 */
import type { ClockKind } from '../../src/shared/domain.ts';
import { office, type Terms } from './world.ts';

/** `life`: "08:00 customer" on the day of the case, "24 08:00 …" on the 24th of its month, "2026-12-01 08:00 …" elsewhere */
export interface Case {
  name: string;
  terms: Terms;
  day?: string;
  offset?: string;
  life: string[];
  /** as at the last moment; "due 13:30", "breached 13:30", "met", "paused 1h", "cancelled", "none" */
  ends: Partial<Record<ClockKind, string>>;
}

const mail4 = { targets: { frt: '4h', nrt: '4h' } };
const all = { targets: { frt: '1h', nrt: '1h', rt: '8h', assign: '15m' } };
const rt = (target: string, more: Partial<Terms> = {}): Terms => ({ targets: { frt: '1h', nrt: '1h', rt: target }, ...more });

export const cases: Case[] = [
  // Rule 4: first response
  { name: 'a reply meets it', terms: mail4, life: ['08:00 customer', '09:00 reply'], ends: { frt: 'met' } },
  {
    name: 'in the moment at which it is due it is late',
    terms: mail4,
    life: ['08:00 customer', '12:00 reply'],
    ends: { frt: 'breached 12:00' },
  },
  { name: 'a late reply does not', terms: mail4, life: ['08:00 customer', '13:00 reply'], ends: { frt: 'breached 12:00' } },
  { name: 'a note is no answer', terms: mail4, life: ['08:00 customer', '09:00 note'], ends: { frt: 'due 12:00' } },
  { name: 'an answer in the vendor’s own inbox is one', terms: mail4, life: ['08:00 customer', '09:00 elsewhere'], ends: { frt: 'met' } },
  { name: 'an answered call is one', terms: mail4, life: ['08:00 customer', '09:00 answered'], ends: { frt: 'met' } },
  { name: 'a missed call is none', terms: mail4, life: ['08:00 customer', '09:00 missed'], ends: { frt: 'due 12:00' } },
  { name: '"no reply needed" is no first response', terms: mail4, life: ['08:00 customer', '09:00 noReply'], ends: { frt: 'due 12:00' } },
  { name: 'an automatic mail is owed nothing', terms: mail4, life: ['08:00 automatic'], ends: { frt: 'none' } },
  {
    name: 'a second message does not restart it',
    terms: mail4,
    life: ['08:00 customer', '10:00 customer'],
    ends: { frt: 'due 12:00', nrt: 'none' },
  },
  {
    name: 'nothing runs while a bot has it',
    terms: all,
    life: ['08:00 toBot', '08:01 botSays'],
    ends: { frt: 'none', rt: 'none', assign: 'none' },
  },
  { name: 'a bot’s hand-off starts it', terms: mail4, life: ['08:00 toBot', '08:10 handOff'], ends: { frt: 'due 12:10' } },
  {
    name: 'waiting for the customer does not pause it',
    terms: mail4,
    life: ['08:00 customer', '09:00 status:waiting_customer'],
    ends: { frt: 'due 12:00' },
  },
  { name: 'spam pauses it', terms: mail4, life: ['08:00 customer', '09:00 status:spam'], ends: { frt: 'paused 1h' } },
  {
    name: 'out of spam it goes on with what it had used',
    terms: mail4,
    life: ['08:00 customer', '09:00 status:spam', '15:00 status:open'],
    ends: { frt: 'due 18:00' },
  },
  { name: 'snoozing pauses nothing', terms: all, life: ['08:00 customer', '08:10 snooze:2d'], ends: { frt: 'due 09:00', rt: 'due 16:00' } },
  {
    name: 'reassigning changes nothing',
    terms: mail4,
    life: ['08:00 customer', '09:00 assign:lan', '10:00 assign:minh'],
    ends: { frt: 'due 12:00' },
  },

  // First assignment
  { name: 'assigned in time', terms: all, life: ['08:00 customer', '08:10 assign:lan'], ends: { assign: 'met' } },
  { name: 'assigned too late', terms: all, life: ['08:00 customer', '08:20 assign:lan'], ends: { assign: 'breached 08:15' } },
  {
    name: 'given back: the first assignment was made',
    terms: all,
    life: ['08:00 customer', '08:10 assign:lan', '08:20 assign:nobody'],
    ends: { assign: 'met' },
  },

  // Rule 5: next response
  {
    name: 'starts with the next message',
    terms: mail4,
    life: ['08:00 customer', '09:00 reply', '10:00 customer'],
    ends: { nrt: 'due 14:00' },
  },
  {
    name: 'the oldest unanswered message counts',
    terms: mail4,
    life: ['08:00 customer', '09:00 reply', '10:00 customer', '11:00 customer'],
    ends: { nrt: 'due 14:00' },
  },
  { name: 'met by a reply', terms: mail4, life: ['08:00 customer', '09:00 reply', '10:00 customer', '10:30 reply'], ends: { nrt: 'met' } },
  {
    name: 'met by "no reply needed"',
    terms: mail4,
    life: ['08:00 customer', '09:00 reply', '10:00 customer', '10:30 noReply'],
    ends: { nrt: 'met' },
  },
  {
    name: 'a new one after that starts anew',
    terms: mail4,
    life: ['08:00 customer', '09:00 reply', '10:00 customer', '10:30 noReply', '11:00 customer'],
    ends: { nrt: 'due 15:00' },
  },
  {
    name: 'none starts while the first response is still owed, however late',
    terms: mail4,
    life: ['08:00 customer', '12:30 customer'],
    ends: { frt: 'breached 12:00', nrt: 'none' },
  },

  // Rule 6: resolution
  { name: 'runs from the beginning', terms: rt('8h'), life: ['08:00 customer'], ends: { rt: 'due 16:00' } },
  { name: 'pauses while the customer is waited for', terms: rt('8h'), life: ['08:00 customer', '08:30 reply'], ends: { rt: 'paused 30m' } },
  {
    name: 'their message resumes it',
    terms: rt('8h'),
    life: ['08:00 customer', '08:30 reply', '20:00 customer'],
    ends: { rt: 'due 24 03:30' },
  },
  {
    name: 'paused over lunch and night uses nothing',
    terms: rt('8h', { calendar: office }),
    life: ['11:00 customer', '11:30 reply', '24 09:00 customer', '24 10:00 reply'],
    ends: { rt: 'paused 90m' },
  },
  {
    name: 'a third party pauses it where the policy says so',
    terms: rt('8h', { thirdPartyPauses: true }),
    life: ['08:00 customer', '09:00 status:waiting_third_party'],
    ends: { rt: 'paused 1h' },
  },
  {
    name: 'and does not where it does not',
    terms: rt('8h'),
    life: ['08:00 customer', '09:00 status:waiting_third_party'],
    ends: { rt: 'due 16:00' },
  },
  {
    name: 'an agent’s own change of state resumes it',
    terms: rt('8h'),
    life: ['08:00 customer', '08:30 reply', '12:00 status:open'],
    ends: { rt: 'due 19:30' },
  },

  // Rule 9: resolved
  { name: 'resolved in time', terms: rt('8h'), life: ['08:00 customer', '08:30 reply', '09:00 close'], ends: { rt: 'met' } },
  {
    name: 'resolved too late',
    terms: rt('2h'),
    life: ['08:00 customer', '11:00 close'],
    ends: { rt: 'breached 10:00', frt: 'breached 09:00' },
  },
  {
    name: 'a first response that was owed ends',
    terms: rt('8h'),
    life: ['08:00 customer', '08:30 close'],
    ends: { frt: 'cancelled', rt: 'met' },
  },
  {
    name: 'nothing is unanswered: nothing is owed',
    terms: rt('8h'),
    life: ['08:00 customer', '08:30 reply', '09:00 close'],
    ends: { nrt: 'none', frt: 'met' },
  },
  {
    name: 'what was asked and not answered stays owed',
    terms: rt('8h'),
    life: ['08:00 customer', '08:30 reply', '09:00 customer', '09:10 close'],
    ends: { nrt: 'due 10:00', rt: 'met' },
  },
  {
    name: 'unless the agent says that it needs none',
    terms: rt('8h'),
    life: ['08:00 customer', '08:30 reply', '09:00 customer', '09:10 closeNoReply'],
    ends: { nrt: 'met', rt: 'met' },
  },
  {
    name: 'and ends when the ticket is final',
    terms: { targets: { frt: '1h', nrt: '9d' } },
    life: ['08:00 customer', '08:30 reply', '09:00 customer', '09:10 close', '26 09:10 final'],
    ends: { nrt: 'cancelled' },
  },

  // Rule 10: reopened
  {
    name: 'an undone close gives the clocks back as they were',
    terms: rt('8h'),
    life: ['08:00 customer', '08:20 close', '08:20:30 reopen'],
    ends: { rt: 'due 16:00', frt: 'due 09:00' },
  },
  {
    name: 'also what stood still, until it is open again',
    terms: rt('8h'),
    life: ['08:00 customer', '08:20 reply', '08:30 close', '08:30:30 reopen'],
    ends: { rt: 'due 16:10:30' },
  },
  {
    name: 'reopened by the customer: what was used stays used',
    terms: rt('8h'),
    life: ['08:00 customer', '08:30 reply', '10:00 close', '24 08:00 customer'],
    ends: { rt: 'due 24 15:30', nrt: 'due 24 09:00' },
  },
  {
    name: 'but a quarter is left',
    terms: rt('4h'),
    life: ['08:00 customer', '11:50 close', '24 08:00 customer'],
    ends: { rt: 'due 24 09:00' },
  },
  {
    name: 'also after a breach',
    terms: rt('4h'),
    life: ['08:00 customer', '20:00 close', '24 08:00 customer'],
    ends: { rt: 'due 24 09:00' },
  },
  {
    name: 'reopened by a reply it waits for the customer at once',
    terms: rt('8h'),
    life: ['08:00 customer', '09:00 close', '24 08:00 reply'],
    ends: { rt: 'paused 1h' },
  },

  // Rule 11: other terms
  {
    name: 'a higher priority shortens what is left',
    terms: { targets: { frt: '4h' }, of: { urgent: { frt: '2h' } } },
    life: ['08:00 customer', '09:00 priority:urgent'],
    ends: { frt: 'due 10:00' },
  },
  {
    name: 'one whose new target is used up is due now, not before',
    terms: { targets: { frt: '4h' }, of: { urgent: { frt: '15m' } } },
    life: ['08:00 customer', '09:00 priority:urgent'],
    ends: { frt: 'due 09:00' },
  },
  {
    name: 'a lower priority never un-breaches',
    terms: { targets: { frt: '1h' }, of: { low: { frt: '9h' } } },
    life: ['08:00 customer', '09:30 priority:low'],
    ends: { frt: 'breached 09:00' },
  },
  {
    name: 'what stood still keeps its consumption',
    terms: { targets: { frt: '1h', rt: '8h' }, of: { high: { rt: '4h' } } },
    life: ['08:00 customer', '08:30 reply', '12:00 priority:high', '13:00 customer'],
    ends: { rt: 'due 16:30' },
  },
  {
    name: 'a target that the new terms do not have is owed no more',
    terms: { targets: { frt: '4h', rt: '8h' }, of: { low: { rt: '8h' } } },
    life: ['08:00 customer', '09:00 priority:low'],
    ends: { frt: 'due 12:00', rt: 'due 16:00' },
  },
  {
    name: 'another queue with the same terms changes nothing',
    terms: mail4,
    life: ['08:00 customer', '09:00 queue:warranty'],
    ends: { frt: 'due 12:00' },
  },

  // Rule 12: offline
  {
    name: 'a reply counts when the hub accepts it',
    terms: mail4,
    life: ['08:00 customer', '13:00 reply'],
    ends: { frt: 'breached 12:00' },
  },
  { name: 'a call note counts from the call', terms: mail4, life: ['08:00 customer', '11:59 answered:1h'], ends: { frt: 'met' } },
  {
    name: 'unless the breach is recorded by then',
    terms: mail4,
    life: ['08:00 customer', '13:00 answered:2h'],
    ends: { frt: 'breached 12:00' },
  },
];
