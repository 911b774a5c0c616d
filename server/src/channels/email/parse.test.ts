import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { sample } from '../../../../tests/harness/samples.ts';
import { FileStore } from '../../files/store.ts';
import { type FileSink, noFiles, storeSink } from './files.ts';
import { type Mail, MailUnreadable } from './mail.ts';
import { type ParseOptions, parseMail, readAs } from './parse.ts';

/** Files in memory, by their place. */
class Sink implements FileSink {
  readonly kept = new Map<string, Buffer>();
  open = async (place: number) => {
    const chunks: Buffer[] = [];
    const id = `f${place}`;
    return {
      id,
      write: async (chunk: Buffer) => void chunks.push(Buffer.from(chunk)),
      finish: async () => void this.kept.set(id, Buffer.concat(chunks)),
      discard: async () => void (chunks.length = 0),
    };
  };
}

const read = (raw: Buffer | string, over: Partial<ParseOptions> = {}) =>
  parseMail(Readable.from([Buffer.from(raw)], { objectMode: false }), {
    mailbox: 'cskh',
    files: noFiles,
    ownDomains: ['shop.test'],
    ...over,
  });
const eml = (name: string, over?: Partial<ParseOptions>) => read(sample(name), over);
const mail = (headers: string, body: string | Buffer = '') =>
  Buffer.concat([Buffer.from(`From: lan@khach.test\r\nMessage-ID: <m@x>\r\n${headers}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
const visible = ({ text, quotedFrom }: Mail) => text.slice(0, quotedFrom ?? undefined).trim();

const dir = mkdtempSync(join(tmpdir(), 'truc-eml-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('samples', () => {
  test('01: an answer by Gmail in Vietnamese', async () => {
    const answer = await eml('eml_01_vi_gmail_reply.eml');
    expect(answer).toMatchObject({
      messageId: 'r1@khach.test',
      synthetic: false,
      inReplyTo: 'out-1042-1@shop.test',
      references: ['q0@khach.test', 'out-1042-1@shop.test'],
      from: { address: 'lan@khach.test', name: 'Tran Lan' },
      subject: 'Re: [#CS-1042] Đổi hàng',
      date: Date.UTC(2026, 10, 11, 13),
      automatic: null,
      warnings: [],
    });
    expect(visible(answer)).toBe('Dạ em gửi lại ảnh ạ.');
    expect(answer.text).toContain('đã viết:');
  });

  test('02: windows-1258 with combining tones', async () => {
    const { text, subject } = await eml('eml_02_vi_windows1258_qp.eml');
    expect(text.split('\n')[0]).toBe('Chào shop, tôi muốn đổi trả sản phẩm vì bị lỗi đường may.'.normalize('NFC'));
    expect(subject).toBe('Đổi trả'.normalize('NFC'));
  });

  test('04: TCVN3 that nobody labelled', async () => {
    const { text, warnings } = await eml('eml_04_vi_tcvn3_unlabelled.eml');
    expect(text).toBe('Chào shop, tôi muốn đổi trả sản phẩm vì bị lỗi đường may.\nCảm ơn!');
    expect(warnings).toEqual(['charset-guessed']);
  });

  test('07: base64 with rubbish in it', async () => {
    expect(await eml('eml_07_base64_errors.eml')).toMatchObject({ text: 'Nội dung base64 có ký tự rác', warnings: ['decode'] });
  });

  test('09: without a Message-ID it gets one of its own, the same each time', async () => {
    const [first, again, elsewhere] = await Promise.all([
      eml('eml_09_missing_message_id.eml'),
      eml('eml_09_missing_message_id.eml'),
      eml('eml_09_missing_message_id.eml', { mailbox: 'other' }),
    ]);
    expect(first.synthetic).toBe(true);
    expect(first.messageId).toMatch(/^sha256-[0-9a-f]{64}@synthetic\.invalid$/);
    expect(again.messageId).toBe(first.messageId);
    expect(elsewhere.messageId).not.toBe(first.messageId);
    expect(elsewhere.contentHash).toBe(first.contentHash);
    // A server on the way adds a header, and line ends change: it is the same mail.
    const changed = Buffer.concat([Buffer.from('Received: from mx.test\n'), sample('eml_09_missing_message_id.eml')]);
    expect((await read(changed)).messageId).toBe(first.messageId);
  });

  test('11, 12: automatic answers', async () => {
    expect(await eml('eml_11_auto_reply.eml')).toMatchObject({
      automatic: 'auto-submitted',
      inReplyTo: 'out-1042-1@shop.test',
      bounce: null,
    });
    expect(await eml('eml_12_exchange_ooo.eml')).toMatchObject({ automatic: 'response-suppress' });
  });

  test('13: a report of failure', async () => {
    expect(await eml('eml_13_dsn_failed.eml')).toMatchObject({
      automatic: 'auto-submitted',
      text: 'Address not found',
      files: [],
      deliveredTo: ['bounce+out-1042-1@shop.test'],
      bounce: {
        originalMessageId: 'out-1042-1@shop.test',
        recipients: [{ address: 'lan@khach.test', action: 'failed', status: '5.1.1', diagnostic: '550 5.1.1 no such user' }],
      },
    });
  });

  test('16: HTML that means harm', async () => {
    const { text, html } = await eml('eml_16_html_hostile.eml');
    expect(text).toContain('Chào shop');
    expect(text).not.toMatch(/evil|alert|ẩn|javascript/);
    expect(html).not.toMatch(/<script|<style|<iframe|<form|<svg|<base|<meta|onerror|onload|javascript:|\ssrc=|alert|p\.gif|\/bg/i);
    expect(html).toContain('data-mismatch="shop.test.evil.test"');
  });

  test('17: winmail.dat stays a file', async () => {
    const files = new Sink();
    const { text, files: kept, warnings } = await eml('eml_17_winmail_dat.eml', { files });
    expect(text).toBe('Xem đính kèm');
    expect(kept).toMatchObject([{ name: 'winmail.dat', size: 15, warning: 'tnef', id: 'f0' }]);
    expect(warnings).toEqual(['tnef']);
    expect(files.kept.get('f0')?.toString('hex')).toBe('789f3e220100010690080004000000');
  });

  test('18: signed', async () => {
    expect(await eml('eml_18_smime_signed.eml')).toMatchObject({ text: 'Thư đã ký', smime: 'signed', files: [], warnings: [] });
  });

  test('20: our own mail come back', async () => {
    expect((await eml('eml_20_own_loop.eml')).loop).toBe('header');
    expect((await eml('eml_20_own_loop.eml', { ownDomains: ['other.test'] })).loop).toBeNull();
    expect((await read(mail('').toString().replace('m@x', 'out-9@SHOP.test'))).loop).toBe('message-id');
    // A colleague is no loop.
    expect((await read(mail('').toString().replace('m@x', 'abc@shop.test'))).loop).toBeNull();
  });

  test('23: cut off in a file', async () => {
    const files = new Sink();
    const { text, files: kept, warnings } = await eml('eml_23_truncated_mime.eml', { files });
    expect(text).toBe('phần còn lại bị cắt');
    expect(kept).toMatchObject([{ name: 'a.png', type: 'image/png', size: 10, warning: 'truncated', id: 'f0' }]);
    expect(warnings).toContain('truncated');
    expect(files.kept.get('f0')?.length).toBe(10);
  });

  test('24: an answer to a plus-address', async () => {
    expect((await eml('eml_24_plus_address_reply.eml')).deliveredTo).toEqual(['cskh+cs-1042.k9f3@shop.test']);
  });

  test('27: nothing in it', async () => {
    expect(await eml('eml_27_empty.eml')).toMatchObject({ subject: '', text: '', html: null, files: [], quotedFrom: null, warnings: [] });
  });

  test('28: 30 MB pass by, and are never in memory', async () => {
    const line = 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU2Nzg5QUJDREVGR0hJSktMTU5PUFFS\r\n';
    const block = Buffer.from(line.repeat(1000));
    const blocks = Math.ceil((30 * 1024 * 1024) / 54 / 1000);
    let given = 0;
    let taken = 0;
    let ahead = 0;
    const source = Readable.from(
      (function* () {
        yield Buffer.from(
          'Message-ID: <big@khach.test>\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\nfile to\r\n--q\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=big.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n',
        );
        for (let index = 0; index < blocks; index += 1) {
          given += 54_000;
          ahead = Math.max(ahead, given - taken);
          yield block;
        }
        yield Buffer.from('--q--\r\n');
      })(),
      { objectMode: false },
    );
    let discarded = false;
    const files: FileSink = {
      open: async () => ({
        id: 'f',
        write: async (chunk) => {
          taken += chunk.length;
          // Once the limit is reached nothing is written any more.
          if (given - taken > ahead) ahead = given - taken;
        },
        finish: async () => undefined,
        discard: async () => {
          discarded = true;
          taken = Number.POSITIVE_INFINITY;
        },
      }),
    };
    const big = await parseMail(source, { mailbox: 'm', files, ownDomains: [] });
    expect(big).toMatchObject({
      text: 'file to',
      warnings: ['file-too-large'],
      files: [{ id: null, name: 'big.bin', warning: 'too-large', size: blocks * 54_000 }],
    });
    expect(discarded).toBe(true);
    expect(ahead).toBeLessThan(2 * 1024 * 1024);
  });
});

describe('files', () => {
  test('names can be shown and saved under', async () => {
    const attach = (name: string) => `--q\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\nx\r\n`;
    const names = ['../../etc/passwd\u0000.png', 'hoadon\u202Efdp.exe', '=?utf-8?B?aG/MgWEgxJHGoW4ucGRm?=', '..', 'C:\\\\x\\\\y.txt'];
    const { files } = await read(mail('Content-Type: multipart/mixed; boundary=q', `${names.map(attach).join('')}--q--`));
    expect(files.map(({ name }) => name)).toEqual(['passwd.png', 'hoadonfdp.exe', 'hóa đơn.pdf'.normalize('NFC'), 'file', 'y.txt']);
    const extended = `--q\r\nContent-Disposition: attachment; filename*0*=utf-8''h%C3%B3a%20; filename*1*=%C4%91%C6%A1n.pdf\r\n\r\nx\r\n--q--`;
    expect((await read(mail('Content-Type: multipart/mixed; boundary=q', extended))).files[0]?.name).toBe('hóa đơn.pdf');
  });

  test('are what their bytes say, with their sum; a picture of the text keeps its id', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    const body = `--q\r\nContent-Type: text/html\r\n\r\n<img src="cid:logo@x"><p>a</p>\r\n--q\r\nContent-Type: text/plain; name=x.txt\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n${png.toString('base64')}\r\n--q--`;
    const { files, html } = await read(mail('Content-Type: multipart/related; boundary=q', body), { files: new Sink() });
    expect(files).toEqual([
      {
        id: 'f0',
        name: 'x.txt',
        type: 'image/png',
        size: 16,
        sha256: createHash('sha256').update(png).digest('hex'),
        contentId: 'logo@x',
        inline: true,
        warning: null,
      },
    ]);
    expect(html).toContain('<img src="cid:logo@x" />');
  });

  test('a mail within the mail is a file, and its ids are not the mail’s', async () => {
    const body =
      '--q\r\n\r\nxem thư kèm\r\n--q\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <inner@x>\r\nIn-Reply-To: <out-1@shop.test>\r\n\r\ntrong\r\n--q--';
    const { files, text, inReplyTo, messageId } = await read(mail('Content-Type: multipart/mixed; boundary=q', body));
    expect({ text, inReplyTo, messageId }).toEqual({ text: 'xem thư kèm', inReplyTo: null, messageId: 'm@x' });
    expect(files).toMatchObject([{ name: 'message.eml' }]);
  });

  test('too many of them', async () => {
    const one = '--q\r\nContent-Type: application/pdf\r\n\r\nx\r\n';
    const many = await read(mail('Content-Type: multipart/mixed; boundary=q', `--q\r\n\r\nchữ\r\n${one.repeat(60)}--q--`));
    expect(many.files.length).toBe(50);
    expect(many).toMatchObject({ text: 'chữ', warnings: ['too-many-files'] });
  });

  test('land in the hub’s store under ids of their place, also at a second reading', async () => {
    const store = new FileStore(dir);
    const ids = (place: number) => `01980000-0000-7000-8000-00000000000${place}`;
    const body = `--q\r\nContent-Disposition: attachment; filename=a\r\n\r\nmột\r\n--q\r\nContent-Disposition: attachment; filename=b\r\n\r\n${'x'.repeat(200)}\r\n--q--`;
    for (let times = 0; times < 2; times += 1) {
      const { files } = await read(mail('Content-Type: multipart/mixed; boundary=q', body), {
        files: storeSink(store, ids, 100),
        limits: { fileBytes: 100 },
      });
      expect(files).toMatchObject([
        { id: ids(0), size: 5 },
        { id: null, warning: 'too-large', size: 200 },
      ]);
      expect(await store.has(ids(0))).toBe(true);
      expect(await store.has(ids(1))).toBe(false);
      expect(await store.received(ids(1))).toBe(0);
    }
    expect(Buffer.from(await store.head(ids(0), 10)).toString()).toBe('một');
  });

  test('a disk that fails is no fault of the mail', async () => {
    const files: FileSink = { open: () => Promise.reject(new Error('no space')) };
    await expect(eml('eml_17_winmail_dat.eml', { files })).rejects.toThrow('no space');
    await expect(parseMail(join(dir, 'gone.eml'), { mailbox: 'm', files: noFiles, ownDomains: [] })).rejects.toThrow('ENOENT');
  });
});

describe('hostile mail', () => {
  test('thousands of parts, nested and beside each other', async () => {
    let nested = '';
    for (let depth = 0; depth < 2000; depth += 1) nested += `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n`;
    const deep = await read(mail('Subject: x', '').toString().replace('\r\n\r\n', `\r\n${nested}`));
    expect(deep.warnings).toContain('too-many-parts');
    const wide = await read(mail('Content-Type: multipart/mixed; boundary=q', `--q\r\n\r\nđầu\r\n${'--q\r\n\r\nx\r\n'.repeat(5000)}--q--`));
    expect(wide.warnings).toContain('too-many-parts');
    expect(wide.text.startsWith('đầu')).toBe(true);
  });

  test('cut off anywhere, and with bytes that were turned, it is read or said to be unreadable', async () => {
    const names = readdirSync(new URL('../../../../tests/fixtures/channels/', import.meta.url)).filter((name) => name.endsWith('.eml'));
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const whole = sample(name);
      for (let at = 1; at < whole.length; at += 13) {
        const turned = Buffer.from(whole);
        turned[at] = (whole[at] ?? 0) ^ 0xa5;
        for (const raw of [whole.subarray(0, at), turned]) {
          const result = await read(raw).catch((error: unknown) => error);
          if (result instanceof Error) expect(result).toBeInstanceOf(MailUnreadable);
        }
      }
    }
  });

  test('headers without an end, and without a sense', async () => {
    await expect(read(`X: ${'a'.repeat(3_000_000)}`)).rejects.toThrow(MailUnreadable);
    await expect(read('')).rejects.toThrow(MailUnreadable);
    const many = await read(mail(`References: ${Array.from({ length: 5000 }, (_, index) => `<r${index}@x>`).join(' ')}`, 'a'));
    expect(many.references.length).toBeLessThanOrEqual(200);
    expect(many.references[0]).toBe('r0@x');
    const people = await read(mail(`To: ${Array.from({ length: 3000 }, (_, index) => `a${index}@x.test`).join(', ')}`, 'a'));
    expect(people.to.length).toBeLessThanOrEqual(100);
    expect(await read(Buffer.from([0, 1, 2, 3, 255, 254, 10, 10, 200]))).toMatchObject({ from: null, synthetic: true });
    expect(await read(mail('Date: the day after tomorrow\r\nTo: <<>>,;:@\r\nReferences: <<a@b> c', 'x'))).toMatchObject({
      date: null,
      to: [],
    });
  });

  test('a long text is cut, a bomb of HTML is bounded', async () => {
    const long = await read(mail('Content-Type: text/plain', 'dài '.repeat(600_000)));
    expect(long.warnings).toContain('truncated');
    expect(long.text.length).toBeLessThan(1_100_000);
    const bomb = await read(mail('Content-Type: text/html', `${'<div style="color:red">'.repeat(60_000)}cuối`));
    expect(bomb).toMatchObject({ text: 'cuối', html: null, warnings: ['html-dropped'] });
    const deep = await read(mail('Content-Type: text/html; charset=utf-8', `${'<div>'.repeat(1000)}cuối`));
    expect(deep.text).toBe('cuối');
    expect((deep.html?.match(/<div/g) ?? []).length).toBe(200);
  });

  test('names that turn the direction of writing, and letters that the database can’t keep', async () => {
    const odd = await read(mail('Subject: a\u0000b=?utf-8?B?AGLirg==?=\r\nFrom: x', 'x\u0000y'));
    expect(JSON.stringify(odd)).not.toContain('\\u0000');
    const turned = await read(`From: =?utf-8?Q?=E2=80=AEmoc.knab?= <a@b.test>\r\n\r\nx`);
    expect(turned.from).toEqual({ address: 'a@b.test', name: 'moc.knab' });
  });
});

describe('forms', () => {
  test('both forms of a text count once; the plain one is the text', async () => {
    const body =
      '--q\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nchữ trơn\r\n--q\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>chữ <b>đậm</b></p>\r\n--q--';
    expect(await read(mail('Content-Type: multipart/alternative; boundary=q', body))).toMatchObject({
      text: 'chữ trơn',
      html: '<p>chữ <b>đậm</b></p>',
    });
    const empty = body.replace('chữ trơn', ' ');
    expect((await read(mail('Content-Type: multipart/alternative; boundary=q', empty))).text).toBe('chữ đậm');
  });

  test('lines that were broken to be put together again', async () => {
    const body = 'Chị ơi, em muốn \r\nđổi hàng ạ.\r\n> đã \r\n> viết\r\n-- \r\nLan';
    expect((await read(mail('Content-Type: text/plain; charset=utf-8; format=flowed', body))).text).toBe(
      'Chị ơi, em muốn đổi hàng ạ.\n> đã viết\n--\nLan',
    );
  });

  test('an invitation is shown in short', async () => {
    const ics =
      'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:u1\r\nSUMMARY:Hẹn đổi\r\n  hàng\\, tại quầy\r\nDTSTART;TZID=Asia/Ho_Chi_Minh:20261112T090000\r\nBEGIN:VALARM\r\nSUMMARY:no\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR';
    const { events, files } = await read(mail('Content-Type: text/calendar; charset=utf-8; method=REQUEST', ics));
    expect(events).toEqual([
      { method: 'REQUEST', uid: 'u1', summary: 'Hẹn đổi hàng, tại quầy', start: '20261112T090000', zone: 'Asia/Ho_Chi_Minh' },
    ]);
    expect(files).toMatchObject([{ name: 'invite.ics' }]);
  });

  test('encrypted mail says so', async () => {
    const sealed = await read(
      mail('Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64', 'MIIB'),
    );
    expect(sealed).toMatchObject({ smime: 'encrypted', warnings: ['encrypted'], files: [{ name: 'smime.p7m' }] });
  });

  test('read as another charset', async () => {
    const path = join(dir, 'latin.eml');
    writeFileSync(path, mail('Content-Type: text/plain; charset=iso-8859-2', Buffer.from('tr\xb6 s\xb6n', 'latin1')));
    expect((await readAs(path, 'tcvn', 'm')).text).toBe('trả sản');
    expect((await readAs(path, 'no such', 'm')).text).not.toBe('');
  });
});
