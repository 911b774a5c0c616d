/** The page on which somebody chooses their password. What lets them in stands after the `#` and goes nowhere but into the one request. */
const find = <T extends HTMLElement>(id: string, kind: new () => T): T => {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`the page lacks ${id}`);
};

const form = find('form', HTMLFormElement);
const password = find('password', HTMLInputElement);
const again = find('again', HTMLInputElement);
const show = find('show', HTMLInputElement);
const wrong = find('wrong', HTMLParagraphElement);
const save = find('save', HTMLButtonElement);
const done = find('done', HTMLElement);
const email = find('email', HTMLOutputElement);
const language = find('language', HTMLButtonElement);
const token = location.hash.slice(1);
const least = Number(form.dataset['least']);

/** `at`: the field that is wrong; null: none of them is. */
function say(what: string | undefined, at: HTMLInputElement | null): void {
  wrong.textContent = what ?? '';
  for (const field of [password, again]) {
    if (field === at) field.setAttribute('aria-invalid', 'true');
    else field.removeAttribute('aria-invalid');
  }
  at?.focus();
}

function busy(on: boolean): void {
  save.disabled = on;
  save.textContent = (on ? form.dataset['saving'] : form.dataset['save']) ?? '';
}

/** The text that tells why not. */
async function set(): Promise<string | null> {
  const answer = await fetch('/api/v1/join', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, password: password.value }),
  });
  if (answer.status === 410 || answer.status === 400) return 'gone';
  if (answer.status === 429) return 'many';
  if (!answer.ok) return 'failed';
  const said: unknown = await answer.json();
  if (typeof said === 'object' && said !== null && 'email' in said && typeof said.email === 'string') email.textContent = said.email;
  return null;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (save.disabled) return;
  if ([...password.value].length < least) return say(form.dataset['short'], password);
  if (password.value !== again.value) return say(form.dataset['differ'], again);
  say('', null);
  busy(true);
  set()
    .catch(() => 'failed')
    .then((problem) => {
      busy(false);
      if (problem !== null) return say(form.dataset[problem], null);
      // The link is used up: nobody finds it in the history, or behind a reload.
      history.replaceState(null, '', location.pathname + location.search);
      form.hidden = true;
      language.hidden = true;
      done.hidden = false;
      done.focus();
    })
    .catch(() => undefined);
});
show.addEventListener('change', () => {
  for (const field of [password, again]) field.type = show.checked ? 'text' : 'password';
});
language.addEventListener('click', () => location.assign(`/join?lang=${language.dataset['lang'] ?? 'vi'}${location.hash}`));

if (token === '') {
  say(form.dataset['missing'], null);
  save.disabled = true;
} else password.focus();
