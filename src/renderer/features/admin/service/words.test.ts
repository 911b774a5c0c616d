import { beforeAll, expect, test } from 'vitest';
import { i18n } from '../../../i18n/i18n.ts';
import { newCalendar, readCalendar } from './calendar-form.ts';
import { newPolicy, readPolicy } from './policy-form.ts';
import { matchText, openState, promiseTexts, spanText, todayIn, usersOf, weekText } from './words.ts';

const { t } = i18n;
const id = '00000000-0000-7000-8000-000000000001';
const zone = 'Asia/Ho_Chi_Minh';
const office = readCalendar({ ...newCalendar(id, zone), name: 'Hành chính' }).hours;
/** Monday, 10:00 in Vietnam */
const monday = Date.UTC(2027, 2, 1, 3);
const hour = 3_600_000;

beforeAll(() => i18n.changeLanguage('vi'));

test('a week in few words', () => {
  expect(weekText(office.week, t)).toBe('T2–T6 8:00–12:00, 13:00–17:30');
  expect(weekText(office.week.with(5, [{ from: 480, to: 720 }]), t)).toBe('T2–T6 8:00–12:00, 13:00–17:30 · T7 8:00–12:00');
  const day = [{ from: 0, to: 1440 }];
  expect(weekText([day, day, day, day, day, day, day], t)).toBe('Suốt ngày đêm');
});

test('whether it is open is told by its own clocks', () => {
  expect(openState(office, monday, t)).toEqual({ open: true, text: 'Đang mở, đến 12:00' });
  expect(openState(office, monday + 2.5 * hour, t)).toEqual({ open: false, text: 'Đang đóng, mở lại 13:00' });
  expect(openState(office, monday + 8 * hour, t)).toEqual({ open: false, text: 'Đang đóng, mở lại 08:00 ngày mai' });
  expect(openState({ ...office, zone: 'Asia/Tokyo' }, monday, t)).toEqual({ open: false, text: 'Đang đóng, mở lại 13:00' });
  expect(openState({ ...office, zone: 'Sao/Hỏa' }, monday, t)).toBeNull();
  expect([todayIn(zone, monday + 14 * hour), todayIn('UTC', monday + 14 * hour)]).toEqual(['2027-03-02', '2027-03-01']);
});

test('a policy in words, and who counts by a calendar', () => {
  const { fields } = readPolicy(newPolicy(id, 0));
  expect(matchText(fields.match, [], t)).toBe('Mọi phiếu');
  const match = { ...fields.match, channels: ['chat' as const, 'zalo' as const], priorities: ['urgent' as const], tags: ['vip'] };
  expect(matchText(match, [], t)).toBe('Chat trên web hoặc Zalo · ưu tiên Khẩn · nhãn vip');
  const row = { frt: 15 * 60_000, nrt: null, rt: 26 * hour, assign: null };
  const targets = { low: row, normal: row, high: { ...row, frt: hour }, urgent: row };
  expect(promiseTexts({ targets, match: fields.match }, t)).toEqual([
    { kind: 'Trả lời lần đầu', span: '15 phút đến 1 giờ' },
    { kind: 'Xử lý xong', span: '1 ngày 2 giờ' },
  ]);
  expect(promiseTexts({ targets, match }, t)[0]).toEqual({ kind: 'Trả lời lần đầu', span: '15 phút' });
  expect([0, 90_000, 8 * hour].map((ms) => spanText(ms, t))).toEqual(['0 giây', '1 phút 30 giây', '8 giờ']);
  const policy = { id, ...fields, name: 'VIP', calendarId: id, version: 1, updatedAt: 1 };
  expect(usersOf(id, { slaPolicies: [policy], queues: [] }, t)).toEqual(['cam kết VIP']);
});
