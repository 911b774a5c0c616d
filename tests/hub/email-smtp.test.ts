import { Readable } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { composeMail, type OutgoingMail } from '../../server/src/channels/email/compose.ts';
import { sendMail, type SmtpServer } from '../../server/src/channels/email/smtp.ts';
import { type Script, type SmtpPeer, startSmtpPeer } from '../harness/smtp-peer.ts';

let peer: SmtpPeer;
afterEach(() => peer.stop());

const message = (over: Partial<OutgoingMail> = {}) =>
  composeMail({
    messageId: 'out-1@shop.test',
    from: { address: 'cskh@shop.test', name: null },
    to: [{ address: 'lan@khach.test', name: null }],
    cc: [],
    replyTo: null,
    bounces: 'bounce+1.aaaaaaaa@shop.test',
    subject: 'Re: x',
    text: 'xin chào',
    files: [],
    inReplyTo: null,
    references: [],
    automatic: false,
    loopDomain: 'shop.test',
    date: 0,
    dkim: null,
    ...over,
  });

async function outcome(script: Script, over: Partial<OutgoingMail> = {}, server: Partial<SmtpServer> = {}) {
  peer = await startSmtpPeer(script);
  const { outcome: became } = await sendMail(
    { host: '127.0.0.1', port: peer.port, security: 'none', auth: { user: 'cskh', password: 'x' }, timeoutMs: 400, ...server },
    message(over),
  );
  return became;
}
const large = {
  files: [{ id: 'f', name: 'a.bin', type: 'application/octet-stream', size: 3e6, open: () => Readable.from([Buffer.alloc(3e6, 7)]) }],
};

const nothingTaken: [string, Script][] = [
  ['no greeting', { greeting: null }],
  ['a line cut at the greeting', { greeting: 'drop' }],
  ['a server that is closing', { greeting: { end: '421 4.3.2 closing' } }],
  ['a line cut at EHLO', { ehlo: 'drop' }],
  ['silence at the sign-in', { auth: null }],
  ['a sign-in that fails for now', { auth: '454 4.7.0 temporary authentication failure' }],
  ['a line cut at MAIL FROM', { mail: 'drop' }],
  ['a sender that is slowed down', { mail: '451 4.7.1 slow down' }],
  ['a line cut at RCPT TO', { rcpt: () => 'drop' }],
  ['silence at DATA', { data: null }],
  ['a line cut at DATA', { data: 'drop' }],
];
test.each(nothingTaken)('%s: nothing was taken, all that waits goes later', async (_, script) => {
  expect(await outcome(script)).toMatchObject({ state: 'later', everyone: true });
});

const answered: [string, Script, object][] = [
  ['a recipient for now', { rcpt: () => '450 4.2.1 busy' }, { state: 'later', everyone: false }],
  ['a recipient for good', { rcpt: () => '550 5.1.1 no such user' }, { state: 'failed', code: 'RECIPIENT_UNREACHABLE' }],
  ['a full mailbox', { rcpt: () => '552 5.2.2 over quota' }, { state: 'failed', code: 'RECIPIENT_UNREACHABLE' }],
  ['a recipient by policy', { rcpt: () => '550 5.7.1 relaying denied' }, { state: 'failed', code: 'NOT_ALLOWED' }],
  ['DATA for now', { data: '451 4.3.0 no' }, { state: 'later' }],
  ['the message for now', { done: '451 4.7.1 greylisted' }, { state: 'later', everyone: false }],
  ['the message, and closes', { done: { end: '421 4.3.0 shutting down' } }, { state: 'later' }],
  ['the message for good', { done: '554 5.7.1 spam' }, { state: 'failed', code: 'NOT_ALLOWED' }],
  ['the message as too large', { done: '552 5.3.4 too large' }, { state: 'failed', code: 'TOO_LONG' }],
  ['more than a day allows', { done: '550 5.4.5 daily user sending limit exceeded' }, { state: 'failed', code: 'QUOTA_USED_UP' }],
  ['the password', { auth: '535 5.7.8 bad credentials' }, { state: 'attention', code: 'SIGN_IN_AGAIN' }],
  ['the sender', { mail: '553 5.7.1 sender not owned by user' }, { state: 'attention', code: 'SETTINGS' }],
  ['everybody from here', { greeting: { end: '554 5.7.1 no service for you' } }, { state: 'attention', code: 'SETTINGS' }],
  [
    'its size, as announced',
    { ehlo: '250-peer\r\n250-AUTH PLAIN\r\n250 SIZE 10', mail: '552 5.3.4 too large' },
    { state: 'failed', code: 'TOO_LONG' },
  ],
];
test.each(answered)('the server refuses %s', async (_, script, expected) => {
  expect(await outcome(script)).toMatchObject(expected);
});

const perhapsTaken: [string, Script, Partial<OutgoingMail>][] = [
  ['a line cut within the message', { within: { bytes: 100_000, answer: 'drop' } }, large],
  ['silence within the message', { within: { bytes: 100_000, answer: null } }, large],
  ['a line cut after the message', { done: 'drop' }, {}],
  ['silence after the message', { done: null }, {}],
  ['a close without a word after the message', { done: { end: '' } }, {}],
];
test.each(perhapsTaken)('%s: the server may have it', async (_, script, over) => {
  expect(await outcome(script, over)).toMatchObject({ state: 'unknown' });
});

test('a file that breaks off ends nothing: what came of the message is no message', async () => {
  const open = () =>
    Readable.from(
      (async function* () {
        yield Buffer.alloc(200_000);
        throw new Error('the disk is gone');
      })(),
    );
  const files = [{ id: 'f', name: 'a', type: 'application/octet-stream', size: 1e6, open }];
  expect(await outcome({}, { files })).toEqual({ state: 'later', afterMs: null, everyone: false, reason: 'the disk is gone' });
  expect(peer.heard).toEqual([]);
});

test('some of several recipients: those that were refused are named', async () => {
  peer = await startSmtpPeer({ rcpt: (address) => (address.startsWith('minh') ? '550 5.1.1 unknown' : '250 ok') });
  const mail = message({ cc: [{ address: 'minh@khach.test', name: null }] });
  expect(await sendMail({ host: '127.0.0.1', port: peer.port, security: 'none', auth: null }, mail)).toEqual({
    outcome: { state: 'sent', id: 'out-1@shop.test' },
    refused: [{ address: 'minh@khach.test', code: 'RECIPIENT_UNREACHABLE', reason: '550 5.1.1 unknown' }],
  });
});

test('signs in with a token, and says so when it has run out', async () => {
  const auth = { user: 'cskh@shop.test', accessToken: 'token' };
  expect(await outcome({}, {}, { auth })).toMatchObject({ state: 'sent' });
  await peer.stop();
  expect(await outcome({ auth: '535 5.7.8 expired' }, {}, { auth })).toMatchObject({ state: 'attention', code: 'SIGN_IN_AGAIN' });
});

test('every try sends the same mail', async () => {
  peer = await startSmtpPeer({});
  const server: SmtpServer = { host: '127.0.0.1', port: peer.port, security: 'none', auth: null };
  await sendMail(server, message());
  await sendMail(server, message());
  const [first, second] = peer.heard.map((one) => one.replaceAll(/--_NmP[^\s";]+/g, '--b').replaceAll(/boundary="[^"]+"/g, 'boundary'));
  expect(first).toBe(second);
  expect(first).toContain('Message-ID: <out-1@shop.test>');
});
