/** A visitor who has left is answered by mail, once, and what they answer goes on where it was. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../harness/engine.ts';
import { header, MailDesk, mailChannel } from '../harness/mail-desk.ts';
import { setUpWidget, Visitor, vouch } from '../harness/visitor.ts';

let desk: MailDesk;
beforeAll(async () => {
  desk = await MailDesk.open();
  await continueAfter(300);
});
afterAll(() => desk?.stop());

const continueAfter = (afterMs: number) => setUpWidget(desk.hub, { continueByMail: { channelId: mailChannel, afterMs } });

async function chat(userId: string, email: string | null, text: string): Promise<{ visitor: Visitor; ticketId: string }> {
  const visitor = await new Visitor(desk.hub.url).open();
  await visitor.post('identify', { identity: vouch({ user_id: userId, name: userId, ...(email === null ? {} : { email }) }) });
  const messageId = await visitor.say(text);
  const [row] = await desk.hub.query<{ ticket_id: string }>('select ticket_id from message where id = $1', [messageId]);
  await until(async () => (await desk.thu.query('ticket.get', { ticketId: row!.ticket_id })) !== null);
  return { visitor, ticketId: row!.ticket_id };
}
const mailsOf = (ticketId: string) =>
  desk.hub.query<{ id: string; delivery: string; body: string; extra: { continues: string[] } }>(
    `select id, delivery, body, extra from message where ticket_id = $1 and channel = 'email' and kind = 'reply' order by accepted_at`,
    [ticketId],
  );
const openClocks = (ticketId: string) => desk.count('sla_clock where ticket_id = $1 and ended_at is null', ticketId);

test('answers that nobody reads go out once, together, and the answer to them comes back to the ticket', async () => {
  const { visitor, ticketId } = await chat('khach-roi-di', 'roidi@khach.test', 'Máy lạnh nhà em chảy nước');
  const one = await desk.thu.reply(ticketId, 'Dạ anh cho em xin địa chỉ ạ');
  const two = await desk.thu.reply(ticketId, 'Kỹ thuật qua được chiều nay');
  await until(async () => (await mailsOf(ticketId))[0]?.delivery === 'sent', 20_000);
  const [mail, ...others] = await mailsOf(ticketId);
  expect(others).toEqual([]);
  expect(mail!.extra.continues).toEqual([one, two]);
  const raw = desk.peer.heard.at(-1)!;
  expect(header(raw, 'To')).toContain('roidi@khach.test');
  expect(header(raw, 'Auto-Submitted')).not.toBe('');
  // Said again by chat it would be said twice; read now, it is not sent any more.
  expect((await visitor.messages()).map(({ body }) => body)).toHaveLength(3);
  const three = await desk.thu.reply(ticketId, 'Em gửi thêm lịch hẹn ạ');
  await until(async () => (await mailsOf(ticketId)).length === 2, 20_000);
  expect((await mailsOf(ticketId))[1]!.extra.continues).toEqual([three]);
  expect(await openClocks(ticketId)).toBe(0);

  await desk.deliver(
    [
      'From: roidi@khach.test',
      `To: ${header(raw, 'Reply-To')}`,
      'Subject: Re: lich hen',
      'Message-ID: <tra-loi-1@khach.test>',
      `In-Reply-To: ${header(raw, 'Message-ID')}`,
      '',
      'Chieu nay duoc nhe',
      '',
    ].join('\r\n'),
  );
  await until(async () => (await desk.count(`message where ticket_id = $1 and body like 'Chieu nay%'`, ticketId)) === 1);
  const [ticket] = await desk.hub.query<{ hops: number; channel: string; status: string }>(
    'select hops, channel, status from ticket where id = $1',
    [ticketId],
  );
  expect(ticket).toMatchObject({ hops: 1, channel: 'email', status: 'open' });
  expect(await openClocks(ticketId)).toBe(1);
});

test('what is read in time, or answered, is not sent; nor is anything to somebody whose address nobody knows', async () => {
  await continueAfter(2500);
  const { visitor, ticketId } = await chat('khach-doc', 'doc@khach.test', 'Em hỏi bảo hành');
  const answer = await desk.thu.reply(ticketId, 'Dạ còn bảo hành ạ');
  await until(async () => (await visitor.messages()).length === 2);
  await visitor.post('receipts', { delivered: [], read: [answer] });
  const unknown = await chat('khach-khong-thu', null, 'Em hỏi giá');
  await desk.thu.reply(unknown.ticketId, 'Dạ 9 triệu ạ');
  const left = await chat('khach-sau', 'sau@khach.test', 'Em đợi thư');
  await desk.thu.reply(left.ticketId, 'Dạ em gửi thư ạ');
  // Of three that were asked at the same time the last one has gone out: the others will not.
  await until(async () => (await mailsOf(left.ticketId)).length === 1, 20_000);
  await until(
    async () =>
      (await desk.count(
        `graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'continue'`,
      )) === 0,
    20_000,
  );
  expect(await mailsOf(ticketId)).toEqual([]);
  expect(await mailsOf(unknown.ticketId)).toEqual([]);
});

test('whose page is open is told by it, and by mail once they have left', async () => {
  await continueAfter(300);
  const { visitor, ticketId } = await chat('khach-dang-xem', 'dangxem@khach.test', 'Em mở sẵn trang');
  const page = new AbortController();
  const events = await visitor.ask(`events?token=${visitor.token}`, { signal: page.signal });
  await until(async () => (await desk.count('visitor where id = $1 and seen_at is not null', visitor.id)) === 1);
  await desk.thu.reply(ticketId, 'Dạ em đang tra đơn ạ');
  // It comes back to it again and again, and finds them there.
  const due = async () =>
    Number(
      (
        await desk.hub.query<{ at: string }>(
          'select extract(epoch from run_at) * 1000 as at from graphile_worker._private_jobs where key = $1',
          [`continue:${ticketId}`],
        )
      )[0]?.at ?? 0,
    );
  let last = 0;
  for (let turns = 0; turns < 4; turns += 1) {
    await until(async () => (await due()) > last, 20_000);
    last = await due();
  }
  expect(await mailsOf(ticketId)).toEqual([]);
  page.abort();
  await events.body?.cancel().catch(() => undefined);
  await until(async () => (await mailsOf(ticketId)).length === 1, 20_000);
});

test('a hub that stops in between has not forgotten it, and does not do it twice', async () => {
  await continueAfter(1500);
  const { ticketId } = await chat('khach-mat-dien', 'matdien@khach.test', 'Em chờ báo giá');
  const answer = await desk.thu.reply(ticketId, 'Dạ 12 triệu ạ');
  await until(
    async () => (await desk.count(`graphile_worker._private_jobs where key = $1 and run_at > now()`, `continue:${ticketId}`)) === 1,
    20_000,
  );
  await desk.hub.down();
  await desk.hub.up();
  await until(async () => (await mailsOf(ticketId))[0]?.delivery === 'sent', 20_000);
  await desk.hub.restart();
  await desk.hub.query(`select graphile_worker.add_job('continue', json_build_object('ticketId', $1::text), job_key := 'again')`, [
    ticketId,
  ]);
  await until(async () => (await desk.count(`graphile_worker._private_jobs where key = 'again'`)) === 0, 20_000);
  expect((await mailsOf(ticketId)).map(({ extra }) => extra.continues)).toEqual([[answer]]);
  expect(desk.peer.heard.filter((raw) => header(raw, 'To').includes('matdien'))).toHaveLength(1);
});
