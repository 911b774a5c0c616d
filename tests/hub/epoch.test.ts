/** After a backup was put back: a new epoch, and what workstations still hold is taken once. */
import { expect, test } from 'vitest';
import type { Welcome } from '../../src/shared/protocol.ts';
import { startTestHub } from '../harness/hub.ts';
import { snapshotOf, wire } from '../harness/wire.ts';

test('an ordinary start keeps the epoch, one after a restore does not', async () => {
  const hub = await startTestHub();
  const epoch = async () => {
    const lan = await wire(hub.url, 'lan');
    const { epoch: told } = (await lan.greeting()).message as Welcome;
    const [begin] = await snapshotOf(hub.url, lan.me);
    expect(begin!['epoch']).toBe(told);
    lan.close();
    return told;
  };
  const first = await epoch();
  await hub.restart();
  expect(await epoch()).toBe(first);
  await hub.down();
  await hub.up({ TRUC_RESTORED: '1' });
  const second = await epoch();
  expect(second).not.toBe(first);
  await hub.restart();
  expect(await epoch()).toBe(second);
  // A snapshot that was broken off before does not go on.
  const lan = await wire(hub.url, 'lan');
  const [begin] = await snapshotOf(hub.url, lan.me, { protocol: 2, cursor: 0, epoch: first, entity: 'ticket' });
  expect(begin).toMatchObject({ resumed: false, epoch: second });
  lan.close();
  await hub.stop();
});
