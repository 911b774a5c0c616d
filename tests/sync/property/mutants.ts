/**
 * Does the property suite find bugs? Each mutant is the project with one protocol bug put in; the suite must find a counterexample.
 *   node tests/sync/property/mutants.ts [--runs 2000] [--seed N] [--only NAME] [--log FILE] [--postgres URL]
 */
import { spawn } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '../../..');

interface Mutant {
  name: string;
  file: string;
  find: string;
  replace: string;
}

/** `find` must be in the file exactly once: a mutant that does not apply is an error, not a success. */
export const mutants: Mutant[] = [
  {
    name: 'the hub acknowledges before the commit',
    file: 'server/src/sync/committer.ts',
    find: 'if (unit.changed || acks.length > 0) changes = await unit.flush(acks, results);',
    replace: `if (unit.changed || acks.length > 0) changes = await unit.flush(acks, results);
      jobs.forEach((job, index) => { const a = out[index]; if (a && !(a instanceof Error)) job.resolve({ ...a, seq: changes.at(-1)?.seq ?? counter.seq }); });`,
  },
  {
    name: 'confirmed forms are not put back before changes',
    file: 'src/main/engine/replica.ts',
    find: '  restorePristine(db, touched);\n  run();',
    replace: `  prepare(db, 'delete from pristine').run();\n  run();`,
  },
  {
    name: 'what is left is not run again',
    file: 'src/main/engine/replica.ts',
    find: '  run();\n  rerun(db, touched);',
    replace: '  run();',
  },
  {
    name: 'the hub does not know what it has processed',
    file: 'server/src/sync/committer.ts',
    find: '      const before = known.results.get(wire.key);\n      if (before) return { result: { ...before, id: wire.id } };\n      // Processed, but its result is no longer kept; or the same intent twice in one push.\n      if (job.client && (wire.id <= last || inThisPush.has(wire.key)))',
    replace: '      if (job.client && inThisPush.has(wire.key))',
  },
  {
    name: 'the cursor moves before the data',
    file: 'src/main/engine/replica.ts',
    find: '  let own = 0;\n  db.transaction(() => {\n',
    replace: "  let own = 0;\n  setMeta(db, 'cursor', cursor);\n  db.transaction(() => {\n",
  },
  {
    name: 'a delta is taken although something is missing before it',
    file: 'src/main/engine/sync.ts',
    find: 'if (from !== cursor || this.#pulling',
    replace: 'if (this.#pulling',
  },
  {
    name: 'what was being sent when the power went stays "being sent"',
    file: 'src/main/engine/sync.ts',
    find: '    resetSending(db, null);\n',
    replace: '',
  },
  {
    name: 'an accepted intent goes before its effects are here',
    file: 'src/main/engine/replica.ts',
    find: 'for (const result of results) if (result.ok) markAccepted(db, result.id, seq);',
    replace: 'for (const result of results) if (result.ok) dropThrough(db, result.id);',
  },
  {
    name: 'a refused intent is dropped and nobody is told',
    file: 'src/main/engine/replica.ts',
    find: "  if (setAside(db, result.id, result.rejection, now)) touched.add('attention');",
    replace: '  dropThrough(db, result.id);',
  },
  {
    name: 'a lost scope keeps its rows',
    file: 'src/main/engine/scopes.ts',
    find: '        forgetAll(db, gone as string[], touched);\n',
    replace: '',
  },
  {
    name: 'a ticket that leaves is kept',
    file: 'src/main/engine/replica.ts',
    find: "else if (change.op === 'leave' && entity === 'ticket') leaveScope(db, change.id, change.scope, touched);",
    replace: '',
  },
  {
    name: 'the log leaves out the first change after the cursor',
    file: 'server/src/sync/log.ts',
    find: 'and l.seq > ${cursor} and l.scope',
    replace: 'and l.seq > ${cursor}::bigint + 1 and l.scope',
  },
  {
    name: 'a snapshot keeps what the hub no longer has',
    file: 'src/main/engine/replica.ts',
    find: '        if (named.has(id)) continue;\n',
    replace: '        if (named.size >= 0) continue;\n',
  },
  {
    name: 'a new epoch is not noticed',
    file: 'src/main/engine/scopes.ts',
    find: " || getMeta(db, 'epoch') !== said.epoch",
    replace: '',
  },
  {
    name: 'the log is read past its head',
    file: 'server/src/sync/log.ts',
    find: 'cursor: more ? (changes.at(-1)?.seq ?? cursor) : counter.head, more }',
    replace: 'cursor: more ? (changes.at(-1)?.seq ?? cursor) + 1 : counter.head + 1, more }',
  },
  {
    name: 'a ticket that enters a scope comes without its messages',
    file: 'server/src/sync/unit.ts',
    find: 'if (entered.length > 0) await this.#followTicket(after.id, entered, emit);',
    replace: '',
  },
  {
    name: 'changes of an unknown entity are thrown away',
    file: 'src/main/engine/replica.ts',
    find: '  keepChange(db, change);\n',
    replace: '',
  },
  {
    name: 'whose grants changed stays connected',
    file: 'server/src/realtime/console-session.ts',
    find: '      session.end();\n      session.peer.close();\n',
    replace: '',
  },
];

export interface Caught {
  name: string;
  /** null: nothing was found */
  runs: number | null;
  seconds: number;
  /** the first thing that was wrong */
  wrong: string;
}

/** Builds the mutant in a folder of its own and lets the suite loose on it. */
export async function hunt(mutant: Mutant, options: { runs: number; seed: number; postgres?: string }): Promise<Caught> {
  const dir = mkdtempSync(join(tmpdir(), 'truc-mutant-'));
  try {
    for (const part of ['src/shared', 'src/main/engine', 'server', 'tests/sync/property', 'tests/harness', 'widget', 'package.json']) {
      cpSync(join(root, part), join(dir, part), { recursive: true, filter: (file) => !file.includes('node_modules') });
    }
    symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
    const file = join(dir, mutant.file);
    const source = readFileSync(file, 'utf8');
    if (source.split(mutant.find).length !== 2) throw new Error(`"${mutant.name}" does not apply to ${mutant.file}`);
    writeFileSync(
      file,
      source.replace(mutant.find, () => mutant.replace),
    );
    const began = performance.now();
    const said = await new Promise<string>((resolve) => {
      const child = spawn(
        process.execPath,
        [
          join(dir, 'tests/sync/property/run.ts'),
          '--runs',
          String(options.runs),
          '--seed',
          String(options.seed),
          '--quick',
          ...(options.postgres === undefined ? [] : ['--postgres', options.postgres]),
        ],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      let out = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.once('exit', () => resolve(out));
    });
    const found = /property suite: (\d+) runs[\s\S]*COUNTEREXAMPLE[^\n]*\n\s*([^\n]*)/.exec(said);
    if (!found && !said.includes('  held')) throw new Error(`"${mutant.name}" did not run: ${said.slice(-2000)}`);
    return {
      name: mutant.name,
      runs: found ? Number(found[1]) : null,
      seconds: (performance.now() - began) / 1000,
      wrong: (found?.[2] ?? '').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…').slice(0, 160),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      log: { type: 'string' },
      postgres: { type: 'string' },
    },
  });
  let escaped = 0;
  for (const mutant of mutants.filter(({ name }) => values.only === undefined || name.includes(values.only))) {
    const caught = await hunt(mutant, {
      runs: Number(values.runs),
      seed: Number(values.seed),
      ...(values.postgres === undefined ? {} : { postgres: values.postgres }),
    });
    if (caught.runs === null) escaped += 1;
    const line = `${caught.runs === null ? 'ESCAPED' : `caught after ${caught.runs} runs`} (${caught.seconds.toFixed(0)} s): ${caught.name} — ${caught.wrong}`;
    console.log(line);
    if (values.log !== undefined) appendFileSync(values.log, `${line}\n`);
  }
  console.log(escaped === 0 ? 'every mutant was caught' : `${escaped} escaped`);
  process.exit(escaped === 0 ? 0 : 1);
}
