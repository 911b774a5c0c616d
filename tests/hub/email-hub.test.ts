/** Mails of all kinds, out of a real mailbox: what becomes of them in the database, on a console, and on their way back. */
import { createHash } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../src/shared/domain.ts';
import { TestConsole, until } from '../harness/engine.ts';
import { header, MailDesk, mailChannel, type MailRow, shopAddress } from '../harness/mail-desk.ts';
import { mailUsers } from '../harness/mail-servers.ts';
import { sample } from '../harness/samples.ts';
import { knownAs } from '../harness/vendors.ts';
import { wire } from '../harness/wire.ts';

let desk: MailDesk;
/** CS-1042: a customer's mail, and our answer to it */
let ticketId: string;
let answerId: string;
let answer: string;
beforeAll(async () => {
  desk = await MailDesk.open();
  const first = await desk.received('q0@khach.test', mail('q0@khach.test', { Subject: 'Đổi hàng' }, 'Cho em đổi áo.'));
  ticketId = first.ticket_id;
  await desk.hub.query('update ticket set number = 900000 where number = 1042');
  await desk.hub.query('update ticket set number = 1042 where id = $1', [ticketId]);
  ({ messageId: answerId, raw: answer } = await desk.answer(ticketId, 'Chị gửi giúp em ảnh ạ'));
  await knownAs(desk.hub, mailChannel, 'out-1042-1@shop.test', answerId, mailUsers.lan, Date.now());
});
afterAll(() => desk?.stop());

function mail(id: string, fields: Record<string, string> = {}, body = 'xin chào'): string {
  const all = {
    From: `"Tran Lan" <${mailUsers.lan}>`,
    To: shopAddress,
    Subject: 'Hỏi',
    'Message-ID': `<${id}>`,
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    ...fields,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== '');
  return `${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}\r\n`;
}

/** A sample of its own: the samples share ids with what other tests deliver. */
const received = (name: string, id: string): Promise<MailRow> => desk.received(id, sample(name));
const clocks = () => desk.count('sla_clock where ticket_id = $1', ticketId);
const alone = async (row: MailRow) => expect(await desk.count('message where ticket_id = $1', row.ticket_id)).toBe(1);

test('the answer went out as a mail that answers can find their way by', async () => {
  expect(header(answer, 'In-Reply-To')).toBe('<q0@khach.test>');
  expect(header(answer, 'References')).toBe('<q0@khach.test>');
  expect(header(answer, 'Message-ID')).toMatch(/^<out-[0-9a-f-]{36}@shop\.test>$/);
  expect(header(answer, 'Reply-To')).toMatch(/^cskh\+CS-1042\.[a-z2-7]{8}@shop\.test$/);
  expect(header(answer, 'X-CS-Loop')).toBe('shop.test');
  expect(header(answer, 'Auto-Submitted')).toBe('');
  expect(
    decodeURIComponent(
      header(answer, 'Subject')
        .replaceAll('=?UTF-8?Q?', '')
        .replaceAll(/\?=\s*/g, '')
        .replaceAll('=', '%')
        .replaceAll('_', ' '),
    ),
  ).toBe('Re: [#CS-1042] Đổi hàng');
});

describe('the samples', () => {
  test('eml_01: joins by In-Reply-To; what was quoted is told apart and not removed', async () => {
    const row = await received('eml_01_vi_gmail_reply.eml', 'r1@khach.test');
    expect(row.ticket_id).toBe(ticketId);
    expect(row.body.slice(0, row.extra.mail!.quotedFrom!).trim()).toBe('Dạ em gửi lại ảnh ạ.');
    expect(row.body).toContain('đã viết:');
    expect(await desk.thu.query('ticket.get', { ticketId })).toMatchObject({ status: 'open', channel: 'email' });
  });

  test('eml_02: windows-1258, composed, and found by a search', async () => {
    const row = await received('eml_02_vi_windows1258_qp.eml', 'w1258@khach.test');
    expect(row.body.split('\n')[0]).toBe('Chào shop, tôi muốn đổi trả sản phẩm vì bị lỗi đường may.');
    expect(row.subject).toBe('Đổi trả');
    const filter = { channel: null, queueId: null, assignee: null, tag: null, from: null, until: null, settled: null };
    const found = await desk.ask('thu', 'search', { method: 'POST', body: { text: 'đổi trả', filter, limit: 100 } });
    expect(((await found.json()) as { hits: { ticketId: string }[] }).hits.map((hit) => hit.ticketId)).toContain(row.ticket_id);
    await alone(row);
  });

  test('eml_04: TCVN3 that nobody named', async () => {
    const row = await received('eml_04_vi_tcvn3_unlabelled.eml', 'tcvn@khach.test');
    expect(row.body).toContain('tôi muốn đổi trả sản phẩm');
    expect(row.extra.mail!.warnings).toContain('charset-guessed');
    const raw = await desk.ask('thu', `messages/${row.id}/raw`);
    expect(raw.headers.get('content-disposition')).toContain('.eml');
    // Dovecot ends every line as the standard says.
    const plain = (bytes: Buffer) => bytes.toString('latin1').replaceAll('\r\n', '\n').trim();
    expect(plain(Buffer.from(await raw.arrayBuffer()))).toBe(plain(sample('eml_04_vi_tcvn3_unlabelled.eml')));
  });

  test('eml_07: broken base64 is kept as far as it goes', async () => {
    const row = await received('eml_07_base64_errors.eml', 'b64@khach.test');
    expect(row.extra.mail!.warnings).toContain('decode');
    expect(row.body.length).toBeGreaterThan(5);
  });

  test('eml_09: without a Message-ID it is there once, also when it comes again; the answer names nothing', async () => {
    const before = await desk.count('message');
    await desk.deliver(sample('eml_09_missing_message_id.eml'), sample('eml_09_missing_message_id.eml'));
    expect(await desk.count('message')).toBe(before + 1);
    const [row] = await desk.hub.query<{ ticket_id: string }>(`select ticket_id from message where body like 'Thư từ máy scan%'`);
    const { raw } = await desk.answer(row!.ticket_id, 'Dạ vâng');
    expect([header(raw, 'In-Reply-To'), header(raw, 'References')]).toEqual(['', '']);
  });

  test('eml_11: an automatic answer joins what is settled, and nothing more happens', async () => {
    const seen = await desk.thu.query('ticket.get', { ticketId });
    await desk.thu.mutate('ticket.close', { ticketId, seenInboundId: seen!.lastInboundId, disposition: 'Xong' });
    await desk.thu.drained();
    const [before, running] = [await desk.ticket(ticketId), await clocks()];
    expect(before['status']).toBe('resolved');
    const row = await received('eml_11_auto_reply.eml', 'ar1@khach.test');
    expect(row).toMatchObject({ ticket_id: ticketId, body: 'Tôi đang nghỉ phép.', extra: { automatic: true } });
    const after = await desk.ticket(ticketId);
    for (const field of ['status', 'resolved_at', 'unanswered_since', 'last_inbound_id', 'last_reply_id', 'sla_due_at'])
      expect([field, after[field]]).toEqual([field, before[field]]);
    expect(await clocks()).toBe(running);
  });

  test('eml_12: out of office by Exchange', async () => {
    const row = await received('eml_12_exchange_ooo.eml', 'ooo@khach.test');
    expect(row.extra.automatic).toBe(true);
    expect(await desk.ticket(row.ticket_id)).toMatchObject({ unanswered_since: null });
  });

  test('eml_13: it came back: the answer has failed, the ticket says so, the address is marked until its owner writes', async () => {
    const before = await desk.count(`message where kind = 'inbound'`);
    const tickets = await desk.count('ticket');
    const sent = desk.peer.heard.length;
    await desk.deliver(sample('eml_13_dsn_failed.eml'));
    expect(await desk.delivery(answerId)).toEqual({ delivery: 'failed', delivery_error: 'BOUNCED' });
    expect(await desk.count(`message where kind = 'inbound'`)).toBe(before);
    expect(await desk.count('ticket')).toBe(tickets);
    const state = () => desk.count(`identity where kind = 'email' and value = $1 and state = 'unreachable'`, mailUsers.lan);
    expect(await state()).toBe(1);
    const notes = async () => (await desk.thu.timeline(ticketId)).filter((one) => one.kind === 'system').map(({ body }) => body);
    await until(async () => (await notes()).length > 0);
    expect(await notes()).toEqual([expect.stringContaining('lan@khach.test bị trả lại (5.1.1')]);
    expect(desk.peer.heard.length).toBe(sent);
    await desk.received('alive@khach.test', mail('alive@khach.test'));
    expect(await state()).toBe(0);
  });

  test('eml_16: hostile HTML: text, and a frame in which nothing runs or loads', async () => {
    const row = await received('eml_16_html_hostile.eml', 'html@khach.test');
    expect(row.body).toContain('Chào shop');
    expect(row.extra.mail!.html).toBe(true);
    const frame = await desk.ask('thu', `messages/${row.id}/html`);
    const html = await frame.text();
    expect(frame.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(frame.headers.get('content-security-policy')).toContain('sandbox');
    expect(html).not.toMatch(/<script|<base|<meta http-equiv|<form|<iframe|javascript:|\son\w+=|position|\ssrc="http|\.evil\.test\/bg/i);
    expect(html).toContain('data-mismatch');
    // Hòa does not serve this queue.
    for (const what of ['html', 'raw']) expect((await desk.ask('hoa', `messages/${row.id}/${what}`)).status).toBe(404);
    expect((await desk.ask('thu', `messages/${uuid()}/html`)).status).toBe(404);
  });

  test('a picture that lies elsewhere is fetched by the hub: what the mail points to, and nothing inside the house', async () => {
    const inside = 'http://169.254.169.254/latest/meta-data?a=1&b=2';
    const row = await desk.received(
      'anh-xa@khach.test',
      mail(
        'anh-xa@khach.test',
        { 'Content-Type': 'text/html; charset=utf-8' },
        `<p>Ảnh</p><img src="${inside.replace('&', '&amp;')}" width="90" height="90"><img src="http://localhost:1/x.png" width="90" height="90">`,
      ),
    );
    const picture = (key: 'thu' | 'hoa', url: string) => desk.ask(key, `messages/${row.id}/image?url=${encodeURIComponent(url)}`);
    for (const url of [inside, 'http://localhost:1/x.png']) {
      const refused = await picture('thu', url);
      expect([refused.status, ((await refused.json()) as { field: string }).field]).toEqual([422, 'url']);
    }
    expect((await picture('thu', 'https://example.com/other.png')).status).toBe(404);
    expect((await picture('thu', 'file:///etc/passwd')).status).toBe(400);
    expect((await desk.ask('hoa', `messages/${row.id}/image?url=${encodeURIComponent(inside)}`)).status).toBe(404);
    expect((await desk.ask('thu', `messages/${row.id}/text?as=ebcdic`)).status).toBe(400);
    expect(await (await desk.ask('thu', `messages/${row.id}/text?as=utf-8`)).json()).toMatchObject({ body: 'Ảnh' });
  });

  test('eml_17: winmail.dat is kept as a file', async () => {
    const row = await received('eml_17_winmail_dat.eml', 'tnef@khach.test');
    expect(row.body.trim()).toBe('Xem đính kèm');
    expect(row.extra.media).toEqual([expect.objectContaining({ name: 'winmail.dat', state: 'ready' })]);
    const file = await desk.ask('thu', `files/${row.extra.media![0]!.attachmentId}`);
    expect(
      createHash('sha256')
        .update(Buffer.from(await file.arrayBuffer()))
        .digest('hex'),
    ).toBe(createHash('sha256').update(Buffer.from('eJ8+IgEAAQaQCAAEAAAA', 'base64')).digest('hex'));
  });

  test('eml_18: signed: the text, and no file of the signature', async () => {
    const row = await received('eml_18_smime_signed.eml', 'sm@khach.test');
    expect(row.body.trim()).toBe('Thư đã ký');
    expect(row.extra.media ?? []).toEqual([]);
  });

  test('eml_20: our own mail come back leaves nothing', async () => {
    const before = [await desk.count('message'), await desk.count('ticket'), await desk.count(`inbound_event where state = 'done'`)];
    await desk.deliver(sample('eml_20_own_loop.eml'));
    expect([await desk.count('message'), await desk.count('ticket'), await desk.count(`inbound_event where state = 'done'`)]).toEqual([
      before[0],
      before[1],
      before[2]! + 1,
    ]);
  });

  test('eml_23: cut off: text and file are there as far as they came', async () => {
    const row = await received('eml_23_truncated_mime.eml', 'trunc@khach.test');
    expect(row.body.trim()).toBe('phần còn lại bị cắt');
    expect(row.extra.mail!.warnings).toContain('truncated');
    expect(row.extra.media).toEqual([expect.objectContaining({ name: 'a.png', state: 'ready' })]);
  });

  test('eml_24: a plus address that somebody made up opens a ticket of its own; ours joins', async () => {
    const forged = await received('eml_24_plus_address_reply.eml', 'pa@khach.test');
    expect(forged.ticket_id).not.toBe(ticketId);
    const to = header(answer, 'Reply-To');
    const joined = await desk.received('pa2@khach.test', mail('pa2@khach.test', { From: 'em-gai@khach.test', To: to, Subject: 'x' }));
    expect(joined.ticket_id).toBe(ticketId);
    // The same signature for another ticket.
    const other = await desk.received('pa3@khach.test', mail('pa3@khach.test', { To: to.replace('1042', '1') }));
    expect(other.ticket_id).not.toBe(ticketId);
    await alone(other);
  });

  test('eml_27: empty', async () => {
    const row = await received('eml_27_empty.eml', 'empty@khach.test');
    expect([row.subject, row.body.trim()]).toEqual(['(không có tiêu đề)', '']);
  });

  test('eml_28: a file of 30 MB is named and left out, the text is here', async () => {
    const line = `${Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQR').toString('base64')}\r\n`;
    const big = mail(
      'big-30@khach.test',
      { 'Content-Type': 'multipart/mixed; boundary=q' },
      `--q\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nfile to\r\n--q\r\nContent-Type: application/octet-stream; name=big.bin\r\n` +
        `Content-Disposition: attachment; filename=big.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n${line.repeat(Math.ceil((30 * 1024 * 1024) / 54))}--q--`,
    );
    const row = await desk.received('big-30@khach.test', big);
    expect(row.body.trim()).toBe('file to');
    expect(row.extra.media).toEqual([expect.objectContaining({ name: 'big.bin', attachmentId: null, state: 'failed' })]);
    expect(row.extra.mail!.warnings).toContain('file-too-large');
  });
});

describe('rules that no sample covers', () => {
  test('a number in the subject: from who belongs to the ticket it counts, from a stranger it does not', async () => {
    const Subject = 'về đơn [#CS-1042]';
    const ours = await desk.received('tok1@khach.test', mail('tok1@khach.test', { Subject }));
    expect(ours.ticket_id).toBe(ticketId);
    const bare = await desk.received('tok2@khach.test', mail('tok2@khach.test', { Subject: 'về đơn [#1042]' }));
    expect(bare.ticket_id).toBe(ticketId);
    const stranger = await desk.received('tok3@la.test', mail('tok3@la.test', { Subject, From: 'ke-la@la.test' }));
    expect(stranger.ticket_id).not.toBe(ticketId);
    await alone(stranger);
  });

  test('siblings: two answers to a mail that never came here are one ticket', async () => {
    const References = '<never@khach.test>';
    const one = await desk.received('sib1@khach.test', mail('sib1@khach.test', { References }));
    const two = await desk.received('sib2@khach.test', mail('sib2@khach.test', { References, From: 'anh-ba@khach.test' }));
    expect(two.ticket_id).toBe(one.ticket_id);
    // What they answer comes at last.
    const late = await desk.received('never@khach.test', mail('never@khach.test'));
    expect(late.ticket_id).toBe(one.ticket_id);
  });

  test('one Message-ID for two mails: both are kept, the second is flagged; told again, nothing is new', async () => {
    const first = await desk.received('dup@khach.test', mail('dup@khach.test', {}, 'bản một'));
    expect(first.extra.mail!.warnings).toEqual([]);
    await desk.deliver(mail('dup@khach.test', {}, 'bản hai'), mail('dup@khach.test', {}, 'bản một'));
    const rows = await desk.hub.query<MailRow>(`select body, extra from message where body like 'bản %' order by accepted_at`);
    expect(rows.map((row) => [row.body.trim(), row.extra.mail!.warnings])).toEqual([
      ['bản một', []],
      ['bản hai', ['same-id']],
    ]);
  });

  test('a colleague who writes from our own domain is a sender like any other', async () => {
    const row = await desk.received('kho@shop.test', mail('kho@shop.test', { From: 'kho@shop.test' }));
    await alone(row);
    expect(row.extra.mail!.from).toEqual({ address: 'kho@shop.test', name: '' });
  });

  test('a text beyond what a message holds is cut, and whole as a file', async () => {
    const text = Array.from({ length: 3000 }, (_, index) => `dòng thứ ${index}`).join('\r\n');
    const row = await desk.received('long@khach.test', mail('long@khach.test', {}, text));
    expect(row.body).toHaveLength(limits.messageLength);
    const file = await desk.ask('thu', `files/${row.extra.media![0]!.attachmentId}`);
    expect((await file.text()).trim()).toBe(text.replaceAll('\r\n', '\n'));
  });

  test('a delay is a note, and the answer stays sent', async () => {
    const { messageId, raw } = await desk.answer(ticketId, 'Em đã nhận ảnh');
    const to = /bounce\+[^>]+|cskh\+[0-9a-f]{8}-[^>\s]+/.exec(raw)?.[0] ?? shopAddress;
    const report = sample('eml_13_dsn_failed.eml')
      .toString()
      .replace('dsn1@', 'dsn2@')
      .replace('Action: failed', 'Action: delayed')
      .replace('Status: 5.1.1', 'Status: 4.4.1')
      .replace('<out-1042-1@shop.test>', header(raw, 'Message-ID'))
      .replace('bounce+out-1042-1@shop.test', to);
    await desk.deliver(report);
    expect(await desk.delivery(messageId)).toEqual({ delivery: 'sent', delivery_error: null });
    expect(await desk.count(`message where kind = 'system' and ticket_id = $1 and body like '%đến chậm%'`, ticketId)).toBe(1);
  });

  test('a mail that nobody can read is set aside, kept, and tried again by an administrator; the next one is here', async () => {
    await desk.deliver('\r\n', mail('after@khach.test'));
    expect(await desk.message('after@khach.test')).toBeDefined();
    const told = await (await desk.ask('quan', 'channels/aside')).json();
    expect(told).toHaveProperty('items');
    const list = told as { items: { id: number; channelId: string; what: string }[] };
    const aside = list.items.find(({ channelId }) => channelId === mailChannel);
    expect(aside).toMatchObject({ what: 'mail', again: true });
    await desk.ask('quan', `channels/aside/${aside!.id}/retry`, { method: 'POST' });
    await until(async () => (await desk.count(`inbound_event where id = $1 and state = 'aside' and attempts = 1`, aside!.id)) === 1);
  });

  test('handled twice, after a crash between the message and its mark, it is there once, with its files once', async () => {
    const before = [await desk.count('message'), await desk.count('attachment'), await desk.count('mail_reference')];
    await desk.hub.query(`update inbound_event set state = 'new' where channel_id = $1 and state = 'done'`, [mailChannel]);
    // Its job is long done: each is taken up by the next thing of its thread, or by hand.
    await desk.hub.query(
      `select graphile_worker.add_job('inbound', json_build_object('channelId', channel_id, 'thread', thread))
       from (select distinct channel_id, thread from inbound_event where state = 'new') one`,
    );
    await desk.taken();
    expect([await desk.count('message'), await desk.count('attachment'), await desk.count('mail_reference')]).toEqual(before);
  });

  test('one mail in two mailboxes is in both; a wrong password is told once, and mended', async () => {
    const quan = await wire(desk.hub.url, 'quan');
    const [queue] = await desk.hub.query<{ queue_id: string }>(`select queue_id from channel where id = $1`, [mailChannel]);
    const args = { channelId: 'second-mail', kind: 'email', name: 'Hộp thư hai', queueId: queue!.queue_id, active: true, rules: null };
    expect(await quan.push('channel.save', args)).toMatchObject({ ok: true });
    quan.close();
    await desk.enter('second-mail', mailUsers.minh, {}, 'sai');
    const health = async () => (await desk.hub.query<{ health: string }>(`select health from channel where id = 'second-mail'`))[0]!.health;
    await until(async () => (await health()) === 'attention');
    const [account] = await desk.hub.query<{ state_reason: string }>(
      `select state_reason from channel_account where channel_id = 'second-mail'`,
    );
    expect(account!.state_reason).toMatch(/^SIGN_IN_AGAIN: IMAP: /);
    await desk.enter('second-mail', mailUsers.minh);
    const both = mail('both@khach.test', { To: `${shopAddress}, ${mailUsers.minh}` });
    await desk.servers.append(mailUsers.minh, both);
    await desk.deliver(both);
    await until(async () => (await desk.message('both@khach.test', 'second-mail')) !== undefined);
    expect(await health()).toBe('ok');
    const [here, there] = [await desk.message('both@khach.test'), await desk.message('both@khach.test', 'second-mail')];
    expect(here!.id).not.toBe(there!.id);
  });

  test('the connection that holds the locks breaks: they are taken again, and mail goes on coming', async () => {
    await desk.hub.query(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
       and database = (select oid from pg_database where datname = current_database())`,
    );
    expect(await desk.received('again@khach.test', mail('again@khach.test'))).toBeDefined();
  });

  test('an agent who does not serve the queue has none of it', async () => {
    const hoa = await (await new TestConsole(desk.hub.url).start()).signIn('hoa');
    expect(await hoa.timeline(ticketId)).toEqual([]);
    hoa.dispose();
  });
});
