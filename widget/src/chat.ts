/** The chat inside the frame: plain DOM, text only, nothing from a message is ever markup. */
import type { PublicMessage } from '../../src/shared/widget.ts';
import { HubClient, type Waiting } from './hub-client.ts';
import { texts } from './texts.ts';

const parameters = new URLSearchParams(location.search);
const language = parameters.get('lang') === 'en' ? 'en' : 'vi';
const page = parameters.get('page') ?? '';
const t = texts(language);
document.documentElement.lang = language;

const messages = new Map<string, PublicMessage>();
let waiting: Waiting[] = [];
let isOpen = window.parent === window;
/** the oldest answer that was unread when the chat was opened */
let unreadFrom: string | null = null;
/** what the page's button was last told */
let toldUnread = -1;

function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, text = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}

const header = element('header', 'head');
const shop = element('h1', 'shop', '…');
const state = element('p', 'state', t.connecting);
const close = element('button', 'icon');
close.type = 'button';
close.setAttribute('aria-label', t.close);
close.textContent = '✕';
const title = element('div', 'title');
title.append(shop, state);
header.append(title, close);

const bar = element('p', 'offline', t.offline);
bar.hidden = true;
bar.setAttribute('role', 'status');
const log = element('div', 'log');
log.setAttribute('role', 'log');
log.setAttribute('aria-label', t.conversation);
log.tabIndex = 0;

const form = element('form', 'composer');
const name = element('input', 'name');
name.placeholder = t.name;
name.setAttribute('aria-label', t.name);
name.maxLength = 120;
name.autocomplete = 'name';
const input = element('textarea', 'input');
input.placeholder = t.message;
input.setAttribute('aria-label', t.message);
input.rows = 1;
input.maxLength = 20_000;
const send = element('button', 'send', t.send);
send.type = 'submit';
const row = element('div', 'row');
row.append(input, send);
form.append(name, row);
document.body.append(header, bar, log, form);

const client = new HubClient(parameters.get('channel') ?? '', {
  greeted(workspace, known) {
    shop.textContent = workspace;
    if (known) name.value = known;
    showName();
  },
  connected(online) {
    bar.hidden = online;
    state.textContent = online ? t.online : '';
  },
  conversation(all) {
    for (const message of all) messages.set(message.id, message);
    arrived();
  },
  message(message) {
    // What is known keeps the hub's time over our own guess.
    const known = messages.get(message.id);
    messages.set(message.id, known && message.from === 'customer' && message.author === '' ? known : message);
    arrived();
  },
  waiting(now) {
    waiting = [...now];
    render();
  },
});

function arrived(): void {
  const answers = [...messages.values()].filter((message) => message.from !== 'customer' && !message.read);
  if (isOpen && document.visibilityState === 'visible') {
    for (const message of answers) message.read = true;
    unreadFrom ??= answers[0]?.id ?? null;
    void client.receipts(
      [],
      answers.map((message) => message.id),
    );
  } else {
    unreadFrom = answers[0]?.id ?? null;
    void client.receipts(
      answers.map((message) => message.id),
      [],
    );
  }
  const unread = [...messages.values()].filter((message) => message.from !== 'customer' && !message.read).length;
  if (unread !== toldUnread) tell({ truc: 'unread', count: unread });
  toldUnread = unread;
  render();
}

function render(): void {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const sorted = [...messages.values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const parts: HTMLElement[] = [];
  if (sorted.length === 0 && waiting.length === 0) {
    const empty = element('div', 'empty');
    empty.append(element('p', 'greeting', t.greeting), element('p', 'promise', t.promise));
    parts.push(empty);
  }
  let day = '';
  let author = '';
  for (const message of sorted) {
    const today = dayOf(message.at);
    if (today !== day) {
      parts.push(element('p', 'day', today));
      author = '';
    }
    day = today;
    if (message.id === unreadFrom) parts.push(element('p', 'unread', t.unread));
    const who = message.from === 'customer' ? t.you : message.from === 'bot' ? `${message.author} (${t.bot})` : message.author;
    const bubble = element('div', `message ${message.from === 'customer' ? 'mine' : 'theirs'}`);
    bubble.dataset['id'] = message.id;
    if (who !== author && message.from !== 'customer') bubble.append(element('p', 'author', who));
    author = who;
    bubble.append(element('p', 'body', message.body), foot(timeOf(message.at)));
    parts.push(bubble);
  }
  for (const one of waiting) {
    const bubble = element('div', 'message mine pending');
    bubble.append(element('p', 'body', one.body), foot(one.refused ? t.refused : t.sending));
    if (one.refused) {
      const discard = element('button', 'discard', t.discard);
      discard.type = 'button';
      discard.addEventListener('click', () => client.forget(one.id));
      bubble.append(discard);
    }
    parts.push(bubble);
  }
  log.replaceChildren(...parts);
  if (atEnd) log.scrollTop = log.scrollHeight;
  showName();
}

function foot(text: string): HTMLElement {
  return element('p', 'foot', text);
}

/** The name is asked for once, before the first message. */
function showName(): void {
  name.hidden = messages.size > 0 || waiting.length > 0;
}

function dayOf(at: number): string {
  const date = new Date(at);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return t.today;
  if (days === 1) return t.yesterday;
  return date.toLocaleDateString(language, { day: 'numeric', month: 'long', year: 'numeric' });
}

function timeOf(at: number): string {
  return new Date(at).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' });
}

function tell(message: { truc: string; count?: number }): void {
  if (window.parent !== window && page) window.parent.postMessage(message, page);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const body = input.value.trim();
  if (!body) return;
  input.value = '';
  grow();
  log.scrollTop = log.scrollHeight;
  client.send(body, name.value.trim() || null);
});
input.addEventListener('keydown', (event) => {
  // Telex and VNI compose with Enter: while they do, Enter is theirs.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  form.requestSubmit();
});
input.addEventListener('input', grow);
function grow(): void {
  input.style.height = 'auto';
  input.style.height = `${Math.min(input.scrollHeight, 120)}px`;
}
close.addEventListener('click', () => tell({ truc: 'close' }));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') tell({ truc: 'close' });
});
document.addEventListener('visibilitychange', arrived);
window.addEventListener('message', (event) => {
  if (event.source !== window.parent || event.origin !== page) return;
  const data: unknown = event.data;
  if (typeof data !== 'object' || data === null || !('truc' in data) || data.truc !== 'open' || !('open' in data)) return;
  isOpen = data.open === true;
  if (isOpen) {
    unreadFrom = null;
    arrived();
    log.scrollTop = log.scrollHeight;
    input.focus();
  }
});
close.hidden = window.parent === window;
render();
client.start();
tell({ truc: 'ready' });
