/** What only the hub has, or can do: other faces of a mail, a call by way of the exchange. Nothing of it is kept here. */
import type { CommandArgs, CommandValues } from '../../shared/bridge.ts';
import { isPicture, kindOf } from '../../shared/file-kind.ts';
import { mailLimits, mailText } from '../../shared/mail.ts';
import { AuthExpired, Unreachable } from './link.ts';
import type { Session } from './session.ts';
import { BridgeFailure } from './subscriptions.ts';

/** a picture may lie on a slow server, which the hub waits for */
const patienceMs = 20_000;

/** Rings the agent and puts them through. */
export async function dial(session: Session, { phone }: CommandArgs<'call.dial'>): Promise<CommandValues['call.dial']> {
  try {
    await ask(session, '/api/v1/calls', 4096, { phone });
    return { dialled: true };
  } catch (error) {
    if (error instanceof BridgeFailure && error.error.code === 'FILE_GONE') return { dialled: false };
    throw error;
  }
}

export async function mailHtml(session: Session, { messageId }: CommandArgs<'mail.html'>): Promise<CommandValues['mail.html']> {
  return { html: (await ask(session, `/api/v1/messages/${messageId}/html`, mailLimits.html)).toString('utf8') };
}

export async function mailTextAs(session: Session, { messageId, as }: CommandArgs<'mail.text'>): Promise<CommandValues['mail.text']> {
  const answer = await ask(session, `/api/v1/messages/${messageId}/text?as=${as}`, mailLimits.html);
  const parsed = mailText.safeParse(jsonOf(answer));
  if (!parsed.success) throw new BridgeFailure({ code: 'HUB_UNREACHABLE' });
  return parsed.data;
}

export async function mailImage(session: Session, { messageId, url }: CommandArgs<'mail.image'>): Promise<CommandValues['mail.image']> {
  const bytes = await ask(session, `/api/v1/messages/${messageId}/image?url=${encodeURIComponent(url)}`, mailLimits.image);
  const type = kindOf(bytes);
  if (!isPicture(type)) throw new BridgeFailure({ code: 'FILE_GONE' });
  return { type, bytes: bytes.toString('base64') };
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

async function ask(session: Session, path: string, most: number, body: object | null = null): Promise<Buffer> {
  try {
    for (let attempt = 1; ; attempt += 1) {
      const token = await session.token();
      const answer = await session.request(path, {
        token,
        signal: AbortSignal.timeout(patienceMs),
        ...(body === null ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      if (answer.status === 401 && attempt === 1) {
        session.forgetToken();
        continue;
      }
      if (!answer.ok) throw new BridgeFailure({ code: answer.status === 404 || answer.status === 422 ? 'FILE_GONE' : 'HUB_UNREACHABLE' });
      return await bytesOf(answer, most);
    }
  } catch (error) {
    if (error instanceof BridgeFailure) throw error;
    if (error instanceof Unreachable || error instanceof AuthExpired || error instanceof TypeError || isTimeout(error)) {
      throw new BridgeFailure({ code: 'HUB_UNREACHABLE' });
    }
    throw error;
  }
}

const isTimeout = (error: unknown) => error instanceof DOMException && error.name === 'TimeoutError';

/** A hub that sends without end must not fill this machine. */
async function bytesOf(answer: Response, most: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    size += part.length;
    if (size > most) throw new BridgeFailure({ code: 'FILE_TOO_LARGE' });
    parts.push(part);
  }
  return Buffer.concat(parts);
}
