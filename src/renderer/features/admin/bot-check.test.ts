import { expect, test } from 'vitest';
import { botRules } from '../../../shared/bot.ts';
import type { RuleBot } from '../../../shared/bot-admin.ts';
import { emptyRule, faultOf, isAnswered } from './bot-check.ts';
import { readKeywords, writeKeywords } from './LinesField.tsx';

const rule = { ...emptyRule(['phí ship']), say: '30.000đ' };
const bot: RuleBot = {
  name: 'Bot',
  channels: [],
  active: true,
  config: botRules.parse({ rules: [rule], faq: false, hours: null, missed: 'Chưa hiểu', handedOver: 'Chuyển' }),
};
const withRule = (change: object) => ({ ...bot, config: { ...bot.config, rules: [rule, { ...rule, id: 'second', ...change }] } });
const ask = { name: 'x', ask: 'Gì?', kind: 'choice' as const, choices: [] };

test.each([
  [bot, null],
  [
    { ...bot, name: '' },
    { path: 'name', what: 'empty' },
  ],
  [
    { ...bot, config: { ...bot.config, missed: '' } },
    { path: 'config.missed', what: 'empty' },
  ],
  [
    { ...bot, config: { ...bot.config, handedOver: 'x'.repeat(1001) } },
    { path: 'config.handedOver', what: 'long' },
  ],
  [withRule({ say: null }), { path: 'config.rules.1.say', what: 'nothing' }],
  [withRule({ exact: [] }), { path: 'config.rules.1.exact', what: 'condition' }],
  [withRule({ form: [ask] }), { path: 'config.rules.1.form.0.choices', what: 'choice' }],
  [withRule({ form: [{ ...ask, kind: 'text', ask: '' }] }), { path: 'config.rules.1.form.0.ask', what: 'empty' }],
] as const)('what is wrong with a bot %#', (one, fault) => {
  expect(faultOf(one as RuleBot)).toEqual(fault);
});

test('a question that was missed has a rule by now, whatever its tones', () => {
  expect(isAnswered(bot, 'PHI SHIP?')).toBe(true);
  expect(isAnswered(bot, 'bao giờ giao')).toBe(false);
});

test('keywords are written as they are read', () => {
  expect(readKeywords(' phí , ship\n\n,\nvoucher ')).toEqual([['phí', 'ship'], ['voucher']]);
  expect(writeKeywords(readKeywords('phí,ship\nvoucher'))).toBe('phí, ship\nvoucher');
});
