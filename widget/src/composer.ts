/** Where the visitor writes: a text, and files by button, by drop and by paste. */
import { element, iconButton, icon, icons } from './dom.ts';
import { type Files, type OutgoingFile, sizeText } from './files.ts';
import { isFinal } from './hub-client.ts';
import { limits } from './limits.ts';
import type { Store } from './store.ts';
import type { Language, Texts } from './texts.ts';

export interface ComposerEvents {
  send(body: string, files: OutgoingFile[]): void;
  typing(): void;
}

interface Chip {
  file: OutgoingFile;
  safe: Promise<void>;
  state: 'going' | 'there' | 'failed' | 'refused';
  node: HTMLElement;
  refresh(): void;
}

const typingEveryMs = 3000;
const tallest = 132;

export class Composer {
  readonly element = element('form', 'composer');
  readonly #t: Texts;
  readonly #language: Language;
  readonly #files: Files;
  readonly #store: Store;
  readonly #events: ComposerEvents;
  readonly #input = element('textarea', 'input');
  readonly #chips = element('ul', 'chips');
  readonly #hint = element('p', 'hint');
  #attached: Chip[] = [];
  #typedAt = 0;
  #busy = 0;
  #before: Promise<unknown> = Promise.resolve();

  constructor(t: Texts, language: Language, files: Files, store: Store, events: ComposerEvents) {
    this.#t = t;
    this.#language = language;
    this.#files = files;
    this.#store = store;
    this.#events = events;
    this.#build();
  }

  focus(): void {
    this.#input.focus();
  }

  clear(): void {
    for (const { file } of this.#attached) this.#files.drop(file);
    this.#attached = [];
    this.#input.value = '';
    this.#store.remove('draft');
    this.#refresh();
  }

  /** A new session has none of the files that an earlier one was sent. */
  renewed(): void {
    for (const chip of this.#attached) {
      chip.file.sent = null;
      if (chip.state === 'there') this.#begin(chip);
    }
  }

  /** Files that did not get through are tried again. */
  online(): void {
    for (const chip of this.#attached) if (chip.state === 'failed') this.#begin(chip);
  }

  progressed(): void {
    for (const chip of this.#attached) chip.refresh();
  }

  attach(chosen: Iterable<File>): void {
    let hint = '';
    for (const one of chosen) {
      if (this.#attached.length >= limits.filesPerMessage) hint = this.#t.tooMany;
      else if (one.size > limits.fileBytes) hint = this.#t.tooLarge(one.name);
      else if (one.size === 0) hint = this.#t.emptyFile(one.name);
      else this.#add(one);
    }
    this.#refresh(hint);
    this.focus();
  }

  #build(): void {
    const t = this.#t;
    const input = this.#input;
    input.placeholder = t.message;
    input.setAttribute('aria-label', t.message);
    input.rows = 1;
    input.enterKeyHint = 'send';
    input.value = this.#store.get<string>('draft') ?? '';
    const picker = element('input');
    picker.type = 'file';
    picker.multiple = true;
    picker.hidden = true;
    picker.addEventListener('change', () => {
      this.attach([...(picker.files ?? [])]);
      picker.value = '';
    });
    const attach = iconButton('tool', t.attach, icons.clip);
    attach.addEventListener('click', () => picker.click());
    const send = iconButton('send', t.send, icons.send);
    send.type = 'submit';
    this.#hint.id = 'composer-hint';
    this.#hint.setAttribute('role', 'alert');
    const row = element('div', 'row');
    row.append(attach, input, send, picker);
    this.element.append(this.#chips, this.#hint, row);

    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    input.addEventListener('keydown', (event) => {
      // Telex and VNI compose with Enter: while they do, Enter is theirs.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.element.requestSubmit();
    });
    input.addEventListener('input', () => {
      this.#store.set('draft', input.value);
      this.#refresh();
      if (input.value.trim() === '' || Date.now() - this.#typedAt < typingEveryMs) return;
      this.#typedAt = Date.now();
      this.#events.typing();
    });
    input.addEventListener('paste', (event) => {
      const pasted = [...(event.clipboardData?.files ?? [])];
      if (pasted.length === 0) return;
      event.preventDefault();
      this.attach(pasted);
    });
    this.#takeDrops();
    this.#refresh();
    // Its height is known once it is on the page.
    requestAnimationFrame(() => this.#refresh());
  }

  #takeDrops(): void {
    const veil = element('div', 'veil', this.#t.drop);
    veil.hidden = true;
    this.element.append(veil);
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    document.addEventListener('dragover', (event) => {
      if (!carriesFiles(event)) return;
      // Without this the browser would leave the chat for the file.
      event.preventDefault();
      veil.hidden = this.element.hidden;
    });
    document.addEventListener('dragleave', (event) => {
      if (event.relatedTarget === null) veil.hidden = true;
    });
    document.addEventListener('drop', (event) => {
      veil.hidden = true;
      if (!carriesFiles(event)) return;
      event.preventDefault();
      if (!this.element.hidden) this.attach([...(event.dataTransfer?.files ?? [])]);
    });
  }

  #submit(): void {
    const body = this.#input.value.trim();
    const chips = this.#attached;
    if (body === '' && chips.length === 0) return;
    const over = body.length - limits.textLength;
    if (over > 0) return this.#refresh(this.#t.tooLong(over));
    if (chips.some(({ state }) => state === 'refused')) return this.#refresh(this.#t.removeFirst);
    this.#attached = [];
    this.#input.value = '';
    this.#store.remove('draft');
    this.#typedAt = 0;
    this.#refresh();
    this.focus();
    const files = chips.map(({ file }) => file);
    if (files.length === 0 && this.#busy === 0) return this.#events.send(body, []);
    // A message is taken when its bytes are safe; whatever is written meanwhile comes after it.
    this.#busy += 1;
    this.#before = this.#before
      .then(() => Promise.all(chips.map(({ safe }) => safe)))
      .then(() => this.#events.send(body, files))
      .finally(() => (this.#busy -= 1));
  }

  #add(chosen: File): void {
    const { file, safe } = this.#files.take(chosen);
    const t = this.#t;
    const node = element('li', 'chip');
    const picture = element('span', 'chip-picture');
    if (file.picture) {
      const image = element('img');
      image.alt = '';
      picture.append(image);
      void this.#files.url(file.id).then((url) => (image.src = url));
    } else picture.append(icon(icons.file));
    const state = element('span', 'chip-state');
    const words = element('span', 'chip-words');
    words.append(element('span', 'chip-name', file.name), state);
    const bar = element('progress', 'bar');
    bar.max = 1;
    bar.setAttribute('aria-label', t.uploading(0));
    const retry = iconButton('chip-tool', t.retry(file.name), icons.retry);
    const remove = iconButton('chip-tool', t.remove(file.name), icons.close);
    node.append(picture, words, retry, remove, bar);
    const chip: Chip = {
      file,
      safe,
      state: 'going',
      node,
      refresh: () => {
        const part = this.#files.progress(file.id);
        const offline = chip.state === 'failed' && !navigator.onLine;
        bar.hidden = chip.state !== 'going';
        bar.value = part;
        bar.setAttribute('aria-label', t.uploading(Math.round(part * 100)));
        retry.hidden = chip.state !== 'failed';
        node.classList.toggle('bad', chip.state === 'refused');
        state.textContent = {
          going: t.uploading(Math.round(part * 100)),
          there: sizeText(file.size, this.#language),
          failed: offline ? t.uploadLater : t.uploadFailed,
          refused: t.uploadRefused,
        }[chip.state];
      },
    };
    retry.addEventListener('click', () => this.#begin(chip));
    remove.addEventListener('click', () => {
      this.#attached = this.#attached.filter((other) => other !== chip);
      this.#files.drop(file);
      this.#refresh();
      this.focus();
    });
    this.#attached.push(chip);
    this.#begin(chip);
  }

  #begin(chip: Chip): void {
    chip.state = 'going';
    chip.refresh();
    void chip.safe
      .then(() => this.#files.send(chip.file))
      .then((sent) => (chip.state = sent ? 'there' : 'refused'))
      .catch((error: unknown) => (chip.state = isFinal(error) ? 'refused' : 'failed'))
      .finally(() => chip.refresh());
  }

  #refresh(hint = ''): void {
    const input = this.#input;
    const over = input.value.length - limits.textLength;
    const said = hint || (over > 0 ? this.#t.tooLong(over) : '');
    if (this.#hint.textContent !== said) this.#hint.textContent = said;
    this.#hint.hidden = said === '';
    if (said) input.setAttribute('aria-describedby', this.#hint.id);
    else input.removeAttribute('aria-describedby');
    this.#chips.replaceChildren(...this.#attached.map(({ node }) => node));
    this.#chips.hidden = this.#attached.length === 0;
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight + 2, tallest)}px`;
  }
}
