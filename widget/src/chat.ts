/** The chat inside the frame: plain DOM, text only, nothing from a message is ever markup. */
import type { PublicMessage } from '../../src/shared/widget.ts';
import { Composer } from './composer.ts';
import { element, iconButton, icons } from './dom.ts';
import { Files } from './files.ts';
import { HubClient, isFinal, Refusal } from './hub-client.ts';
import { Outbox } from './outbox.ts';
import { PageLine } from './page-line.ts';
import { type Details, type Form, PreChat } from './pre-chat.ts';
import { ByteStore, Store } from './store.ts';
import { texts } from './texts.ts';
import { View } from './view.ts';

const typingHoldsMs = 6000;
const clockMs = 30_000;
const formRetryMs = 3000;
const nobody: Details = { name: '', phone: '', email: '', consent: false };

const parameters = new URLSearchParams(location.search);
const channel = parameters.get('channel') ?? '';
const language = parameters.get('lang') === 'en' ? 'en' : 'vi';
const t = texts(language);
const line = new PageLine(parameters.get('page'));
const store = new Store(channel);
const bytes = new ByteStore(channel);

/** What the hub last said of this chat; kept, so that a page that is opened without a line shows the same. */
let known = store.get<{ workspace: string; form: Form | null }>('session') ?? { workspace: '', form: null };
const messages = new Map<string, PublicMessage>();
/** ours, until the hub's own word for it comes */
const guessed = new Set<string>();
let isOpen = window.parent === window;
let isOnline = true;
let isBarred = false;
let unreadFrom: string | null = null;
/** what the page's button was last told */
let toldUnread = -1;

document.documentElement.lang = language;
document.title = t.conversation;
const shop = element('h1', 'shop', known.workspace || '…');
const state = element('p', 'state', t.connecting);
const close = iconButton('tool', t.close, icons.close);
const title = element('div', 'title');
title.append(shop, state);
const header = element('header', 'head');
header.append(title, close);
const bar = notice('offline', t.offline);
const slow = notice('slow', '');
const barred = notice('barred', t.unavailable);
const typing = element('p', 'typing');
typing.setAttribute('role', 'status');

const client = new HubClient(channel, line.page, store, {
  session(session) {
    known = { workspace: session.workspace, form: session.form };
    store.set('session', known);
    shop.textContent = session.workspace;
    isBarred = false;
    ask(session.name);
  },
  conversation(all) {
    for (const message of all) take(message);
    arrived();
    view.announce();
  },
  message(message) {
    if (message.from !== 'customer') showTyping(null);
    take(message);
    arrived();
  },
  typing: (name) => showTyping(name),
  connected(online) {
    isOnline = online;
    bar.hidden = online || isBarred;
    state.textContent = online ? t.online : '';
    if (online) {
      composer.online();
      ask(null);
      void outbox.flush();
    }
    render();
  },
  forgotten() {
    outbox.hold(true);
    outbox.renewed();
    composer.renewed();
  },
  barred() {
    isBarred = true;
    bar.hidden = true;
    state.textContent = '';
    show();
  },
  identity(verified) {
    line.tell({ truc: 'identity', verified });
    // Whoever was somebody else before is another visitor from here on: the new session's conversation is all there is.
    if (verified) forgetConversation();
  },
});
const files = new Files(client, bytes, () => {
  composer.progressed();
  render();
});
const outbox = new Outbox(store, bytes, client, files, {
  changed: () => render(),
  sent(message) {
    if (!messages.has(message.id)) {
      messages.set(message.id, message);
      guessed.add(message.id);
    }
    render();
  },
  slow(seconds) {
    slow.hidden = seconds === null;
    if (seconds !== null) slow.textContent = t.slow(seconds);
  },
});
const view = new View(t, language, files, (id) => {
  const one = outbox.waiting.find((waiting) => waiting.id === id);
  if (one) outbox.discard(one);
  composer.focus();
});
const composer = new Composer(t, language, files, store, {
  send(body, attached) {
    outbox.add(body, attached);
    view.toEnd();
  },
  typing: () => client.typing(),
});
const preChat = new PreChat(t, language, {
  typed: (details) => store.set('details', { ...details, answered: false }),
  answered(details) {
    store.set('details', { ...details, answered: true });
    preChat.busy(true);
    ask(null);
  },
});

const main = element('main', 'chat');
main.append(header, bar, slow, barred, preChat.element, view.element, typing, composer.element);
document.body.append(main);

function notice(className: string, text: string): HTMLElement {
  const made = element('p', `notice ${className}`, text);
  made.setAttribute('role', 'status');
  made.hidden = true;
  return made;
}

function take(message: PublicMessage): void {
  // The hub's time and names over our own guess.
  if (!messages.has(message.id) || guessed.delete(message.id)) messages.set(message.id, message);
  // Taken before its confirmation came: it need not wait for that.
  const waiting = outbox.waiting.find((one) => one.id === message.id);
  if (waiting) outbox.discard(waiting);
}

/** Whether a form stands before the conversation, and what becomes of it. `name`: by which the hub knows the visitor already. */
let asking = false;
function ask(name: string | null): void {
  const details = { ...nobody, answered: false, ...(name === null ? {} : { name }), ...store.get<Partial<Details>>('details') };
  outbox.hold(known.form !== null);
  if (known.form === null) {
    store.remove('details');
    preChat.forget();
  } else if (details.answered && client.isOpen && !asking) void answerForm(details);
  else if (!details.answered) preChat.show(known.form, details);
  show();
}

async function answerForm({ name, phone, email, consent }: Details): Promise<void> {
  asking = true;
  try {
    await client.post('details', { name, phone, email, consent, language });
    known.form = null;
    store.set('session', known);
  } catch (error) {
    if (isFinal(error)) {
      asking = false;
      store.set('details', { name, phone, email, consent, answered: false });
      if (known.form) preChat.show(known.form, { name, phone, email, consent });
      show();
      return preChat.refuse(error instanceof Refusal ? error.field : null, isOpen);
    } else if (error instanceof Refusal && error.status === 401) client.renew();
    else setTimeout(() => ask(null), error instanceof Refusal ? error.waitMs : formRetryMs);
    asking = false;
    return show();
  }
  asking = false;
  ask(null);
}

/** One of three: the notice that there is no chat here, the form, or the conversation. */
function show(): void {
  const answered = store.get<{ answered?: boolean }>('details')?.answered === true;
  // Who has answered may write on while the answer waits for the line.
  const formFirst = known.form !== null && !(answered && !(asking && !preChat.element.hidden));
  const turned = preChat.element.hidden === formFirst;
  barred.hidden = !isBarred;
  preChat.element.hidden = isBarred || !formFirst;
  view.element.hidden = isBarred || formFirst;
  typing.hidden = view.element.hidden;
  composer.element.hidden = isBarred || formFirst;
  if (isOpen && !isBarred && turned) (formFirst ? preChat : composer).focus();
}

function forgetConversation(): void {
  messages.clear();
  guessed.clear();
  files.revoke();
  view.clear();
  unreadFrom = null;
  arrived();
}

let typingTimer = 0;
function showTyping(name: string | null): void {
  clearTimeout(typingTimer);
  // Said once as it begins, and not again while it lasts.
  const said = name === null ? '' : t.typing(name);
  if (typing.textContent !== said) typing.textContent = said;
  if (name !== null) typingTimer = setTimeout(() => showTyping(null), typingHoldsMs);
}

function arrived(): void {
  const answers = [...messages.values()].filter((message) => message.from !== 'customer' && !message.read).sort(byTime);
  const ids = answers.map(({ id }) => id);
  if (isOpen && document.visibilityState === 'visible' && document.hasFocus()) {
    for (const message of answers) message.read = true;
    unreadFrom ??= ids[0] ?? null;
    client.receipts([], ids);
  } else {
    unreadFrom = ids[0] ?? null;
    client.receipts(ids, []);
  }
  const unread = answers.filter(({ read }) => !read).length;
  if (unread !== toldUnread) line.tell({ truc: 'unread', count: unread });
  toldUnread = unread;
  render();
}

function render(): void {
  view.render({ messages: [...messages.values()].sort(byTime), waiting: outbox.waiting, unreadFrom, online: isOnline });
}

function byTime(a: PublicMessage, b: PublicMessage): number {
  return a.at - b.at || (a.id < b.id ? -1 : 1);
}

close.hidden = line.page === null;
close.addEventListener('click', () => line.tell({ truc: 'close' }));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.isComposing) line.tell({ truc: 'close' });
});
document.addEventListener('visibilitychange', arrived);
window.addEventListener('focus', arrived);
window.addEventListener('pagehide', (event) => !event.persisted && files.revoke());
setInterval(render, clockMs);
line.listen({
  open(open) {
    isOpen = open;
    if (!open) return;
    unreadFrom = null;
    if (isBarred) close.focus();
    else if (preChat.element.hidden) composer.focus();
    else preChat.focus();
    arrived();
    view.toEnd();
  },
  identify: (identity) => client.identify(identity),
  reset() {
    for (const name of ['details', 'session']) store.remove(name);
    known = { ...known, form: null };
    outbox.hold(true);
    outbox.clear();
    composer.clear();
    preChat.forget();
    showTyping(null);
    forgetConversation();
    client.reset();
  },
});
ask(null);
outbox.hold(true);
render();
client.start();
line.tell({ truc: 'ready' });
