/**
 * A stand-in for Meta: the Send API, people's profiles, their files, and webhooks to a hub. It behaves as Meta documents it (channels
 * reference, 1), where that is known; what it takes it takes as often as it is given, as Meta does.
 */
import { createHmac } from 'node:crypto';
import { Draw } from './draw.ts';
import { type Asked, done, Faults, Hooks, type Say, VendorServer } from './vendor.ts';

export interface MetaOptions {
  seed?: number;
  object?: 'page' | 'instagram';
  /** the page's, or the Instagram account's */
  accountId?: string;
  token?: string;
  version?: string;
  appSecret?: string;
  /** Meta's clock, ms */
  now?: () => number;
  /** ms before each further try of a webhook */
  retryMs?: number[];
  hookTimeoutMs?: number;
}

export interface Customer {
  id: string;
  first: string;
  last: string;
  /** `phone`: signed up by a phone number, of whom Meta has no profile */
  state: 'ok' | 'blocked' | 'phone';
  lastWroteAt: number | null;
  lastRead: number;
}

/** One message that reached its customer. */
export interface TakenByMeta {
  id: string;
  to: string;
  text: string | null;
  file: { kind: string; name: string; type: string; bytes: Buffer } | null;
  metadata: string | null;
  replyTo: string | null;
  tag: string | null;
  at: number;
}

const hour = 3_600_000;
type GraphFault = { message: string; code: number; error_subcode?: number };

export class FakeMeta {
  readonly customers = new Map<string, Customer>();
  /** everything that reached a customer, in the order in which it did */
  readonly sent: TakenByMeta[] = [];
  /** what Meta takes, and punishes later: the tag for people inside the open window */
  readonly breaches: string[] = [];
  readonly faults: Faults;
  readonly hooks: Hooks;
  /** when the echo of what was sent is told: before the sender has its answer, after that, or never */
  echo: 'before' | 'after' | 'never' = 'after';
  /** whether what arrives is told to have been delivered */
  receipts = false;
  /** what is sent from a token that has been withdrawn is refused */
  tokenWorks = true;
  readonly settings: Required<MetaOptions>;
  readonly #draw: Draw;
  readonly #media = new Map<string, { type: string; bytes: Buffer }>();
  #server!: VendorServer;
  #count = 0;

  private constructor(options: MetaOptions) {
    this.settings = {
      seed: 1,
      object: 'page',
      accountId: '108822331144556',
      token: 'demo-page-token',
      version: 'v25.0',
      appSecret: 'fbtest_7d1c0f4e9a',
      now: Date.now,
      retryMs: [20, 50, 100, 200, 400, 800, 1600, 3200],
      hookTimeoutMs: 20_000,
      ...options,
    };
    const { seed, object, appSecret, retryMs, hookTimeoutMs } = this.settings;
    this.#draw = new Draw(seed, `meta ${object}`);
    this.faults = new Faults(new Draw(seed, `faults of ${object}`));
    this.hooks = new Hooks({
      sign: (raw) => ({ 'x-hub-signature-256': `sha256=${createHmac('sha256', appSecret).update(raw).digest('hex')}` }),
      retryMs,
      timeoutMs: hookTimeoutMs,
      offWhenGivenUp: false,
      draw: new Draw(seed, `hooks of ${object}`),
    });
  }

  static async start(options: MetaOptions = {}): Promise<FakeMeta> {
    const meta = new FakeMeta(options);
    meta.#server = await VendorServer.listen(async (asked, answer, raw) => {
      const media = /^\/media\/(\w+)$/.exec(asked.url.pathname);
      const file = media && meta.#media.get(media[1] ?? '');
      if (file) raw.writeHead(200, { 'content-type': file.type, 'content-length': file.bytes.length }).end(file.bytes);
      else await meta.#graph(asked, answer);
    });
    return meta;
  }

  get url(): string {
    return this.#server.url;
  }

  /** For a hub's list of hosts that files may be fetched from. */
  get host(): string {
    return this.#server.host;
  }

  get requests(): VendorServer['requests'] {
    return this.#server.requests;
  }

  async close(): Promise<void> {
    await this.hooks.close();
    await this.#server.close();
  }

  /** What reached this customer, in order. */
  taken(customerId: string): TakenByMeta[] {
    return this.sent.filter(({ to }) => to === customerId);
  }

  customer(id: string, fields: Partial<Customer> = {}): Customer {
    const known = this.customers.get(id) ?? { id, first: 'Mai', last: 'Nguyễn', state: 'ok', lastWroteAt: null, lastRead: 0 };
    this.customers.set(id, Object.assign(known, fields));
    return known;
  }

  /** Holds a file for whoever has its address. */
  hold(bytes: Buffer, type: string): string {
    const key = this.#id('file').replaceAll(/\W/g, '');
    this.#media.set(key, { type, bytes });
    return `${this.url}/media/${key}?oe=65f0`;
  }

  /** A customer writes. @returns its id */
  say(
    from: string,
    text: string | null,
    more: { attachments?: { type: string; url: string }[]; replyTo?: string; id?: string } = {},
  ): string {
    const { attachments = [], replyTo, id: mid = this.#id('In') } = more;
    const customer = this.customer(from);
    customer.lastWroteAt = this.settings.now();
    this.#tell(from, from, {
      message: {
        mid,
        ...(text !== null && { text }),
        ...(replyTo !== undefined && { reply_to: { mid: replyTo } }),
        ...(attachments.length > 0 && { attachments: attachments.map(({ type, url }) => ({ type, payload: { url } })) }),
      },
    });
    return mid;
  }

  /** Everything that this customer was sent has arrived there; told with `mids`, or by its time alone, as Meta may. */
  deliver(customerId: string, mids = true): void {
    const all = this.taken(customerId);
    const last = all.at(-1);
    if (last) this.#tell(customerId, customerId, { delivery: { ...(mids && { mids: all.map(({ id }) => id) }), watermark: last.at } });
  }

  read(customerId: string): void {
    const last = this.taken(customerId).at(-1);
    if (!last) return;
    this.customer(customerId).lastRead = last.at;
    this.#tell(customerId, customerId, { read: this.settings.object === 'page' ? { watermark: last.at } : { mid: last.id } });
  }

  react(customerId: string, mid: string, emoji: string | null): void {
    this.#tell(customerId, customerId, {
      reaction: { mid, action: emoji === null ? 'unreact' : 'react', ...(emoji !== null && { emoji, reaction: 'other' }) },
    });
  }

  unsend(customerId: string, mid: string): void {
    this.#tell(customerId, customerId, { message: { mid, is_deleted: true } });
  }

  /** Somebody answers from Meta's own inbox. @returns its id */
  answerElsewhere(to: string, text: string): string {
    const mid = this.#id('Ext');
    this.#tell(to, this.settings.accountId, { message: { is_echo: true, app_id: 1217981644879628, mid, text } });
    return mid;
  }

  #id(what: string): string {
    return `m_${what}-${(this.#count += 1)}-${Math.floor(this.#draw.next() * 2 ** 40).toString(36)}`;
  }

  #tell(customerId: string, sender: string, event: object): Promise<void> {
    const { accountId, object, now } = this.settings;
    const recipient = sender === accountId ? customerId : accountId;
    const messaging = [{ sender: { id: sender }, recipient: { id: recipient }, timestamp: now(), ...event }];
    const text = JSON.stringify({ object, entry: [{ id: accountId, time: now(), messaging }] });
    // Escaped as PHP does it: whoever signs what he has read and written again finds another signature.
    const escaped = text
      .replaceAll(/[^\x20-\x7e]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .replaceAll('/', '\\/');
    return this.hooks.send(customerId, Buffer.from(escaped));
  }

  async #graph({ method, url, headers, body }: Asked, answer: Say): Promise<void> {
    const { token, version, accountId } = this.settings;
    const refuse = (fault: GraphFault, status = 400) =>
      answer({ status, json: { error: { type: 'OAuthException', ...fault, fbtrace_id: 'A1bcd' } } });
    const [, asked, node = '', edge] = url.pathname.split('/');
    if (asked !== version) return refuse({ message: `Unknown path components: ${url.pathname}`, code: 2500 });
    const given = url.searchParams.get('access_token') ?? headers.authorization?.replace(/^Bearer /, '');
    if (given !== token || !this.tokenWorks) {
      // Meta repeats what it was given.
      return refuse({ message: `Malformed access token ${given}`, code: 190, error_subcode: 460 });
    }
    // Whose the token is.
    if (method === 'GET' && node === 'me' && edge === undefined) return answer({ json: { id: accountId, name: 'Sao Mai' } });
    if (method === 'GET' && edge === undefined) return this.#profile(node, url, answer, refuse);
    if (method !== 'POST' || edge !== 'messages' || (node !== 'me' && node !== accountId))
      return refuse({ message: `Unsupported ${method.toLowerCase()} request.`, code: 100, error_subcode: 33 });

    const fault = this.faults.take();
    if (fault === 'error') return refuse({ message: 'An unexpected error has occurred. Please retry your request later.', code: 2 }, 500);
    if (fault === 'rate') return refuse({ message: 'Calls to this API have exceeded the rate limit', code: 613 });
    if (fault === 'token') return refuse({ message: `Error validating access token: ${given}`, code: 190, error_subcode: 460 });
    if (fault !== null && !done.has(fault)) return answer({ json: {} }, fault);
    const order = await orderOf(headers['content-type'] ?? '', body);
    const taken = order ? this.#take(order) : { message: '(#100) Invalid parameter', code: 100 };
    if ('code' in taken) return refuse(taken);
    const tell = async () => {
      const { id: mid, to, text, metadata, file } = taken;
      const attachments = file && [{ type: file.kind, payload: { url: this.hold(file.bytes, file.type) } }];
      const message = { is_echo: true, app_id: 55511122233344, ...(metadata !== null && { metadata }), mid };
      await this.#tell(to, accountId, { message: { ...message, ...(text !== null && { text }), ...(attachments && { attachments }) } });
      if (this.receipts) this.deliver(to);
    };
    if (this.echo === 'before') await tell();
    const json = { recipient_id: taken.to, message_id: taken.id };
    answer({ json }, fault, this.faults.slowMs);
    if (this.echo === 'after') void tell();
  }

  #profile(id: string, url: URL, answer: Say, refuse: (fault: GraphFault) => void): void {
    const customer = this.customers.get(id);
    if (!customer || customer.state === 'phone')
      return refuse({ message: 'No profile available for this user.', code: 100, error_subcode: 2018218 });
    const name = `${customer.last} ${customer.first}`;
    const known: Record<string, string> = {
      name,
      username: `${customer.first}.${id}`,
      first_name: customer.first,
      last_name: customer.last,
      profile_pic: this.hold(Buffer.from('\xff\xd8\xff picture', 'latin1'), 'image/jpeg'),
    };
    const fields = (url.searchParams.get('fields') ?? 'name').split(',');
    answer({ json: { ...Object.fromEntries(fields.flatMap((field) => (known[field] ? [[field, known[field]]] : []))), id } });
  }

  #take(order: Order): TakenByMeta | GraphFault {
    const { object, now } = this.settings;
    const { recipient, message, messaging_type: type, tag = null, reply_to: reply, file } = order;
    const customer = this.customers.get(recipient?.id ?? '');
    if (!customer) return { message: '(#100) No matching user found', code: 100, error_subcode: 2018001 };
    if (customer.state === 'blocked')
      return { message: "(#551) This person isn't available right now.", code: 551, error_subcode: 1545041 };
    const most = object === 'page' ? 2000 : 1000;
    const text = message?.text ?? null;
    const attachment = message?.attachment;
    if (text === null && !attachment) return { message: '(#100) Message cannot be empty', code: 100, error_subcode: 2018034 };
    if (text !== null && text.length > most)
      return { message: `(#100) Length of param message[text] must be less than or equal to ${most}`, code: 100 };
    if ((message?.metadata?.length ?? 0) > 1000) return { message: '(#100) param message[metadata] is too long', code: 100 };
    if (tag !== null && tag !== 'HUMAN_AGENT') return { message: '(#100) Invalid parameter', code: 100 };
    const age = customer.lastWroteAt === null ? Infinity : now() - customer.lastWroteAt;
    const tagged = type === 'MESSAGE_TAG' && tag === 'HUMAN_AGENT';
    if (age >= (tagged ? 7 * 24 * hour : 24 * hour))
      return { message: '(#10) This message is sent outside of allowed window.', code: 10, error_subcode: 2018278 };
    if (tagged && age < 24 * hour) this.breaches.push(`${customer.id}: tagged after ${age} ms`);
    if (attachment && !file) return { message: '(#100) Upload attachment failure', code: 100, error_subcode: 2018007 };
    if (file && file.bytes.length > 25 * 1024 * 1024)
      return { message: '(#100) Attachment size exceeds allowable limit', code: 100, error_subcode: 2018109 };
    const replyTo = reply?.mid ?? null;
    if (replyTo !== null && !replyTo.startsWith('m_')) return { message: '(#100) Invalid parameter: reply_to', code: 100 };
    const taken: TakenByMeta = {
      id: this.#id('Out'),
      to: customer.id,
      text,
      file: file && attachment ? { kind: attachment.type, ...file } : null,
      metadata: message?.metadata ?? null,
      replyTo,
      tag,
      at: now(),
    };
    this.sent.push(taken);
    return taken;
  }
}

interface Order {
  recipient?: { id?: string };
  messaging_type?: string;
  tag?: string;
  message?: { text?: string; metadata?: string; attachment?: { type: string } };
  reply_to?: { mid?: string };
  file: { name: string; type: string; bytes: Buffer } | null;
}

async function orderOf(contentType: string, body: Buffer): Promise<Order | null> {
  try {
    if (!contentType.startsWith('multipart/form-data')) return { ...(JSON.parse(body.toString('utf8')) as Order), file: null };
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
    const fields: Record<string, unknown> = {};
    let file: Order['file'] = null;
    for (const [key, value] of form.entries()) {
      if (typeof value !== 'string') file = { name: value.name, type: value.type, bytes: Buffer.from(await value.arrayBuffer()) };
      else fields[key] = value.startsWith('{') ? (JSON.parse(value) as unknown) : value;
    }
    return { ...(fields as Omit<Order, 'file'>), file };
  } catch {
    return null;
  }
}
