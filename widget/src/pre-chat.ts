/** The form before the first message: who writes, and what they agree to. What was typed is kept until the hub has it. */
import type { SessionAnswer } from '../../src/shared/widget.ts';
import { element } from './dom.ts';
import type { Language, Texts } from './texts.ts';

export type Form = NonNullable<SessionAnswer['form']>;
export interface Details {
  name: string;
  phone: string;
  email: string;
  consent: boolean;
}
type Field = keyof Details;

const fields = ['name', 'phone', 'email', 'consent'] as const;
const kinds = {
  name: { type: 'text', inputMode: 'text', autocomplete: 'name', maxLength: 120 },
  phone: { type: 'tel', inputMode: 'tel', autocomplete: 'tel', maxLength: 40 },
  email: { type: 'email', inputMode: 'email', autocomplete: 'email', maxLength: 320 },
} as const;

export class PreChat {
  readonly element = element('form', 'pre-chat');
  readonly #t: Texts;
  readonly #language: Language;
  readonly #inputs = new Map<Field, HTMLInputElement>();
  readonly #failure = element('p', 'wrong');
  readonly #button: HTMLButtonElement;
  #form: Form | null = null;

  constructor(t: Texts, language: Language, events: { typed(details: Details): void; answered(details: Details): void }) {
    this.#t = t;
    this.#language = language;
    this.element.hidden = true;
    // Said in our words and beside the field, not in the browser's.
    this.element.noValidate = true;
    this.#failure.setAttribute('role', 'alert');
    this.#button = element('button', 'primary', t.start);
    this.#button.type = 'submit';
    this.element.addEventListener('input', ({ target }) => {
      for (const [field, input] of this.#inputs) if (input === target) this.#mark(field, '');
      events.typed(this.#details());
    });
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      const details = this.#details();
      const wrong = this.#form ? wrongIn(details, this.#form) : [];
      for (const field of fields) this.#mark(field, wrong.includes(field) ? t.wrong[field] : '');
      this.#say('');
      if (wrong[0]) this.#inputs.get(wrong[0])?.focus();
      else events.answered(details);
    });
  }

  show(form: Form, details: Details): void {
    if (JSON.stringify(form) !== JSON.stringify(this.#form)) this.#build(form, details);
    this.element.hidden = false;
    this.busy(false);
  }

  hide(): void {
    this.element.hidden = true;
  }

  focus(): void {
    [...this.#inputs.values()].find((input) => input.value === '' || input.type === 'checkbox')?.focus();
  }

  busy(busy: boolean): void {
    this.#button.disabled = busy;
    this.#button.textContent = busy ? this.#t.starting : this.#t.start;
  }

  /** What the hub has found wrong. */
  refuse(field: string | null, focus: boolean): void {
    this.busy(false);
    const known = fields.find((one) => one === field && this.#inputs.has(one));
    if (!known) return this.#say(this.#t.formFailed);
    this.#mark(known, this.#t.wrong[known]);
    if (focus) this.#inputs.get(known)?.focus();
  }

  forget(): void {
    this.#form = null;
    this.#inputs.clear();
    this.element.replaceChildren();
  }

  #build(form: Form, details: Details): void {
    this.forget();
    this.#form = form;
    const t = this.#t;
    const rows: HTMLElement[] = [element('h2', 'form-title', t.formTitle)];
    const asked = (['name', 'phone', 'email'] as const).filter((field) => form.fields[field] !== 'off');
    if (asked.length > 0) rows.push(element('p', 'form-intro', t.formIntro));
    for (const field of asked) {
      const input = element('input', 'field');
      Object.assign(input, kinds[field], { value: details[field] });
      const label = element('label', 'label', t[field]);
      if (form.fields[field] === 'optional') label.append(' ', element('span', 'optional', `(${t.optional})`));
      else input.required = true;
      rows.push(this.#row(field, input, [label, input], label));
    }
    if (form.consent) {
      const input = element('input', 'tick');
      input.type = 'checkbox';
      input.required = true;
      input.checked = details.consent;
      const label = element('label', 'consent', '');
      label.append(input, element('span', '', form.consent[this.#language]));
      rows.push(this.#row('consent', input, [label], label));
    }
    this.#say('');
    this.element.append(...rows, this.#failure, this.#button);
  }

  #row(field: Field, input: HTMLInputElement, parts: HTMLElement[], label: HTMLLabelElement): HTMLElement {
    const row = element('div', 'form-row');
    input.id = `form-${field}`;
    input.name = field;
    label.htmlFor = input.id;
    const wrong = element('p', 'wrong');
    wrong.id = `wrong-${field}`;
    wrong.hidden = true;
    row.append(...parts, wrong);
    this.#inputs.set(field, input);
    return row;
  }

  #mark(field: Field, text: string): void {
    const input = this.#inputs.get(field);
    const wrong = input?.closest('.form-row')?.querySelector<HTMLElement>('.wrong');
    if (!input || !wrong) return;
    wrong.textContent = text;
    wrong.hidden = text === '';
    if (text === '') {
      input.removeAttribute('aria-invalid');
      input.removeAttribute('aria-describedby');
    } else {
      input.setAttribute('aria-invalid', 'true');
      input.setAttribute('aria-describedby', wrong.id);
    }
  }

  #say(text: string): void {
    this.#failure.textContent = text;
    this.#failure.hidden = text === '';
  }

  #details(): Details {
    const text = (field: Field) => this.#inputs.get(field)?.value.trim() ?? '';
    return { name: text('name'), phone: text('phone'), email: text('email'), consent: this.#inputs.get('consent')?.checked ?? false };
  }
}

/** The fields that can't be right; the hub looks closer. */
function wrongIn(details: Details, { fields: asked, consent }: Form): Field[] {
  return fields.filter((field) => {
    if (field === 'consent') return consent !== null && !details.consent;
    const text = details[field];
    if (asked[field] === 'off') return false;
    if (text === '') return asked[field] === 'required';
    if (field === 'phone') return !/^\+?[\d\s().-]+$/.test(text) || text.replaceAll(/\D/g, '').length < 9;
    return field === 'email' && !/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(text);
  });
}
