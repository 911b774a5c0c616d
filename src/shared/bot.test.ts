import { expect, test } from 'vitest';
import { botRules, type BotState, botState, botTurn, freshBotState } from './bot.ts';

const config = botRules.parse({
  rules: [
    { id: 'ship', keywords: [['phí', 'ship'], ['giao hàng']], say: 'Phí giao 30.000đ' },
    { id: 'hi', exact: ['Chào shop'], say: 'Chào bạn' },
    {
      id: 'return',
      keywords: [['đổi trả'], ['hoàn tiền']],
      say: 'Mình ghi nhận nhé',
      form: [
        { name: 'order_code', ask: 'Mã đơn?', kind: 'order' },
        { name: 'problem', ask: 'Vấn đề gì?', kind: 'choice', choices: ['Sai size', 'Hàng lỗi'] },
        { name: 'phone', ask: 'Số điện thoại?', kind: 'phone' },
      ],
      handOff: true,
      skill: 'cskh',
    },
  ],
  faq: true,
  hours: { zone: 'Asia/Ho_Chi_Minh', open: [1, 2, 3, 4, 5].map((day) => ({ day, from: '08:00', until: '17:30' })), closed: 'Ngoài giờ' },
  missed: 'Chưa hiểu',
  handedOver: 'Chuyển nhân viên',
});
const articles = [
  { title: 'Chính sách bảo hành áo khoác', body: 'Bảo hành 12 tháng.' },
  { title: 'Cách chọn size giày', body: 'Đo chân.' },
];
/** Monday the 23rd of November 2026, 10:00 in Vietnam. */
const now = Date.UTC(2026, 10, 23, 3);
const turn = (text: string, state: BotState = freshBotState, at = now, automatic = false) =>
  botTurn(config, state, { text, automatic }, { now: at, articles });

test('exact before keywords, whatever the tones, the case and the form of the letters', () => {
  for (const text of ['Chào shop', 'CHAO SHOP!', 'chào shop'.normalize('NFD')]) expect(turn(text).says).toEqual(['Chào bạn']);
  for (const text of ['cho hỏi phí ship', 'PHI   SHIP bao nhieu', 'có giao hàng không'.normalize('NFD')])
    expect(turn(text)).toMatchObject({ says: ['Phí giao 30.000đ'], missed: false });
  // A keyword is a word, not a part of one.
  expect(turn('shipper phía nào').missed).toBe(true);
});

test('whoever asks for people gets them at once, also within a form', () => {
  for (const text of ['cho gặp nhân viên', 'Gap nhan vien di', 'NÓI CHUYỆN VỚI NGƯỜI THẬT', 'human agent pls'])
    expect(turn(text)).toMatchObject({ says: ['Chuyển nhân viên'], handOff: { reason: 'user_request' } });
  expect(turn('gặp nhân viên', turn('đổi trả').state)).toMatchObject({ state: { form: null }, handOff: { reason: 'user_request' } });
});

test('two misses and people take over; an answer in between starts anew', () => {
  const first = turn('xyz');
  expect(first).toMatchObject({ says: ['Chưa hiểu'], handOff: null, missed: true });
  expect(turn('zyx', first.state)).toMatchObject({ handOff: { reason: 'low_confidence' }, missed: true });
  const known = turn('phí ship', first.state);
  expect(turn('xyz', known.state)).toMatchObject({ says: ['Chưa hiểu'], handOff: null });
});

test('a form asks, tries once more, and hands over what it has', () => {
  const asked = turn('muốn đổi trả');
  expect(asked.says).toEqual(['Mình ghi nhận nhé', 'Mã đơn?']);
  const again = turn('không nhớ', asked.state);
  expect(again).toMatchObject({ says: ['Mã đơn?'], handOff: null });
  const second = turn('à đơn dh10422 nha', again.state);
  expect(second.says).toEqual(['Vấn đề gì?\n1. Sai size\n2. Hàng lỗi']);
  const third = turn('hang loi', second.state);
  expect(third.says).toEqual(['Số điện thoại?']);
  const last = turn('số em 0912 345 678 ạ', third.state);
  expect(last).toMatchObject({
    says: ['Chuyển nhân viên'],
    handOff: { reason: 'policy', skill: 'cskh', priority: null },
    state: { form: null, collected: { order_code: 'DH10422', problem: 'Hàng lỗi', phone: '+84912345678' } },
  });
  expect(turn('2', second.state).state.collected['problem']).toBe('Hàng lỗi');
  expect(turn('quên rồi', again.state)).toMatchObject({ handOff: { reason: 'low_confidence' } });
});

test('the knowledge base answers what its titles say', () => {
  expect(turn('chinh sach bao hanh ao khoac the nao').says[0]).toContain('Bảo hành 12 tháng.');
  expect(turn('áo').missed).toBe(true);
  const long = botTurn(
    config,
    freshBotState,
    { text: 'chọn size giày', automatic: false },
    { now, articles: [{ title: 'Cách chọn size giày', body: 'dài '.repeat(900) }] },
  );
  expect(long.says[0]?.length).toBeLessThanOrEqual(1001);
});

test('outside of the hours it says so once, and answers all the same', () => {
  const sunday = Date.UTC(2026, 10, 22, 3);
  const first = turn('phí ship', freshBotState, sunday);
  expect(first.says).toEqual(['Ngoài giờ', 'Phí giao 30.000đ']);
  expect(turn('phí ship', first.state, sunday).says).toEqual(['Phí giao 30.000đ']);
  expect(turn('phí ship', freshBotState, Date.UTC(2026, 10, 23, 10, 30)).says[0]).toBe('Ngoài giờ');
  expect(turn('phí ship', freshBotState, Date.UTC(2026, 10, 23, 10, 29)).says).toEqual(['Phí giao 30.000đ']);
});

test('a machine is never answered', () => {
  expect(turn('phí ship', freshBotState, now, true)).toEqual({ says: [], state: freshBotState, handOff: null, missed: false });
});

test('a greeting is said once, before the first answer; whoever wants people is not kept waiting by it', () => {
  const greets = { ...config, greeting: 'Sao Mai chào bạn', hours: null };
  const ask = (text: string, state: BotState = freshBotState) => botTurn(greets, state, { text, automatic: false }, { now, articles });
  const first = ask('phí ship');
  expect(first.says).toEqual(['Sao Mai chào bạn', 'Phí giao 30.000đ']);
  expect(ask('phí ship', first.state).says).toEqual(['Phí giao 30.000đ']);
  expect(ask('gặp nhân viên').says).toEqual(['Chuyển nhân viên']);
  // A conversation from before there were greetings has begun.
  expect(ask('phí ship', botState.parse({ misses: 0, closedSaid: false, form: null, collected: {} })).says).toEqual(['Phí giao 30.000đ']);
});

test('people take over after as many misses as are set; a rule says how urgent it is', () => {
  for (const misses of [1, 3]) {
    let state: BotState = freshBotState;
    for (let asked = 1; asked <= misses; asked += 1) {
      const turned = botTurn({ ...config, misses }, state, { text: 'zyx', automatic: false }, { now, articles });
      expect(turned.handOff?.reason ?? null).toBe(asked === misses ? 'low_confidence' : null);
      state = turned.state;
    }
  }
  const urgent = botRules.parse({ ...config, rules: [{ id: 'u', keywords: [['cháy']], say: null, handOff: true, priority: 'urgent' }] });
  expect(botTurn(urgent, freshBotState, { text: 'máy bị cháy', automatic: false }, { now, articles }).handOff).toEqual({
    reason: 'policy',
    skill: null,
    priority: 'urgent',
  });
});

test.each([
  ['Đơn DH10422 nhé', 'DH10422'],
  ['mã của em là sm26-118675', 'SM26-118675'],
  ['118675', '118675'],
  ['dh-10422', 'DH-10422'],
])('an order number is taken whole: %s', (said, wanted) => {
  expect(turn(said, turn('muốn đổi trả').state).state.collected['order_code']).toBe(wanted);
});
