/** The conversation on screen. */
import type { PublicFile, PublicMessage } from '../../src/shared/widget.ts';
import { Bubble, type BubbleTools, type Said } from './bubble.ts';
import { element, iconButton, icons } from './dom.ts';
import type { Files, OutgoingFile } from './files.ts';
import type { Waiting } from './outbox.ts';
import type { Language, Texts } from './texts.ts';

export interface Shown {
  messages: readonly PublicMessage[];
  waiting: readonly Waiting[];
  /** the oldest answer that was unread when the chat was opened */
  unreadFrom: string | null;
  online: boolean;
}

/** What one person says within this stays together. */
const togetherMs = 5 * 60_000;
const hourMs = 3_600_000;

export class View {
  readonly element = element('div', 'log');
  readonly #t: Texts;
  readonly #language: Language;
  readonly #files: Files;
  readonly #tools: BubbleTools;
  readonly #bubbles = new Map<string, Bubble>();
  readonly #marks = new Map<string, HTMLElement>();

  constructor(t: Texts, language: Language, files: Files, discard: (id: string) => void) {
    this.#t = t;
    this.#language = language;
    this.#files = files;
    this.#tools = { t, language, files, discard, look: (file) => this.#look(file) };
    const log = this.element;
    log.setAttribute('role', 'log');
    log.setAttribute('aria-label', t.conversation);
    log.setAttribute('aria-relevant', 'additions');
    // What was said before is not news.
    log.setAttribute('aria-live', 'off');
    log.tabIndex = 0;
  }

  /** From now on what is added is news. */
  announce(): void {
    if (this.element.getAttribute('aria-live') === 'off') setTimeout(() => this.element.setAttribute('aria-live', 'polite'), 500);
  }

  toEnd(): void {
    this.element.scrollTop = this.element.scrollHeight;
  }

  render(shown: Shown): void {
    const log = this.element;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    const nodes = this.#nodes(shown);
    const wanted = new Set<Node>(nodes);
    Array.from(log.children)
      .filter((child) => !wanted.has(child))
      .forEach((child) => child.remove());
    for (const [at, node] of nodes.entries()) if (log.children[at] !== node) log.insertBefore(node, log.children[at] ?? null);
    if (atEnd) this.toEnd();
  }

  clear(): void {
    this.#bubbles.clear();
    this.#marks.clear();
    this.element.replaceChildren();
  }

  #nodes({ messages, waiting, unreadFrom, online }: Shown): HTMLElement[] {
    if (messages.length === 0 && waiting.length === 0) return [this.#empty()];
    const nodes: HTMLElement[] = [];
    const lastMine = messages.filter(({ from }) => from === 'customer').at(-1)?.id;
    let day = '';
    for (const [at, message] of messages.entries()) {
      const itsDay = this.#day(message.at);
      if (itsDay !== day) nodes.push(this.#mark(`day:${itsDay}`, 'day', itsDay));
      if (message.id === unreadFrom) nodes.push(this.#mark('unread', 'unread', this.#t.unread));
      const before = messages[at - 1];
      const after = messages[at + 1];
      nodes.push(
        this.#bubble({
          id: message.id,
          mine: message.from === 'customer',
          author: message.from === 'bot' ? `${message.author} (${this.#t.bot})` : message.author,
          body: message.body,
          files: message.files.map((file) => ({ file, note: '' })),
          first: itsDay !== day || message.id === unreadFrom || !together(before, message),
          last: !after || after.id === unreadFrom || this.#day(after.at) !== itsDay || !together(message, after),
          state: 'there',
          foot: this.#time(message.at) + (message.id === lastMine ? ` · ${this.#t.sent}` : ''),
          when: new Date(message.at).toLocaleString(this.#language, { dateStyle: 'full', timeStyle: 'short' }),
        }),
      );
      day = itsDay;
    }
    for (const [at, one] of waiting.entries()) nodes.push(this.#bubble(this.#pending(one, at === 0, online)));
    return nodes;
  }

  #pending(one: Waiting, first: boolean, online: boolean): Said {
    const t = this.#t;
    return {
      id: one.id,
      mine: true,
      author: t.you,
      body: one.body,
      files: one.files.map((file) => ({ file: file.sent ?? shownAs(file), note: online && !one.refused ? this.#progress(file) : '' })),
      first,
      last: true,
      state: one.refused ? 'refused' : 'waiting',
      foot: one.refused ? t.refused : online ? t.sending : t.later,
      when: '',
    };
  }

  #progress(file: OutgoingFile): string {
    return file.sent ? '' : this.#t.uploading(Math.round(this.#files.progress(file.id) * 100));
  }

  #bubble(said: Said): HTMLElement {
    const bubble = this.#bubbles.get(said.id) ?? new Bubble(this.#tools);
    this.#bubbles.set(said.id, bubble);
    bubble.show(said);
    return bubble.node;
  }

  #mark(key: string, className: string, text: string): HTMLElement {
    const mark = this.#marks.get(key) ?? element('p', className, text);
    mark.setAttribute('aria-live', 'off');
    this.#marks.set(key, mark);
    return mark;
  }

  #empty(): HTMLElement {
    const known = this.#marks.get('empty');
    if (known) return known;
    const empty = element('div', 'empty');
    empty.append(element('p', 'greeting', this.#t.greeting), element('p', 'promise', this.#t.promise));
    this.#marks.set('empty', empty);
    return empty;
  }

  /** A picture in full. */
  #look(file: PublicFile): void {
    const dialog = element('dialog', 'look');
    dialog.setAttribute('aria-label', this.#t.picture(file.name));
    const image = element('img');
    image.alt = file.name;
    const save = iconButton('tool', `${this.#t.download} ${file.name}`, icons.download);
    save.addEventListener('click', () => void this.#files.save(file).catch(() => undefined));
    const close = iconButton('tool', this.#t.close, icons.close);
    close.addEventListener('click', () => dialog.close());
    const bar = element('div', 'look-bar');
    bar.append(element('span', 'look-name', file.name), save, close);
    dialog.append(bar, image);
    dialog.addEventListener('close', () => dialog.remove());
    // Esc goes back one step, not out of the chat.
    dialog.addEventListener('keydown', (event) => event.stopPropagation());
    document.body.append(dialog);
    this.#files.url(file.id).then(
      (url) => (image.src = url),
      () => dialog.close(),
    );
    dialog.showModal();
    close.focus();
  }

  #day(at: number): string {
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / (24 * hourMs));
    if (days === 0) return this.#t.today;
    if (days === 1) return this.#t.yesterday;
    return new Date(at).toLocaleDateString(this.#language, { day: 'numeric', month: 'long', year: 'numeric' });
  }

  /** As people say it while it is fresh, exact afterwards. */
  #time(at: number): string {
    const ago = Date.now() - at;
    if (ago < 60_000) return this.#t.justNow;
    if (ago < hourMs) return this.#t.minutes(Math.floor(ago / 60_000));
    return new Date(at).toLocaleTimeString(this.#language, { hour: '2-digit', minute: '2-digit' });
  }
}

const shownAs = ({ id, name, size, picture }: OutgoingFile): PublicFile => ({ id, name, size, picture });

function together(before: PublicMessage | undefined, message: PublicMessage): boolean {
  if (!before || before.from !== message.from || message.at - before.at > togetherMs) return false;
  return message.from === 'customer' || before.author === message.author;
}
