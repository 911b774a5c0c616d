import { expect, test } from 'vitest';
import { slaPolicyRow } from '../../../../shared/service-rows.ts';
import { moved, newPolicy, type PolicyForm, policyForm, promiseOf, readPolicy } from './policy-form.ts';

const id = '00000000-0000-7000-8000-000000000001';
const targets = (frt: string): PolicyForm['targets'] => {
  const row = { frt, nrt: '', rt: '1d 2h', assign: '' };
  return { low: row, normal: row, high: row, urgent: { ...row, frt: '15 phút', rt: '' } };
};
const form = (change: Partial<PolicyForm> = {}): PolicyForm => ({
  ...newPolicy(id, 3),
  name: ' Khách VIP ',
  targets: targets('4h'),
  ...change,
});

test('what is typed becomes what the hub takes, and back', () => {
  const { fields, problems } = readPolicy(form());
  expect(problems).toEqual([]);
  const row = slaPolicyRow.parse({ id, ...fields, version: 2, updatedAt: 1 });
  expect(row).toMatchObject({ name: 'Khách VIP', position: 3, targets: { urgent: { frt: 900_000, rt: null }, low: { rt: 93_600_000 } } });
  expect(policyForm(row).targets.urgent).toEqual({ frt: '15m', nrt: '', rt: '', assign: '' });
  expect(readPolicy(policyForm(row)).fields).toEqual(fields);
});

test('what is wrong is named at its field', () => {
  expect(readPolicy(newPolicy(id, 0)).problems).toEqual([
    { field: 'name', code: 'NO_NAME' },
    { field: 'targets', code: 'NOTHING' },
  ]);
  const step = { key: 'a', tell: ['lead' as const], raise: false, requeue: false };
  const escalation = [
    { ...step, after: '50' },
    { ...step, after: '20' },
    { ...step, after: 'sau' },
    { ...step, after: '50', tell: [] },
    { ...step, after: '1001' },
  ];
  expect(readPolicy(form({ targets: targets('4'), escalation })).problems).toEqual([
    { field: 'targets.high.frt', code: 'BAD_SPAN' },
    { field: 'targets.normal.frt', code: 'BAD_SPAN' },
    { field: 'targets.low.frt', code: 'BAD_SPAN' },
    { field: 'escalation.1.afterPercent', code: 'FALLING' },
    { field: 'escalation.2.afterPercent', code: 'BAD_PERCENT' },
    { field: 'escalation.3.tell', code: 'NO_ACTION' },
    { field: 'escalation.4.afterPercent', code: 'BAD_PERCENT' },
  ]);
});

test('promises over all priorities, and places in a list', () => {
  const { fields } = readPolicy(form());
  expect(promiseOf(fields, 'frt')).toEqual({ least: 900_000, most: 14_400_000, some: false });
  expect(promiseOf(fields, 'rt')).toEqual({ least: 93_600_000, most: 93_600_000, some: true });
  expect(promiseOf(fields, 'assign')).toBeNull();
  const urgent = { ...fields, match: { ...fields.match, priorities: ['urgent' as const] } };
  expect(promiseOf(urgent, 'frt')).toEqual({ least: 900_000, most: 900_000, some: false });
  expect(promiseOf(urgent, 'rt')).toBeNull();
  expect([moved(['a', 'b', 'c'], 2, -1), moved(['a', 'b'], 0, -1), moved(['a', 'b'], 1, 1), moved(['a', 'b'], 0, 1)].map(String)).toEqual([
    'a,c,b',
    'a,b',
    'a,b',
    'b,a',
  ]);
});
