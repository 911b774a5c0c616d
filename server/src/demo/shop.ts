/** The demo shop itself: its people, queues and channels, and its customers, as rows. */
import { v7 as uuid } from 'uuid';
import type { Channel, Queue, Rows } from '../../../src/shared/domain.ts';
import { put, type RowChange } from '../../../src/shared/mutations/define.ts';
import { type Actor, queuesOf } from '../../../src/shared/permissions.ts';
import { accounts, type AgentKey, emailOf, type QueueKey } from './accounts.ts';
import { rulesOf } from '../../../src/shared/rules.ts';
import type { DemoChannel, Person } from './script.ts';

const day = 86_400_000;

export interface Shop {
  agents: Record<AgentKey, Rows['user']>;
  actors: Record<AgentKey | 'switchboard', Actor>;
  queues: Record<QueueKey, Queue>;
  channels: Record<DemoChannel, Channel>;
  /** all of the above and who serves what, but for the channels */
  reference: RowChange[];
}

export function buildShop(): Shop {
  const team = { id: uuid(), name: 'Chăm sóc khách hàng' };
  const queue = (name: string, purpose: Queue['purpose'], position: number, requiresDisposition: boolean): Queue => {
    return { id: uuid(), name, purpose, teamId: team.id, requiresDisposition, position, routing: null };
  };
  const queues: Shop['queues'] = {
    sales: queue('Tư vấn mua hàng', 'sales', 1, false),
    complaint: queue('Khiếu nại', 'complaint', 2, true),
    warranty: queue('Bảo hành', 'warranty', 3, false),
  };
  const channel = (id: DemoChannel, kind: Channel['kind'], name: string, key: QueueKey): Channel => {
    return { id, kind, name, queueId: queues[key].id, active: true, rules: rulesOf[kind] ?? null, health: 'ok' };
  };
  const channels: Shop['channels'] = {
    'demo-widget': channel('demo-widget', 'chat', 'Chat trên website', 'sales'),
    'demo-mail': channel('demo-mail', 'email', 'hotro@saomai.example', 'warranty'),
    'demo-zalo': channel('demo-zalo', 'zalo', 'Zalo OA Sao Mai', 'complaint'),
    'demo-messenger': channel('demo-messenger', 'messenger', 'Facebook Sao Mai', 'sales'),
    'demo-cti': channel('demo-cti', 'phone', 'Tổng đài 1900 0000', 'complaint'),
  };
  const members = {
    queues: Object.values(queues),
    queueMembers: [] as Rows['queueMember'][],
    teamMembers: [] as Rows['teamMember'][],
  };
  const employ = (key: AgentKey): Rows['user'] => {
    const { name, role, queues: held } = accounts[key];
    const user: Rows['user'] = { id: uuid(), name, email: emailOf(key), role, locale: 'vi', active: true, capacity: null };
    members.teamMembers.push({ id: `${team.id}:${user.id}`, teamId: team.id, userId: user.id });
    for (const { id } of held.map((name) => queues[name]))
      members.queueMembers.push({ id: `${id}:${user.id}`, queueId: id, userId: user.id });
    return user;
  };
  const agents: Shop['agents'] = { lan: employ('lan'), minh: employ('minh'), hoa: employ('hoa'), thu: employ('thu'), quan: employ('quan') };
  const acting = (user: Rows['user']): Actor => ({ userId: user.id, name: user.name, role: user.role, queues: queuesOf(user, members) });
  const everyQueue = new Set(members.queues.map(({ id }) => id));
  return {
    agents,
    actors: {
      lan: acting(agents.lan),
      minh: acting(agents.minh),
      hoa: acting(agents.hoa),
      thu: acting(agents.thu),
      quan: acting(agents.quan),
      switchboard: { userId: null, name: 'Tổng đài', role: 'system', queues: everyQueue },
    },
    queues,
    channels,
    reference: [
      put('team', team),
      ...members.queues.map((row) => put('queue', row)),
      ...Object.values(agents).map((row) => put('user', row)),
      ...members.teamMembers.map((row) => put('teamMember', row)),
      ...members.queueMembers.map((row) => put('queueMember', row)),
      ...codesOf(queues).map((row) => put('code', row)),
    ],
  };
}

const dispositions = [
  'Đã giải quyết',
  'Đã tư vấn',
  'Đổi trả / hoàn tiền',
  'Tiếp nhận bảo hành',
  'Chuyển bộ phận khác',
  'Không liên lạc được khách',
  'Trùng phiếu khác',
];
const reasons: [name: string, queues: QueueKey[] | null][] = [
  ['Hỏi sản phẩm', ['sales']],
  ['Hỏi giá và khuyến mãi', ['sales']],
  ['Trả góp', ['sales']],
  ['Giao hàng và lắp đặt', ['sales', 'complaint']],
  ['Hàng lỗi, hàng hỏng', ['complaint', 'warranty']],
  ['Đổi trả và hoàn tiền', ['complaint']],
  ['Thái độ phục vụ', ['complaint']],
  ['Bảo hành và sửa chữa', ['warranty']],
  ['Hóa đơn', null],
  ['Khác', null],
];

/** The shop's words for what tickets are about and how they end. */
function codesOf(queues: Shop['queues']): Rows['code'][] {
  const code = (kind: Rows['code']['kind'], name: string, position: number, keys: QueueKey[] | null) => {
    return { id: uuid(), kind, name, queueIds: keys?.map((key) => queues[key].id) ?? null, position, active: true };
  };
  return [
    ...dispositions.map((name, position) => code('disposition', name, position, null)),
    ...reasons.map(([name, keys], position) => code('reason', name, position, keys)),
  ];
}

export interface CustomerRows {
  customer: Rows['customer'];
  identities: Record<DemoChannel, Rows['identity']>;
}

export function customerRows(person: Person, index: number, now: number): CustomerRows {
  const since = now - 90 * day + index;
  const customerId = uuid({ msecs: since });
  const identity = (kind: Rows['identity']['kind'], value: string, verified: boolean) => ({
    id: uuid(),
    customerId,
    kind,
    value,
    verified,
    state: 'ok' as const,
  });
  return {
    customer: {
      id: customerId,
      name: person.name,
      segment: null,
      loyaltyTier: person.tier,
      loyaltyPoints: person.points,
      city: person.city,
      note: null,
      proposals: [],
      merged: null,
      createdAt: since,
      updatedAt: since,
    },
    identities: {
      'demo-cti': identity('phone', person.phone, true),
      'demo-mail': identity('email', person.email, true),
      'demo-widget': identity('visitor', `demo-visitor-${index}`, false),
      'demo-zalo': identity('zalo', `demo-zalo-${index}`, false),
      'demo-messenger': identity('messenger', `demo-messenger-${index}`, false),
    },
  };
}
