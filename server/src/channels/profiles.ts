/** How people call themselves at a vendor's: looked up beside their messages, once, and only while nobody has given them a name. */
import { sql } from 'kysely';
import type { Rejection } from '../../../src/shared/mutations/define.ts';
import type { Db } from '../db/database.ts';
import { addJobs } from '../jobs/queue.ts';
import type { Intent } from '../sync/intent.ts';
import type { Person } from './inbound.ts';
import type { Profile } from './profile.ts';

export const profileJob = 'profile';
/** as many at once, in all hubs */
const lanes = 2;
/** people that a hub remembers to have asked for */
const mostRemembered = 10_000;

const names: Partial<Record<Person['kind'], string>> = {
  messenger: 'Khách Messenger',
  instagram: 'Khách Instagram',
  zalo: 'Khách Zalo',
};

/** How somebody is called until they have said their name. */
export function placeholder({ kind, value }: Pick<Person, 'kind' | 'value'>): string {
  return `${names[kind] ?? 'Khách'} ${value.slice(-4)}`;
}

export interface ProfilesNeeds {
  db: Db;
  workspaceId: string;
  apply(intent: Intent): Promise<Rejection | null>;
  look(channelId: string, person: string): Promise<Profile | null>;
}

export class Profiles {
  readonly #asked = new Set<string>();
  readonly #needs: ProfilesNeeds;

  constructor(needs: ProfilesNeeds) {
    this.#needs = needs;
  }

  /** Somebody has written. */
  async met(channelId: string, person: Person): Promise<void> {
    const key = `${channelId}:${person.value}`;
    if (person.name !== null || names[person.kind] === undefined || this.#asked.has(key)) return;
    if (this.#asked.size >= mostRemembered) this.#asked.clear();
    this.#asked.add(key);
    if (!(await this.#nameless(person))) return;
    const { kind, value } = person;
    const lane = `profile:${[...value].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % lanes}`;
    await addJobs([{ task: profileJob, key: `profile:${key}`, queue: lane, at: null, payload: { channelId, kind, value } }]).execute(
      this.#needs.db,
    );
  }

  async work(channelId: string, { kind, value }: Pick<Person, 'kind' | 'value'>): Promise<void> {
    if (!(await this.#nameless({ kind, value }))) return;
    const profile = await this.#needs.look(channelId, value);
    if (!profile?.name) return;
    await this.#needs.apply({
      name: 'customer.named',
      args: { of: { kind, value }, from: placeholder({ kind, value }), to: profile.name },
    });
  }

  async #nameless(person: Pick<Person, 'kind' | 'value'>): Promise<boolean> {
    const { db, workspaceId } = this.#needs;
    const found = await sql`select 1 from identity i join customer c on c.workspace_id = i.workspace_id and c.id = i.customer_id
      where i.workspace_id = ${workspaceId} and i.kind = ${person.kind} and i.value = ${person.value} and c.name = ${placeholder(person)}`.execute(
      db,
    );
    return found.rows.length > 0;
  }
}
