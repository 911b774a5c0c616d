import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sample } from '../../../../tests/harness/samples.ts';
import { Unreadable } from '../inbound.ts';
import { callOf, follow, givenUpAfterMs, type Leg, rootOf } from './calls.ts';
import { type CallEvent, readCall } from './read.ts';

const form = 'application/x-www-form-urlencoded';
const linesOf = (name: string): CallEvent[] =>
  sample(name)
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => readCall(form, Buffer.from(line))!);
const json = (value: unknown) => readCall('application/json; charset=utf-8', Buffer.from(JSON.stringify(value)));

/** Events one second apart, and the call of the first of them. */
function play(events: CallEvent[], now = 1_000_000): ReturnType<typeof callOf> {
  const legs = new Map<string, Leg>();
  events.forEach((event, index) => legs.set(event.callId, follow(legs.get(event.callId) ?? null, event, (index + 1) * 1000)));
  return callOf(rootOf(legs, events[0]!.callId), [...legs.values()], now);
}
const told = (event: CallEvent['event'], callId: string, more: Partial<CallEvent> = {}): CallEvent => ({
  event,
  callId,
  origCallId: null,
  direction: 'in',
  from: '0912345678',
  to: '19001234',
  users: [],
  queue: null,
  cause: null,
  ...more,
});

test('a call that is taken: shown to both, then to nobody; talk from answer to hang-up', () => {
  const [ring] = linesOf('cti_01_newcall_in.txt');
  expect(ring).toEqual({
    event: 'ring',
    callId: '9f1c2a7e-01',
    origCallId: null,
    direction: 'in',
    from: '84912345678',
    to: '842873001234',
    users: ['Mai', 'Hùng'],
    queue: 'cskh',
    cause: null,
  });
  const [answer] = linesOf('cti_02_answer.txt');
  const [hangup] = linesOf('cti_03_hangup.txt');
  expect(play([ring!])).toMatchObject({ state: 'ringing', outcome: null, ringing: ['Mai', 'Hùng'], queue: 'cskh' });
  expect(play([ring!, answer!], 5000)).toMatchObject({ state: 'talking', outcome: null, ringing: [], answeredBy: 'Mai', talkMs: 3000 });
  expect(play([ring!, answer!, hangup!])).toMatchObject({
    state: 'ended',
    outcome: 'answered',
    talkMs: 1000,
    endedAt: 3000,
    startedAt: 1000,
  });
});

test('nobody takes it: missed', () => {
  expect(play(linesOf('cti_04_missed.txt'))).toMatchObject({ outcome: 'missed', from: '0912345678', answeredBy: null, talkMs: 0 });
});

test('forwarded to a machine: one call, missed, with a voicemail', () => {
  const events = linesOf('cti_06_forward_voicemail.txt');
  // In between it is not over.
  expect(play(events.slice(0, 2))).toMatchObject({ state: 'ringing', outcome: null });
  expect(play(events)).toMatchObject({ callId: 'v1', outcome: 'voicemail', answeredBy: null, talkMs: 0, state: 'ended' });
});

test('our own calls, and keys that are pressed', () => {
  expect(readCall('application/json', sample('cti_10_zammad_json.json'))).toMatchObject({
    event: 'ring',
    direction: 'out',
    users: ['Mai'],
  });
  expect(readCall(form, Buffer.from('event=dtmf&callId=1&dtmf=5'))).toBeNull();
});

test('a group that rings: missed only when nobody took any leg', () => {
  const ring = ['a', 'b', 'c'].map((leg) => told('ring', leg, { users: [leg], origCallId: leg === 'a' ? null : 'a' }));
  const others = ['a', 'c'].map((leg) => told('hangup', leg, { cause: 'cancel' }));
  expect(play([...ring, told('answer', 'b', { users: ['b'] }), ...others], 8000)).toMatchObject({ state: 'talking', outcome: null });
  expect(play([...ring, told('answer', 'b', { users: ['b'] }), ...others, told('hangup', 'b', { cause: 'normalClearing' })])).toMatchObject(
    {
      outcome: 'answered',
      answeredBy: 'b',
    },
  );
  expect(play([...ring, ...others, told('hangup', 'b', { cause: 'noAnswer' })])).toMatchObject({ outcome: 'missed' });
});

test('handed from one to another: one call, the talk of both, the last one who took it', () => {
  const events = [
    told('ring', '1', { users: ['Mai'] }),
    told('answer', '1', { users: ['Mai'] }),
    told('hangup', '1', { cause: 'forwarded' }),
    told('ring', '2', { users: ['Hùng'], origCallId: '1' }),
    told('answer', '2', { users: ['Hùng'] }),
    told('hangup', '2', { cause: 'normalClearing' }),
  ];
  expect(play(events)).toMatchObject({ callId: '1', outcome: 'answered', answeredBy: 'Hùng', talkMs: 2000, endedAt: 6000 });
});

test('an answer without its beginning is a call; one of which nothing more is heard is given up', () => {
  expect(play([told('answer', '1', { users: ['Mai'], direction: null })], 3000)).toMatchObject({ state: 'talking', direction: 'in' });
  expect(play([told('ring', '1')], 1000 + givenUpAfterMs)).toMatchObject({ state: 'ended', outcome: 'unknown' });
  expect(play([told('ring', '1')], 999 + givenUpAfterMs)).toMatchObject({ state: 'ringing' });
  const forwarded = [told('ring', '1'), told('hangup', '1', { cause: 'forwarded' })];
  expect(play(forwarded, 2000 + givenUpAfterMs)).toMatchObject({ outcome: 'unknown' });
});

test('a circle of legs is a call as well', () => {
  const legs = new Map([
    ['a', { origCallId: 'b' }],
    ['b', { origCallId: 'a' }],
  ]);
  expect(['a', 'b']).toContain(rootOf(legs, 'a'));
});

test('told twice, or in another order: the same outcome', () => {
  const events = [
    told('ring', '1', { users: ['Mai'] }),
    told('answer', '1', { users: ['Mai'] }),
    told('hangup', '1', { cause: 'forwarded' }),
    told('ring', '2', { users: ['Hùng'], origCallId: '1' }),
    told('answer', '2', { users: ['Hùng'], origCallId: '1' }),
    told('hangup', '2', { cause: 'normalClearing', origCallId: '1' }),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray([...events, ...events.slice(0, 3)], { minLength: 9 }), (order) => {
      const legs = new Map<string, Leg>();
      for (const event of order) legs.set(event.callId, follow(legs.get(event.callId) ?? null, event, 1000));
      const { callId, outcome, state } = callOf(rootOf(legs, '2'), [...legs.values()], 2000);
      expect({ callId, outcome, state }).toEqual({ callId: '1', outcome: 'answered', state: 'ended' });
    }),
  );
});

test('Placetel, and the documentation of Zammad by its letter', () => {
  expect(json({ event: 'IncomingCall', call_id: 'p1', from: '0912', to: '19001234', peer: '200' })).toMatchObject({
    event: 'ring',
    callId: 'p1',
    direction: 'in',
    users: ['200'],
  });
  expect(json({ event: 'HungUp', call_id: 'p1', type: 'missed' })).toMatchObject({ event: 'hangup', cause: 'cancel', direction: null });
  expect(json({ event: 'HungUp', call_id: 'p1', type: 'voicemail' })).toMatchObject({ cause: 'voicemail' });
  expect(json({ event: 'answer', callId: 7, caller: 'Mai' })).toMatchObject({ callId: '7', users: ['Mai'] });
  expect(json({ event: 'hangup', callId: '1', cause: 'whatever' })).toMatchObject({ cause: 'unknown' });
});

test('nothing in a name reaches what objects are made of', () => {
  expect(readCall(form, Buffer.from('__proto__[polluted]=1&event=newCall&callId=1&constructor=x'))).toMatchObject({ event: 'ring' });
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  const nested = readCall('application/json', Buffer.from('{"__proto__":{"callId":"x"},"event":"newCall","callId":"1"}'));
  expect(nested).toMatchObject({ callId: '1' });
});

test.each([
  [form, ''],
  [form, 'event=newCall'],
  [form, 'event=flood&callId=1'],
  [form, `event=newCall&callId=${'1'.repeat(251)}`],
  ['application/json', '{'],
  ['application/json', '[]'],
  ['application/json', 'null'],
])('can not be read: %s %s', (type, body) => expect(() => readCall(type, Buffer.from(body))).toThrow(Unreadable));
