/** One message on screen. It is changed in place, so that nothing is read out twice and no picture flickers. */
import type { PublicFile } from '../../src/shared/widget.ts';
import { element, icon, icons } from './dom.ts';
import { type Files, sizeText } from './files.ts';
import type { Language, Texts } from './texts.ts';

export interface Said {
  id: string;
  mine: boolean;
  author: string;
  body: string;
  files: { file: PublicFile; note: string }[];
  /** first and last of what one person says in a row */
  first: boolean;
  last: boolean;
  state: 'there' | 'waiting' | 'refused';
  foot: string;
  /** exact, for the pointer that rests on the foot; empty: none */
  when: string;
}

export interface BubbleTools {
  t: Texts;
  language: Language;
  files: Files;
  discard(id: string): void;
  look(file: PublicFile): void;
}

/** Pictures are fetched when they come into view. */
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    target.dispatchEvent(new Event('seen'));
  }
});

export class Bubble {
  readonly node = element('div', 'message');
  readonly #tools: BubbleTools;
  readonly #avatar = element('span', 'avatar');
  readonly #author = element('p', 'author');
  readonly #content = element('div', 'content');
  readonly #foot = element('p', 'foot');
  readonly #actions = element('p', 'actions');
  readonly #notes: HTMLElement[] = [];
  #shows = '';

  constructor(tools: BubbleTools) {
    this.#tools = tools;
    this.#avatar.setAttribute('aria-hidden', 'true');
    // Times go by without a word.
    this.#foot.setAttribute('aria-live', 'off');
    this.node.append(this.#author, this.#avatar, this.#content, this.#foot, this.#actions);
  }

  show(said: Said): void {
    const { node } = this;
    node.className = `message ${said.mine ? 'mine' : 'theirs'}`;
    node.classList.toggle('pending', said.state !== 'there');
    node.classList.toggle('refused', said.state === 'refused');
    node.classList.toggle('first', said.first);
    node.classList.toggle('last', said.last);
    node.dataset['id'] = said.id;
    // Who wrote it need not be told of it.
    if (said.mine) node.setAttribute('aria-live', 'off');
    this.#author.textContent = said.first && !said.mine ? said.author : '';
    this.#author.hidden = !said.first || said.mine;
    this.#avatar.hidden = said.mine || !said.last;
    if (!said.mine) this.#avatar.textContent = said.author.trim().split(/\s+/).at(-1)?.slice(0, 1).toUpperCase() ?? '';
    this.#foot.hidden = !said.last && said.state === 'there';
    if (this.#foot.textContent !== said.foot) this.#foot.textContent = said.foot;
    this.#foot.title = said.when;
    const shows = JSON.stringify([said.body, said.files.map(({ file }) => [file.id, file.picture])]);
    if (shows !== this.#shows) this.#fill(said);
    this.#shows = shows;
    for (const [at, { note }] of said.files.entries()) {
      const shown = this.#notes[at];
      if (shown && shown.textContent !== note) shown.textContent = note;
    }
    this.#act(said);
  }

  #fill({ body, files }: Said): void {
    this.#notes.length = 0;
    const parts: HTMLElement[] = [];
    if (body !== '') {
      const text = element('p', 'body');
      text.append(...linked(body));
      parts.push(text);
    }
    parts.push(...files.map(({ file }) => (file.picture ? this.#picture(file) : this.#card(file))));
    this.#content.replaceChildren(...parts);
  }

  #picture(file: PublicFile): HTMLElement {
    const { t, files, look } = this.#tools;
    const button = element('button', 'picture');
    button.type = 'button';
    button.setAttribute('aria-label', t.picture(file.name));
    const image = element('img');
    image.alt = '';
    const note = element('span', 'note');
    this.#notes.push(note);
    button.append(image, note);
    button.addEventListener('click', () => look(file));
    button.addEventListener('seen', () => {
      files.url(file.id).then(
        (url) => (image.src = url),
        // It is tried again when it is next looked at.
        () => seen.observe(button),
      );
    });
    seen.observe(button);
    return button;
  }

  #card(file: PublicFile): HTMLElement {
    const { t, language, files } = this.#tools;
    const size = sizeText(file.size, language);
    const button = element('button', 'card');
    button.type = 'button';
    const words = element('span', 'card-words');
    const about = element('span', 'card-size', size);
    const note = element('span', 'note');
    this.#notes.push(note);
    words.append(element('span', 'card-name', file.name), about, note);
    button.append(element('span', 'heard', `${t.download} `), icon(icons.file), words, icon(icons.download));
    button.addEventListener('click', () => {
      files.save(file).then(
        () => (about.textContent = size),
        () => (about.textContent = t.downloadFailed),
      );
    });
    return button;
  }

  #act(said: Said): void {
    const { t, discard } = this.#tools;
    if ((said.state === 'refused') === this.#actions.hasChildNodes()) return;
    this.#actions.replaceChildren();
    if (said.state !== 'refused') return;
    const button = (text: string, act: (made: HTMLButtonElement) => void) => {
      const made = element('button', 'action', text);
      made.type = 'button';
      made.addEventListener('click', () => act(made));
      this.#actions.append(made);
    };
    if (said.body !== '')
      button(t.copy, (made) => {
        void copy(said.body, this.#content).then((done) => done && (made.textContent = t.copied));
      });
    button(t.discard, () => discard(said.id));
  }
}

/** Where the browser won't let it, the text is selected at least. */
async function copy(text: string, shown: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(shown);
    return document.execCommand('copy');
  }
}

/** The text, with its web addresses made into links. */
function linked(text: string): Node[] {
  return text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]}])/i).map((part, at) => {
    if (at % 2 === 0) return document.createTextNode(part);
    const link = element('a', '', part);
    link.href = part;
    link.target = '_blank';
    link.rel = 'noopener noreferrer nofollow';
    return link;
  });
}
