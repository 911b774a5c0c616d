/** The job queue's connections: one that breaks is waited for, never the end of the hub. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPool } from '../../server/src/db/database.ts';
import { patient } from '../../server/src/jobs/patient.ts';
import { startTestHub, type TestHub } from '../harness/hub.ts';
import { until } from '../harness/engine.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

test('what a server says as it goes is said as "not yet", also where nobody is there to be asked', async () => {
  const pool = patient(openPool(hub.databaseUrl, { connections: 1, onError: () => undefined }));
  const client = await pool.connect();
  const asked = client.query(`select pg_sleep(30) as "jobs' own"`).then(
    () => null,
    (error: unknown) => error,
  );
  const asleep = `from pg_stat_activity where query like '%jobs'' own%' and pid <> pg_backend_pid() and state = 'active'`;
  await until(async () => Number((await hub.query<{ n: string }>(`select count(*) as n ${asleep}`))[0]!.n) === 1);
  await hub.query(`select pg_terminate_backend(pid) ${asleep}`);
  expect(await asked).toMatchObject({ code: '57P03' });
  client.release(true);
  // Another one is had at once; a mistake of ours stays what it is.
  await expect(pool.query('select no_such_column')).rejects.toMatchObject({ code: '42703' });
  await pool.end();
  const nowhere = patient(openPool('postgres://truc@127.0.0.1:1/truc', { connections: 1, onError: () => undefined }));
  await expect(nowhere.connect()).rejects.toMatchObject({ code: '57P03' });
  await nowhere.end();
});
