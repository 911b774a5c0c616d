/** Files that visitors send: they come before the message that brings them along, and are seen by whoever may see that. */
import type { Readable } from 'node:stream';
import { sql } from 'kysely';
import { v5 as uuidOf } from 'uuid';
import { kindBytes, kindOf, plainName } from '../../../../src/shared/file-kind.ts';
import { widgetLimits } from '../../../../src/shared/widget.ts';
import type { Db } from '../../db/database.ts';
import type { FileStore } from '../../files/store.ts';
import { cleanText } from '../inbound.ts';
import { digest, type Visitor } from './visitors.ts';

export interface VisitorFile {
  id: string;
  name: string;
  type: string;
  size: number;
  sha256: string;
}

export type Refused = 'TOO_LARGE' | 'EMPTY' | 'TOO_MANY';

class TooLarge extends Error {}

const dayMs = 24 * 3_600_000;
/** A name that nobody else can take: the browser's id, and whose browser it is. */
const ownId = (visitor: Visitor, given: string): string => uuidOf(`${visitor.id}:${given}`, uuidOf.URL);

export class VisitorFiles {
  readonly #db: Db;
  readonly #workspaceId: string;
  readonly #store: FileStore;
  readonly #perHour: number;
  readonly #clock: () => number;

  /** `perHour`: of one visitor; from one address ten times as many */
  constructor(needs: { db: Db; workspaceId: string; store: FileStore; perHour: number; clock(): number }) {
    this.#db = needs.db;
    this.#workspaceId = needs.workspaceId;
    this.#store = needs.store;
    this.#perHour = needs.perHour;
    this.#clock = needs.clock;
  }

  /**
   * Durable when this resolves. Sent again it is the one that is here. `given`: the id under which the widget speaks of it; `address`:
   * from where it comes.
   */
  async take(
    visitor: Visitor,
    { given, name, address }: { given: string; name: string; address: string },
    body: Readable,
  ): Promise<VisitorFile | Refused> {
    const now = this.#clock();
    const id = ownId(visitor, given);
    const [known] = await this.#find([id]);
    if (known) return known;
    if (!(await this.#maySend(visitor, address, now - 3_600_000))) return 'TOO_MANY';
    try {
      let room = widgetLimits.fileBytes;
      const { size, sha256 } = await this.#store.take(id, async (write) => {
        for await (const piece of body as AsyncIterable<Uint8Array>) {
          room -= piece.length;
          if (room < 0) throw new TooLarge();
          await write(piece);
        }
      });
      if (size === 0) {
        await this.#store.remove(id);
        return 'EMPTY';
      }
      const file = { id, name: plainName(cleanText(name)), type: kindOf(await this.#store.head(id, kindBytes)), size, sha256 };
      await sql`insert into visitor_file (workspace_id, id, visitor_id, name, size, sha256, type, address, created_at)
        values (${this.#workspaceId}, ${id}, ${visitor.id}, ${file.name}, ${size}, ${sha256}, ${file.type}, ${digest(address)}, ${now})
        on conflict (workspace_id, id) do nothing`.execute(this.#db);
      return file;
    } catch (error) {
      if (error instanceof TooLarge) return 'TOO_LARGE';
      throw error;
    }
  }

  /** This visitor's, in the order of `given`; those that never came are left out. */
  async of(visitor: Visitor, given: string[]): Promise<VisitorFile[]> {
    const ids = given.map((one) => ownId(visitor, one));
    const found = await this.#find(ids);
    return ids.flatMap((id) => found.find((one) => one.id === id) ?? []);
  }

  /** Those whose message never came go after a day. */
  async forget(now: number): Promise<void> {
    const gone = await sql<{
      id: string;
    }>`delete from visitor_file f where f.workspace_id = ${this.#workspaceId} and f.created_at < ${now - dayMs}
      and not exists (select 1 from attachment a where a.workspace_id = f.workspace_id and a.id = f.id) returning f.id`.execute(this.#db);
    for (const { id } of gone.rows) await this.#store.remove(id);
  }

  async #find(ids: string[]): Promise<VisitorFile[]> {
    if (ids.length === 0) return [];
    const found = await sql<VisitorFile>`select id, name, type, size, sha256 from visitor_file
      where workspace_id = ${this.#workspaceId} and id = any(${ids}::uuid[])`.execute(this.#db);
    return found.rows;
  }

  async #maySend(visitor: Visitor, address: string, since: number): Promise<boolean> {
    const found = await sql<{ own: number; all: number }>`select
        (select count(*)::integer from visitor_file where workspace_id = ${this.#workspaceId} and visitor_id = ${visitor.id}
          and created_at > ${since}) as own,
        (select count(*)::integer from visitor_file where workspace_id = ${this.#workspaceId} and address = ${digest(address)}
          and created_at > ${since}) as all`.execute(this.#db);
    const { own = 0, all = 0 } = found.rows[0] ?? {};
    return own < this.#perHour && all < this.#perHour * 10;
  }
}
