/**
 * A stand-in for Zalo: consulting messages, uploads, profiles, tokens that are refreshed once, and webhooks to a hub. It behaves as the
 * channels reference says (2), where that is known: failures come as HTTP 200.
 */
import { createHash } from 'node:crypto';
import { Draw } from './draw.ts';
import { type Asked, done, Faults, Hooks, type Say, VendorServer } from './vendor.ts';

export interface ZaloOptions {
  seed?: number;
  appId?: string;
  oaId?: string;
  /** of the app, for its tokens */
  appSecret?: string;
  /** of the account, for webhooks */
  secretKey?: string;
  /** the pair that works at first */
  access?: string;
  refresh?: string;
  /** Zalo's clock, ms */
  now?: () => number;
  /** what its ladder of 30 s, 5, 15, 30 and 60 minutes is multiplied by */
  ladder?: number;
  hookTimeoutMs?: number;
}

export interface Follower {
  id: string;
  name: string;
  state: 'ok' | 'blocked';
  follows: boolean;
  lastWroteAt: number | null;
}

/** One message that reached its customer. */
export interface TakenByZalo {
  id: string;
  to: string;
  text: string | null;
  file: { as: string; name: string; bytes: Buffer } | null;
  replyTo: string | null;
  at: number;
}

interface Held {
  as: string;
  name: string;
  type: string;
  bytes: Buffer;
  at: number;
}

const hour = 3_600_000;
const ladderMs = [30_000, 300_000, 900_000, 1_800_000, 3_600_000];
class ZaloFault extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export class FakeZalo {
  readonly followers = new Map<string, Follower>();
  /** everything that reached a customer, in the order in which it did */
  readonly sent: TakenByZalo[] = [];
  /** refresh tokens, in the order in which they were used */
  readonly refreshed: string[] = [];
  /** of messages, of uploads, of tokens */
  readonly faults: Faults;
  readonly uploadFaults: Faults;
  readonly tokenFaults: Faults;
  readonly hooks: Hooks;
  echo: 'before' | 'after' | 'never' = 'after';
  receipts = false;
  /** what the next messages are refused with */
  refusals: number[] = [];
  readonly settings: Required<ZaloOptions>;
  readonly #draw: Draw;
  readonly #held = new Map<string, Held>();
  #server!: VendorServer;
  #pair: { access: string; refresh: string; endsAt: number };
  #dead = false;
  #count = 0;

  private constructor(options: ZaloOptions) {
    this.settings = {
      seed: 1,
      appId: '1390045512870031188',
      oaId: '2877310045519900321',
      appSecret: 'demo-app-secret',
      secretKey: 'zoaTest_Qk29',
      access: 'demo-access-token',
      refresh: 'demo-refresh-token',
      now: Date.now,
      ladder: 1 / 10_000,
      hookTimeoutMs: 2000,
      ...options,
    };
    const { seed, appId, secretKey, access, refresh, now, ladder, hookTimeoutMs } = this.settings;
    this.#draw = new Draw(seed, 'zalo');
    this.faults = new Faults(new Draw(seed, 'faults of zalo'));
    this.uploadFaults = new Faults(new Draw(seed, 'faults of uploads'));
    this.tokenFaults = new Faults(new Draw(seed, 'faults of tokens'));
    this.#pair = { access, refresh, endsAt: now() + 25 * hour };
    this.hooks = new Hooks({
      sign: (raw, retry) => {
        const timestamp = /"timestamp":"(\d+)"/.exec(raw.toString('utf8'))?.[1] ?? '';
        const mac = createHash('sha256').update(appId).update(raw).update(timestamp).update(secretKey).digest('hex');
        return { 'x-zevent-signature': `mac=${mac}`, ...(retry > 0 && { num_retry: String(retry) }) };
      },
      retryMs: ladderMs.map((ms) => ms * ladder),
      timeoutMs: hookTimeoutMs,
      offWhenGivenUp: true,
      draw: new Draw(seed, 'hooks of zalo'),
    });
  }

  static async start(options: ZaloOptions = {}): Promise<FakeZalo> {
    const zalo = new FakeZalo(options);
    zalo.#server = await VendorServer.listen(async (asked, answer, raw) => {
      const held = zalo.#held.get(/^\/media\/(\w+)$/.exec(asked.url.pathname)?.[1] ?? '');
      if (held) raw.writeHead(200, { 'content-type': held.type, 'content-length': held.bytes.length }).end(held.bytes);
      else await zalo.#handle(asked, answer);
    });
    return zalo;
  }

  /** Of the programming interface and of the tokens alike. */
  get url(): string {
    return this.#server.url;
  }

  get host(): string {
    return this.#server.host;
  }

  get requests(): VendorServer['requests'] {
    return this.#server.requests;
  }

  /** The pair that works now. */
  get pair(): { access: string; refresh: string; expiresAt: number } {
    const { access, refresh, endsAt } = this.#pair;
    return { access, refresh, expiresAt: endsAt };
  }

  async close(): Promise<void> {
    await this.hooks.close();
    await this.#server.close();
  }

  taken(followerId: string): TakenByZalo[] {
    return this.sent.filter(({ to }) => to === followerId);
  }

  follower(id: string, fields: Partial<Follower> = {}): Follower {
    const known = this.followers.get(id) ?? { id, name: 'Trần Thị Mai', state: 'ok', follows: true, lastWroteAt: null };
    this.followers.set(id, Object.assign(known, fields));
    return known;
  }

  hold(bytes: Buffer, type: string, as = 'media', name = ''): string {
    const key = this.#id('f');
    this.#held.set(key, { as, name, type, bytes, at: this.settings.now() });
    return `${this.url}/media/${key}`;
  }

  /** A customer writes. @returns its id */
  say(
    from: string,
    text: string | null,
    more: { kind?: string; attachments?: { type: string; payload: Record<string, unknown> }[]; replyTo?: string; id?: string } = {},
  ): string {
    const { kind = 'text', attachments, replyTo, id = this.#id('zm') } = more;
    this.follower(from).lastWroteAt = this.settings.now();
    this.#tell(from, `user_send_${kind}`, {
      sender: { id: from },
      recipient: { id: this.settings.oaId },
      message: {
        msg_id: id,
        ...(text !== null && { text }),
        ...(replyTo && { quote_msg_id: replyTo }),
        ...(attachments && { attachments }),
      },
    });
    return id;
  }

  follow(id: string, follows: boolean): void {
    this.follower(id).follows = follows;
    this.#tell(id, follows ? 'follow' : 'unfollow', { oa_id: this.settings.oaId, follower: { id }, source: 'testing' });
  }

  submitInfo(id: string, info: { name: string; phone: string; [field: string]: unknown }): void {
    this.#tell(id, 'user_submit_info', { sender: { id }, recipient: { id: this.settings.oaId }, info });
  }

  received(messageId: string, to: string): void {
    this.#tell(to, 'user_received_message', {
      sender: { id: this.settings.oaId },
      recipient: { id: to },
      message: { msg_id: messageId },
    });
  }

  /** This customer has seen everything. */
  seen(id: string): void {
    const ids = this.taken(id).map((one) => one.id);
    this.#tell(id, 'user_seen_message', { sender: { id }, recipient: { id: this.settings.oaId }, message: { msg_ids: ids } });
  }

  /** Somebody answers from Zalo's own pages. @returns its id */
  answerElsewhere(to: string, text: string): string {
    const id = this.#id('zmExt');
    void this.#echo({ id, to, text, file: null, replyTo: null, at: this.settings.now() }, '770011');
    return id;
  }

  /** No token works until somebody signs in again. */
  withdraw(): void {
    this.#dead = true;
  }

  /** The access token is refused from now on, though its time has not come; the refresh token works. */
  endAccess(): void {
    this.#pair.endsAt = 0;
  }

  /** An administrator signs in. @returns the new pair */
  signIn(): { access: string; refresh: string; expiresAt: number } {
    this.#dead = false;
    this.#newPair();
    return this.pair;
  }

  #id(what: string): string {
    return `${what}${(this.#count += 1)}x${Math.floor(this.#draw.next() * 2 ** 40).toString(36)}`;
  }

  #newPair(): void {
    this.#pair = { access: this.#id('AT'), refresh: this.#id('RT'), endsAt: this.settings.now() + 25 * hour };
  }

  #tell(thread: string, event: string, fields: object): Promise<void> {
    const { appId, now } = this.settings;
    const body = { app_id: appId, user_id_by_app: `66${thread}`, event_name: event, timestamp: String(now()), ...fields };
    return this.hooks.send(thread, Buffer.from(JSON.stringify(body)));
  }

  async #echo({ id, to, text, file }: TakenByZalo, admin: string | null): Promise<void> {
    const { oaId } = this.settings;
    const attachments = file && [{ type: file.as, payload: { url: this.hold(file.bytes, 'application/octet-stream'), name: file.name } }];
    await this.#tell(to, `oa_send_${file ? file.as : 'text'}`, {
      sender: { id: oaId, ...(admin && { admin_id: admin }) },
      recipient: { id: to },
      message: { msg_id: id, ...(text !== null && { text }), ...(attachments && { attachments }) },
    });
  }

  async #handle(asked: Asked, answer: Say): Promise<void> {
    const { url, method, headers } = asked;
    const path = `${method} ${url.pathname}`;
    if (path === 'POST /v4/oa/access_token') return this.#refresh(asked, answer);
    const upload = /^POST \/v2\.0\/oa\/upload\/(image|gif|file)$/.exec(path)?.[1];
    const faults = path === 'POST /v3.0/oa/message/cs' ? this.faults : upload ? this.uploadFaults : null;
    const fault = faults?.take() ?? null;
    const slowMs = faults?.slowMs ?? 0;
    if (fault === 'error') return answer({ status: 500, json: { error: -100, message: 'Internal error' } });
    if (fault === 'rate') return answer({ json: { error: -32, message: 'Your application reached limit call api' } });
    if (fault !== null && fault !== 'token' && !done.has(fault)) return answer({ json: {} }, fault);
    try {
      const token = headers['access_token'];
      const works = token === this.#pair.access && this.#pair.endsAt > this.settings.now() && !this.#dead;
      // Zalo's words do not repeat the token; nobody should count on that.
      if (!works || fault === 'token') throw new ZaloFault(-216, `Access token is invalid: ${String(token)}`);
      if (upload) return answer({ json: { data: await this.#upload(upload, asked), error: 0, message: 'Success' } }, fault, slowMs);
      if (path === 'GET /v3.0/oa/user/detail') return answer({ json: { data: this.#detail(url), error: 0, message: 'Success' } });
      if (path === 'GET /v2.0/oa/getoa')
        return answer({ json: { data: { oa_id: this.settings.oaId, name: 'Sao Mai' }, error: 0, message: 'Success' } });
      if (path !== 'POST /v3.0/oa/message/cs') return answer({ status: 404, json: { error: -404, message: 'not found' } });
      const taken = this.#take(asked.body);
      if (this.echo === 'before') await this.#echo(taken, null);
      const data = { message_id: taken.id, user_id: taken.to, sent_time: String(taken.at), quota: { quota_type: 'reply' } };
      answer({ json: { data, error: 0, message: 'Success' } }, fault, slowMs);
      if (this.echo === 'after') void this.#echo(taken, null);
      if (this.receipts) this.received(taken.id, taken.to);
    } catch (error) {
      if (!(error instanceof ZaloFault)) throw error;
      answer({ json: { error: error.code, message: error.message } });
    }
  }

  #refresh({ body, headers }: Asked, answer: Say): void {
    const form = new URLSearchParams(body.toString('utf8'));
    const { appId, appSecret } = this.settings;
    const refuse = (error: number, name: string) =>
      answer({ json: { error, error_name: name, error_reason: name, error_description: '' } });
    const fault = this.tokenFaults.take();
    if (fault === 'error') return answer({ status: 500, json: {} });
    if (fault === 'rate') return refuse(-32, 'Too many requests');
    if (fault !== null && fault !== 'token' && !done.has(fault)) return answer({ json: {} }, fault);
    if (headers['secret_key'] !== appSecret || form.get('app_id') !== appId) return refuse(-14004, 'Invalid app secret');
    const given = form.get('refresh_token') ?? '';
    if (form.get('grant_type') !== 'refresh_token') return refuse(-14001, 'Invalid grant type');
    if (this.refreshed.includes(given)) {
      // Whoever uses one twice may have stolen it: the pair that it brought is dead, too.
      this.refreshed.push(given);
      this.#dead = true;
      return refuse(-14014, 'Invalid refresh token');
    }
    if (given !== this.#pair.refresh || this.#dead || fault === 'token') return refuse(-14014, 'Invalid refresh token');
    this.refreshed.push(given);
    this.#newPair();
    answer(
      { json: { access_token: this.#pair.access, refresh_token: this.#pair.refresh, expires_in: '90000' } },
      fault,
      this.tokenFaults.slowMs,
    );
  }

  async #upload(as: string, { headers, body }: Asked): Promise<object> {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': headers['content-type'] ?? '' } }).formData();
    const file = form.get('file');
    if (!(file instanceof File)) throw new ZaloFault(-201, 'file is missing');
    const fits = { image: /\.(jpe?g|png)$/i, gif: /\.gif$/i, file: /\.(pdf|docx?|csv)$/i }[as];
    if (!fits?.test(file.name)) return {};
    if (file.size > (as === 'image' ? 1 : 5) * 1024 * 1024) throw new ZaloFault(-210, 'File is too large');
    const key = this.#id('up');
    this.#held.set(key, { as, name: file.name, type: file.type, bytes: Buffer.from(await file.arrayBuffer()), at: this.settings.now() });
    return as === 'file' ? { token: key } : { attachment_id: key };
  }

  #detail(url: URL): object {
    const asked = JSON.parse(url.searchParams.get('data') ?? '{}') as { user_id?: string };
    const follower = this.followers.get(asked.user_id ?? '');
    if (!follower) throw new ZaloFault(-213, 'User has not followed OA');
    const avatar = this.hold(Buffer.from('\xff\xd8\xff picture', 'latin1'), 'image/jpeg');
    return {
      user_id: follower.id,
      display_name: follower.name,
      user_is_follower: follower.follows,
      avatar,
      avatars: { 120: avatar, 240: avatar },
    };
  }

  #take(body: Buffer): TakenByZalo {
    const order = JSON.parse(body.toString('utf8')) as Order;
    const { recipient, message = {} } = order;
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw new ZaloFault(refusal, `refused with ${refusal}`);
    const follower = this.followers.get(recipient?.user_id ?? '');
    if (!follower) throw new ZaloFault(-213, 'User has not followed OA');
    if (follower.state === 'blocked') throw new ZaloFault(-217, 'User has blocked invitation from OA');
    const age = follower.lastWroteAt === null ? Infinity : this.settings.now() - follower.lastWroteAt;
    if (age >= 7 * 24 * hour) throw new ZaloFault(-230, 'User has not interacted with the OA in the past 7 days');
    const text = message.text ?? null;
    const payload = message.attachment?.payload;
    if (text === null && !payload) throw new ZaloFault(-201, 'Params is invalid');
    if ((text?.length ?? 0) > 2000) throw new ZaloFault(-210, 'Text is too long');
    const quote = message.quote_message_id ?? null;
    if (quote !== null && !quote.startsWith('zm')) throw new ZaloFault(-201, 'quote_message_id is invalid');
    let file: TakenByZalo['file'] = null;
    if (payload) {
      const held = this.#held.get(payload.token ?? payload.elements?.[0]?.attachment_id ?? '');
      const as = payload.token === undefined ? payload.elements?.[0]?.media_type : 'file';
      if (!held || held.as !== as || this.settings.now() - held.at > 7 * 24 * hour) throw new ZaloFault(-100, 'Attachment is expired');
      file = { as: held.as, name: held.name, bytes: held.bytes };
    }
    const taken = { id: this.#id('zmOut'), to: follower.id, text, file, replyTo: quote, at: this.settings.now() };
    this.sent.push(taken);
    return taken;
  }
}

interface Order {
  recipient?: { user_id?: string };
  message?: {
    text?: string;
    quote_message_id?: string;
    attachment?: { type: string; payload: { token?: string; elements?: { media_type?: string; attachment_id?: string }[] } };
  };
}
