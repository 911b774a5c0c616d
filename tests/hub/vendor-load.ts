/**
 * Thousands of messages in and out through stand-ins that fail as vendors do: what everybody was told in the end is what everybody has
 * said, once and in order, but for what nobody can know; and that is said.
 */
import { expect } from 'vitest';
import { until } from '../harness/engine.ts';
import { desk, openShop } from '../harness/vendors.ts';

export async function underLoad({ people, each, seed }: { people: number; each: number; seed: number }): Promise<void> {
  const shop = await openShop({ TRUC_SEND_STEPS: Array.from({ length: 20 }, () => '0.05').join(',') });
  const consoles = { messenger: await desk(shop.hub, 'lan'), zalo: await desk(shop.hub, 'hoa') };
  try {
    const { meta, zalo } = shop;
    meta.receipts = true;
    for (const vendor of [meta, zalo]) {
      // Zalo counts by the minute, so whoever is told that it was too much waits for one: too long for here.
      const rate = vendor === meta ? 0.003 : 0;
      vendor.faults.byChance({ error: 0.04, gateway: 0.02, cut: 0.02, drop: 0.01, garbage: 0.005, slow: 0.02, rate });
      vendor.faults.slowMs = 30;
      vendor.hooks.twice = 0.1;
    }
    meta.echo = 'before';
    const who = (vendor: string, index: number) => `${vendor}-${seed}-${index}`;
    const answer = async (vendor: 'messenger' | 'zalo', index: number): Promise<string[]> => {
      const from = who(vendor, index);
      const ids: string[] = [];
      const stand = vendor === 'messenger' ? meta : zalo;
      for (let n = 0; n < each; n += 1) stand.say(from, `Hỏi ${n}`);
      // Everybody writes at once, and the last of them is heard when thousands have been.
      const ticketId = await shop.ticketOf(vendor, from, 120_000);
      await until(
        async () => (await consoles[vendor].timeline(ticketId)).filter(({ kind }) => kind === 'inbound').length === each,
        120_000,
      );
      for (let n = 0; n < each; n += 1) ids.push(await consoles[vendor].reply(ticketId, `Đáp ${n}`));
      return ids;
    };
    const lanes = await Promise.all(
      (['messenger', 'zalo'] as const).flatMap((vendor) => Array.from({ length: people }, (_, index) => answer(vendor, index))),
    );
    const ids = lanes.flat();
    // 1. Everything comes to an end.
    const open = () => shop.count(`message where id = any($1) and delivery in ('queued', 'accepted', 'sending')`, ids);
    await until(async () => (await open()) === 0, 180_000);
    meta.faults.byChance({});
    zalo.faults.byChance({});
    await meta.hooks.idle();
    await zalo.hooks.idle();
    await shop.settled();
    // 2. What came in is there once and in the order of its author.
    for (const vendor of ['messenger', 'zalo'] as const) {
      const stand = vendor === 'messenger' ? meta : zalo;
      for (let index = 0; index < people; index += 1) {
        const from = who(vendor, index);
        const said = await shop.said(vendor, from);
        expect(said.filter(({ kind }) => kind === 'inbound').map(({ body }) => body)).toEqual(
          Array.from({ length: each }, (_, n) => `Hỏi ${n}`),
        );
        // 3. What went out has arrived once and in order; what the hub does not know of may have.
        const replies = said.filter(({ kind }) => kind === 'reply');
        expect(replies.map(({ body }) => body)).toEqual(Array.from({ length: each }, (_, n) => `Đáp ${n}`));
        const arrived = stand.taken(from).map(({ text }) => text);
        expect(new Set(arrived).size, `${from} was told something twice`).toBe(arrived.length);
        const unsure = new Set(replies.filter(({ delivery }) => delivery === 'unknown').map(({ body }) => body));
        const known = replies.filter(({ delivery }) => delivery !== 'unknown' && delivery !== 'failed').map(({ body }) => body);
        expect(arrived.filter((text) => !unsure.has(text!))).toEqual(known);
        expect(replies.filter(({ delivery }) => delivery === 'failed')).toEqual([]);
        // By its echo Meta says what it has: what stays unknown has not arrived.
        if (vendor === 'messenger') expect(arrived.filter((text) => unsure.has(text!))).toEqual([]);
      }
    }
    // 4. Echoes of what went out became no messages, and nothing was set aside.
    expect(await shop.count(`message where extra ? 'external'`)).toBe(0);
    expect(await shop.count(`inbound_event where state in ('new', 'aside')`)).toBe(0);
    expect(Object.keys({ ...meta.faults.happened, ...zalo.faults.happened }).length).toBeGreaterThan(3);
  } finally {
    consoles.messenger.dispose();
    consoles.zalo.dispose();
    await shop.stop();
  }
}
