/** The demo's bot: what a small shop would set. It answers in the demo's chat only where the hub is told so. */
import { sql } from 'kysely';
import { botRules } from '../../../src/shared/bot.ts';
import type { Db } from '../db/database.ts';

const config = botRules.parse({
  rules: [
    {
      id: 'hello',
      exact: ['chào shop', 'chào', 'hello', 'hi', 'xin chào'],
      say: 'Sao Mai xin chào! Bạn cần hỏi về sản phẩm, đơn hàng hay đổi trả ạ?',
    },
    {
      id: 'shipping',
      keywords: [['phí', 'ship'], ['phí giao'], ['giao hàng', 'bao lâu']],
      say: 'Giao nội thành trong 24 giờ, phí 30.000đ; miễn phí cho đơn từ 500.000đ.',
    },
    {
      id: 'return',
      keywords: [['đổi trả'], ['đổi size'], ['hoàn tiền'], ['trả hàng']],
      say: 'Mình ghi nhận để nhân viên xử lý nhanh cho bạn nhé.',
      form: [
        { name: 'order_code', ask: 'Bạn cho mình mã đơn hàng với ạ?', kind: 'order' },
        { name: 'problem', ask: 'Bạn gặp vấn đề gì?', kind: 'choice', choices: ['Sai size', 'Hàng lỗi', 'Đổi ý', 'Khác'] },
        { name: 'phone', ask: 'Số điện thoại để nhân viên gọi lại là gì ạ?', kind: 'phone' },
      ],
      handOff: true,
      skill: 'cskh',
    },
  ],
  faq: true,
  hours: null,
  missed: 'Mình chưa hiểu ý bạn, bạn nói rõ hơn giúp mình nhé. Gõ “gặp nhân viên” nếu muốn gặp người thật.',
  handedOver: 'Mình chuyển bạn cho nhân viên, bạn đợi một chút nhé.',
});

/** At each start; what an administrator has set of it stays, but for whether it answers in the demo's chat. */
export async function seedBot(db: Db, workspaceId: string, answers: boolean): Promise<void> {
  const channels = JSON.stringify(answers ? ['demo-widget'] : []);
  await sql`insert into bot (workspace_id, id, name, channels, active, config, updated_at)
    values (${workspaceId}, 'demo-bot', 'Bot Sao Mai', ${channels}::jsonb, true, ${JSON.stringify(config)}::jsonb, ${Date.now()})
    on conflict (workspace_id, id) do update set channels = excluded.channels where bot.channels in ('[]', '["demo-widget"]')`.execute(db);
}
