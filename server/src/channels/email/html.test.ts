import { describe, expect, test } from 'vitest';
import { roughText, safeHtml } from './html.ts';

describe('what may stay', () => {
  test.each([
    ['<p style="color:red;position:fixed;background:url(//x)">a</p>', '<p style="color:red">a</p>'],
    [
      '<a href="https://shop.test/x" onclick="x()">a</a>',
      '<a href="https://shop.test/x" target="_blank" rel="noopener noreferrer nofollow">a</a>',
    ],
    ['<a href=" java&#10;script:alert(1)">a</a>', '<a target="_blank" rel="noopener noreferrer nofollow">a</a>'],
    ['<a href="data:text/html,x">a</a>', '<a target="_blank" rel="noopener noreferrer nofollow">a</a>'],
    [
      '<img src="https://x.test/a.png" srcset="https://y.test/b.png 2x" width="10">',
      '<img width="10" data-remote-src="https://x.test/a.png" />',
    ],
    ['<img src="//x.test/a.png">', '<img data-remote-src="https://x.test/a.png" />'],
    ['<img src="https://x.test/p.gif" width="1" height="1">', ''],
    ['<img src="data:image/png;base64,AAAA">', ''],
    ['<img src="cid:a@b" onerror=x>', '<img src="cid:a@b" />'],
    ['<img data-remote-src="javascript:x" src="x">', ''],
    ['<p data-quote="wrap" data-mismatch="x">a</p>', '<p>a</p>'],
    ['<table background="http://x"><tr><td bgcolor="#fff">a</td></tr></table>', '<table><tr><td bgcolor="#fff">a</td></tr></table>'],
    ['<div hidden>a</div><div style="DISPLAY : none">b</div><span style="font-size:0px">c</span>d', 'd'],
    ['<noscript><img src=x onerror=alert(1)></noscript><template><b>x</b></template>a', 'a'],
    ['<svg><style><img src=x onerror=alert(1)></style></svg>a', 'a'],
    ['<p title="</p><script>alert(1)</script>">a</p>', '<p>a</p>'],
  ])('%s', (dirty, clean) => {
    expect(safeHtml(dirty).html).toBe(clean);
  });
});

describe('links whose text names another place', () => {
  const flagged = (href: string, text: string) =>
    /data-mismatch="([^"]*)"/.exec(safeHtml(`<a href="${href}">${text}</a>`).html)?.[1] ?? null;
  test.each([
    ['https://evil.test/x', 'https://shop.test', 'evil.test'],
    ['https://shop.test.evil.test', 'shop.test', 'shop.test.evil.test'],
    ['https://shop.test@evil.test/', 'https://shop.test', 'evil.test'],
    ['https://evil.test', '<b>www.shop</b>.test/abc', 'evil.test'],
    ['https://www.shop.test/x', 'shop.test', null],
    ['https://m.shop.test/x', 'https://shop.test', null],
    ['https://evil.test', 'bấm vào đây', null],
    ['https://evil.test', 'hoadon.pdf', null],
    ['https://evil.test', 'lan@khach.test', null],
    ['mailto:lan@khach.test', 'shop.test', null],
    ['https://xn--shp-tna.test', 'https://shöp.test', null],
  ])('%s as %s', (href, text, host) => {
    expect(flagged(href, text)).toBe(host);
  });
});

test('text is what is seen', () => {
  const { text } = safeHtml(
    '<p>Một&nbsp;dòng<br>hai</p><ul><li>ba</li><li>bốn</li></ul><table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table><pre>x\n  y</pre><style>no</style>',
  );
  expect(text.trim()).toBe('Một dòng\nhai\n\n- ba\n- bốn\n\na b\nc\n\nx\n  y');
});

test('a bomb of tags ends', () => {
  expect(() => safeHtml('<b>'.repeat(700_000))).toThrow('nested too deep');
  expect(() => safeHtml('<li><td>'.repeat(250_000))).toThrow('nested too deep');
  expect(safeHtml('<b>x</b>'.repeat(100_000)).text).toBe('x'.repeat(100_000));
  expect(safeHtml('<p>x<img src=x>'.repeat(50_000)).html).not.toContain('img');
  expect(safeHtml('<a href="https://x.test">https://y.test</a>'.repeat(20_000)).html).toContain('data-mismatch="x.test"');
  expect(roughText(`${'<'.repeat(500_000)}b>a</b> c`)).toContain('a c');
  expect(safeHtml('<'.repeat(100_000)).text.length).toBe(100_000);
});
