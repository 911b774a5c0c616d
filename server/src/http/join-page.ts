/** Where somebody who was given a link chooses their password. Its script is a file of the hub's own; nothing else may run there. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { passwordLeast } from '../../../src/shared/people-admin.ts';
import { HttpError, parse } from './server.ts';

/** Built by widget/build.mjs, which whatever starts a hub runs first. */
const files = join(import.meta.dirname, '../../../widget/dist');

const texts = {
  vi: {
    title: 'Đặt mật khẩu',
    hint: 'Chọn mật khẩu để đăng nhập Trực. Bạn dùng nó cùng với địa chỉ email công ty đã đăng ký cho bạn.',
    password: 'Mật khẩu mới',
    least: `Ít nhất ${passwordLeast} ký tự. Một câu ngắn dễ nhớ là đủ tốt.`,
    again: 'Nhập lại mật khẩu',
    show: 'Hiện mật khẩu',
    save: 'Đặt mật khẩu',
    saving: 'Đang lưu…',
    short: `Mật khẩu cần ít nhất ${passwordLeast} ký tự.`,
    differ: 'Hai lần nhập chưa giống nhau.',
    gone: 'Link này đã dùng, đã quá hạn, hoặc đã có link mới hơn. Nhờ quản trị viên gửi link khác.',
    missing: 'Link không đầy đủ. Chép lại nguyên cả link rồi mở lại.',
    many: 'Bạn đã thử quá nhiều lần. Đợi vài phút rồi thử lại.',
    failed: 'Chưa lưu được. Kiểm tra kết nối mạng rồi thử lại.',
    done: 'Xong rồi',
    doneHint: 'Mở Trực trên máy tính và đăng nhập bằng mật khẩu vừa đặt, với email:',
    script: 'Trang này cần JavaScript.',
  },
  en: {
    title: 'Choose your password',
    hint: 'Choose the password that you sign in to Trực with, together with the email address your company has set up for you.',
    password: 'New password',
    least: `At least ${passwordLeast} characters. A short sentence that is easy to remember will do.`,
    again: 'The same password again',
    show: 'Show password',
    save: 'Set password',
    saving: 'Saving…',
    short: `The password needs at least ${passwordLeast} characters.`,
    differ: 'The two are not the same.',
    gone: 'This link was used, is too old, or was replaced by a newer one. Ask your administrator for another.',
    missing: 'The link is incomplete. Copy all of it and open it again.',
    many: 'Too many attempts. Wait a few minutes and try again.',
    failed: 'This could not be saved. Check your connection and try again.',
    done: 'All set',
    doneHint: 'Open Trực on your computer and sign in with the password you have just set, and this address:',
    script: 'This page needs JavaScript.',
  },
} as const;

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function joinPage(server: FastifyInstance): void {
  const pages = { vi: pageOf('vi'), en: pageOf('en') };
  server.get('/join', async (request, reply) => {
    const { lang } = parse(z.object({ lang: z.enum(['vi', 'en']).catch('vi') }), request.query);
    return reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(pages[lang]);
  });
  const serve = (path: string, file: string, type: string) =>
    server.get(path, async (_request, reply) => {
      const body = await readFile(join(files, file)).catch(() => {
        throw new HttpError(503, 'NOT_BUILT', undefined, 'The page is not built: run "node widget/build.mjs".');
      });
      return reply.header('cache-control', 'public, max-age=300').type(type).send(body);
    });
  serve('/join/page.js', 'join.js', 'text/javascript; charset=utf-8');
  serve('/join/page.css', 'join.css', 'text/css; charset=utf-8');
}

function pageOf(lang: keyof typeof texts): string {
  const t = texts[lang];
  const said = (['short', 'differ', 'gone', 'missing', 'many', 'failed', 'save', 'saving'] as const)
    .map((name) => `data-${name}="${t[name]}"`)
    .join(' ');
  const other = lang === 'vi' ? ['en', 'English'] : ['vi', 'Tiếng Việt'];
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${t.title} · Trực</title>
<link rel="stylesheet" href="/join/page.css">
</head>
<body>
<main>
<header><span class="mark" aria-hidden="true">T</span><span class="house">Trực</span><button type="button" id="language" data-lang="${other[0]}" lang="${other[0]}">${other[1]}</button></header>
<form id="form" data-least="${passwordLeast}" ${said} novalidate>
<h1>${t.title}</h1>
<p>${t.hint}</p>
<label for="password">${t.password}</label>
<input id="password" type="password" autocomplete="new-password" maxlength="1000" aria-describedby="least" required>
<p id="least" class="small">${t.least}</p>
<label for="again">${t.again}</label>
<input id="again" type="password" autocomplete="new-password" maxlength="1000" required>
<label class="check"><input id="show" type="checkbox"> ${t.show}</label>
<p id="wrong" class="wrong" role="alert"></p>
<button id="save" type="submit">${t.save}</button>
</form>
<section id="done" tabindex="-1" hidden>
<h1>${t.done}</h1>
<p>${t.doneHint}</p>
<p><output id="email"></output></p>
</section>
<noscript><p class="wrong">${t.script}</p></noscript>
</main>
<script src="/join/page.js"></script>
</body>
</html>
`;
}
