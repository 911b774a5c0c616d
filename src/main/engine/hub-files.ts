/** What is asked of the hub about files, over HTTP. */
import type { z } from 'zod';
import { fileAnswer, type fileRequest, httpError } from '../../shared/protocol.ts';
import { AuthExpired, Unreachable } from './link.ts';
import type { Account, Session } from './session.ts';

/** The hub's answer that is no file: its status, and its word for it. */
export class FileRefused extends Error {
  readonly status: number;
  readonly code: string;
  /** where the hub goes on, when the offset was wrong */
  readonly offset: number | null;
  constructor(status: number, code: string, offset: number | null = null) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.offset = offset;
  }
}

/** Longer than the hub gives a piece; shorter than anybody would wait. */
const pieceMs = 45_000;
/** ms without a byte after which a download counts as broken */
const stalledMs = 30_000;

type Answer = z.infer<typeof fileAnswer>;

/** Every call throws `Unreachable`, `AuthExpired` or `FileRefused`. */
export class HubFiles {
  readonly #account: Account;
  readonly #session: Session;

  constructor(account: Account, session: Session) {
    this.#account = account;
    this.#session = session;
  }

  async announce(file: z.infer<typeof fileRequest>, signal: AbortSignal): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    return this.#answer(await this.#ask('/api/v1/files', { method: 'POST', headers, body: JSON.stringify(file) }, signal));
  }

  /** Sends bytes from `offset` on. */
  async send(id: string, offset: number, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Answer> {
    const headers = { 'content-type': 'application/octet-stream', 'upload-offset': String(offset) };
    return this.#answer(await this.#ask(`/api/v1/files/${id}/upload`, { method: 'PATCH', headers, body: bytes }, signal));
  }

  /** The file's bytes from `from` on. A break in them is `Unreachable`. */
  async *fetch(id: string, from: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const stalled = new AbortController();
    let timer = setTimeout(() => stalled.abort(), stalledMs);
    try {
      const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
      const answer = await this.#ask(`/api/v1/files/${id}`, { headers }, AbortSignal.any([signal, stalled.signal]), false);
      if (!answer.ok || !answer.body) throw await refused(answer);
      if (from > 0 && answer.status !== 206) throw new FileRefused(416, 'NO_RANGE');
      for await (const chunk of answer.body) {
        clearTimeout(timer);
        timer = setTimeout(() => stalled.abort(), stalledMs);
        yield chunk;
      }
    } catch (error) {
      if (error instanceof FileRefused || error instanceof AuthExpired || error instanceof Unreachable) throw error;
      throw new Unreachable('the file broke off', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async #answer(answer: Response): Promise<Answer> {
    if (!answer.ok) throw await refused(answer);
    const parsed = fileAnswer.safeParse(await answer.json().catch(() => null));
    if (!parsed.success) throw new Unreachable('an answer that can not be read');
    return parsed.data;
  }

  async #ask(path: string, init: RequestInit, signal: AbortSignal, bounded = true): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const token = await this.#session.token();
      let answer: Response;
      try {
        answer = await fetch(new URL(path, this.#account.hubUrl), {
          ...init,
          redirect: 'error',
          headers: { ...(init.headers as Record<string, string> | undefined), authorization: `Bearer ${token}` },
          signal: bounded ? AbortSignal.any([signal, AbortSignal.timeout(pieceMs)]) : signal,
        });
      } catch (error) {
        throw new Unreachable(path, { cause: error });
      }
      if (answer.status !== 401) return answer;
      await answer.body?.cancel();
      this.#session.forgetToken();
      if (attempt === 2) throw new AuthExpired();
    }
  }
}

async function refused(answer: Response): Promise<FileRefused> {
  const said = httpError.safeParse(await answer.json().catch(() => null));
  const offset = answer.headers.get('upload-offset');
  return new FileRefused(
    answer.status,
    said.data?.code ?? 'UNAVAILABLE',
    offset !== null && /^\d{1,9}$/.test(offset) ? Number(offset) : null,
  );
}
