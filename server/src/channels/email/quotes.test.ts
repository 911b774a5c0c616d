import { describe, expect, test } from 'vitest';
import { safeHtml } from './html.ts';
import { quotedFrom } from './quotes.ts';

const visible = (text: string, subject = 'Re: x'): string | null => {
  const at = quotedFrom(text, { subject, html: null });
  return at === null ? null : text.slice(0, at).trim();
};
const visibleHtml = (dirty: string): string | null => {
  const { text, quote } = safeHtml(dirty);
  const at = quotedFrom(text, { subject: 'Re: x', html: { text, quote } });
  return at === null ? null : text.slice(0, at).trim();
};

describe('folds what these mailers quote', () => {
  test.each([
    ['Gmail, Vietnamese', 'Dạ.\n\nVào Th 4, 11 thg 11, 2026 vào lúc 19:30 Lan <lan@khach.test> đã viết:\n\n> a\n> b'],
    [
      'Gmail, Vietnamese, on two lines',
      'Dạ.\n\nVào Th 4, 11 thg 11, 2026 vào lúc 19:30 Chăm sóc khách hàng <\ncskh@shop.test> đã viết:\n> a',
    ],
    ['Gmail, English', 'Dạ.\n\nOn Wed, Nov 11, 2026 at 7:30 PM Lan <lan@khach.test> wrote:\n> a'],
    ['Gmail, English, on two lines', 'Dạ.\n\nOn Wed, Nov 11, 2026 at 7:30 PM Chăm sóc khách hàng <cskh@shop.test>\nwrote:\n\n> a'],
    ['old Gmail', 'Dạ.\n\n2026-11-11 19:30 GMT+07:00 Lan <lan@khach.test>:\n\n> a'],
    ['Apple Mail, Vietnamese', 'Dạ.\n\nVào ngày 11 thg 11, 2026, lúc 19:30, Lan <lan@khach.test> đã viết:\n\n> a'],
    ['Thunderbird, Vietnamese', 'Dạ.\n\nVào lúc 19:30, ngày 11/11/2026, Lan đã viết:\n> a'],
    ['a day and no mark', 'Dạ.\n\nNgày 11/11/2026 19:30, Lan viết:\na\nb'],
    ['Outlook, Vietnamese', 'Dạ.\n\nTừ: Lan <lan@khach.test>\nĐã gửi: Thứ Tư, 11 Tháng Mười Một 2026 19:30\nĐến: CSKH\nChủ đề: x\n\na'],
    ['Outlook, Vietnamese, marked bold', 'Dạ.\n\n*Từ:* Lan\n*Ngày:* 11/11\n*Đến:* CSKH\n*Tiêu đề:* x\n\na'],
    ['Outlook, English', 'Dạ.\n\n________________________________\nFrom: Lan\nSent: Wednesday\nTo: CSKH\nSubject: x\n\na'],
    ['Outlook, old', 'Dạ.\n\n-----Original Message-----\nFrom: Lan\n\na'],
    ['the same in Vietnamese', 'Dạ.\n\n-----Thư gốc-----\nTừ: Lan\n\na'],
    ['a telephone, Vietnamese', 'Dạ.\n\nĐã gửi từ iPhone của tôi'],
    [
      'a telephone with a quote',
      'Dạ.\n\nGửi từ Outlook cho Android\n________________________________\nTừ: Lan\nNgày gửi: hôm qua\nĐến: CSKH\nChủ đề: x\n\na',
    ],
    ['a telephone above an attribution', 'Dạ.\n\nSent from my iPhone\n\n> On 11 Nov 2026, at 19:30, Lan <lan@khach.test> wrote:\n> \n> a'],
    ['only marks', 'Dạ.\n> a\n> b\n'],
    [
      'quotes of quotes',
      'Dạ.\n\nOn Wed, Nov 11, 2026 at 7:30 PM Lan <l@k.test> wrote:\n> a\n>> b\n\nOn Tue, Nov 10, 2026 at 7:30 PM Lan <l@k.test> wrote:\n> c',
    ],
  ])('%s', (_, text) => {
    expect(visible(text)).toBe('Dạ.');
  });
});

describe('shows everything where it is not sure', () => {
  test.each([
    ['answers between the lines', 'Dạ.\n\nOn Wed, Nov 11, 2026 Lan <l@k.test> wrote:\n> a?\nvâng\n> b?\nkhông'],
    ['an answer below', '> a?\n> b?\n\nDạ vâng ạ.'],
    ['nothing of their own', 'On Wed, Nov 11, 2026 at 7:30 PM Lan <l@k.test> wrote:\n> a'],
    ['nothing but where it was sent from', 'Đã gửi từ iPhone của tôi\n\nVào 11/11/2026 Lan <l@k.test> đã viết:\n> a'],
    ['no quote', 'Từ: quận 1\nChào shop, vào hôm qua chị viết: áo bị lỗi.\nNgày mai đổi nhé'],
    ['a sentence with a colon', 'Ngày 11 em đã viết: đổi size M.\nShop xem giúp'],
    ['what was handed on', 'Nhờ shop xem.\n\n---------- Forwarded message ---------\nFrom: Lan\nDate: x\nSubject: y\nTo: z\n\na'],
  ])('%s', (_, text) => {
    expect(visible(text)).toBeNull();
  });

  test('what was handed on, by its subject', () => {
    const text = 'Nhờ shop xem.\n\nTừ: Lan\nĐã gửi: hôm qua\nĐến: A\nChủ đề: x\n\na';
    expect(visible(text)).toBe('Nhờ shop xem.');
    expect(visible(text, 'Fwd: x')).toBeNull();
    expect(visible(text, 'Chuyển tiếp: x')).toBeNull();
  });
});

describe('HTML', () => {
  test.each([
    [
      'Gmail',
      '<div>Dạ.</div><br><div class="gmail_quote"><div class="gmail_attr">Vào Th 4 Lan đã viết:<br></div><blockquote class="gmail_quote">a</blockquote></div>',
    ],
    [
      'Apple Mail',
      '<div>Dạ.</div><div>Vào ngày 11 thg 11, 2026, lúc 19:30, Lan &lt;l@k.test&gt; đã viết:</div><blockquote type="cite">a</blockquote>',
    ],
    ['Outlook on the web', '<div>Dạ.</div><hr><div id="divRplyFwdMsg"><b>Từ:</b> Lan</div><div>a</div>'],
    [
      'Outlook on a desk',
      '<p class=MsoNormal>Dạ.</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0 0 0"><p>Từ: Lan</p></div></div><p>a</p>',
    ],
    ['Outlook on a telephone', '<div>Dạ.</div><div id="ms-outlook-mobile-reference-message">a</div>'],
    ['Thunderbird', '<p>Dạ.</p><div class="moz-cite-prefix">Vào 19:30 Lan viết:</div><blockquote type="cite">a</blockquote>'],
  ])('%s', (_, html) => {
    expect(visibleHtml(html)).toBe('Dạ.');
  });

  test('answers below and between the lines', () => {
    expect(visibleHtml('<div class="gmail_quote">a</div><p>vâng</p>')).toBeNull();
    expect(
      visibleHtml('<p>Dạ.</p><blockquote type="cite">a?</blockquote><p>vâng</p><blockquote type="cite">b?</blockquote><p>không</p>'),
    ).toBeNull();
  });

  test('its marks serve the plain text too', () => {
    const html = safeHtml('<div>Dạ em <b>cảm ơn</b> ạ.</div><div class="gmail_quote">x y z</div>');
    const text = 'Dạ em *cảm ơn*\nạ.\n\nx y z';
    const at = quotedFrom(text, { subject: '', html: { text: html.text, quote: html.quote } });
    expect(text.slice(0, at ?? undefined).trim()).toBe('Dạ em *cảm ơn*\nạ.');
  });
});

test('long lines and long mails take no time', () => {
  expect(visible(`${'vào ngày 1 '.repeat(20_000)}\n`.repeat(20))).toBeNull();
  expect(visible('On 1 '.repeat(5) + '\nOn 1 2\n'.repeat(20_000))).toBeNull();
});
