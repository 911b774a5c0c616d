/** Placeholder of the demo's conversations. */
import type { Person, Script } from './script.ts';

export const people: Person[] = [
  { name: 'Nguyễn Thị Hồng Nhung', phone: '+84912345678', email: 'hongnhung@example.com', city: 'Hà Nội', tier: 'Vàng', points: 1280 },
  { name: 'Trần Văn Đức', phone: '+84987654321', email: 'vanduc@example.com', city: 'TP. Hồ Chí Minh', tier: null, points: 0 },
];

export function scripts(): Script[] {
  return [
    { channel: 'demo-mail', queue: 'sales', person: 0, startedAgo: 30, subject: 'Hỏi giá tủ lạnh', turns: [{ after: 0, by: 'customer', text: 'Cho tôi hỏi giá tủ lạnh 300 lít.' }] },
    { channel: 'demo-zalo', queue: 'complaint', person: 1, startedAgo: 2, subject: 'Giao hàng trễ', turns: [{ after: 0, by: 'customer', text: 'Sao hàng của tôi chưa tới?' }] },
  ];
}
