/** The people of the demo shop. Their password is public, so they exist in demo mode only, which runs on loopback only. */
import type { Role } from '../../../src/shared/domain.ts';

export const demoPassword = 'truc-demo';

export type AgentKey = 'lan' | 'minh' | 'hoa' | 'thu' | 'quan';
export type QueueKey = 'sales' | 'complaint' | 'warranty';

export const accounts: Record<AgentKey, { name: string; role: Role; queues: QueueKey[] }> = {
  lan: { name: 'Nguyễn Ngọc Lan', role: 'agent', queues: ['sales', 'complaint', 'warranty'] },
  minh: { name: 'Trần Quang Minh', role: 'agent', queues: ['sales', 'warranty'] },
  hoa: { name: 'Lê Thị Hòa', role: 'agent', queues: ['complaint'] },
  thu: { name: 'Phạm Anh Thư', role: 'lead', queues: [] },
  quan: { name: 'Đặng Hồng Quân', role: 'admin', queues: [] },
};

export function emailOf(key: AgentKey): string {
  return `${key}@demo.truc.test`;
}

export function demoAccountList() {
  return {
    accounts: (Object.keys(accounts) as AgentKey[]).map((key) => ({
      email: emailOf(key),
      password: demoPassword,
      name: accounts[key].name,
      role: accounts[key].role,
    })),
  };
}
