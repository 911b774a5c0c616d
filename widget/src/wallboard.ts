/**
 * The wallboard on a television: figures of the hub, asked for every few seconds with the token in the address's fragment, which is never
 * sent in an address. What is on the screen stays when the hub can't be reached, and says from when it is.
 */
import type { PresenceState } from '../../src/shared/routing-rows.ts';
import type { Wallboard } from '../../src/shared/wallboard.ts';
import { wallboardCell, type WallboardFigure, wallboardFigures, wallboardPage, wallboardSum } from '../../src/shared/wallboard-view.ts';
import { element } from './dom.ts';

const everyMs = 5000;
const patienceMs = 10_000;

const texts = {
  vi: {
    waiting: 'Đang chờ',
    longest: 'Chờ lâu nhất',
    dueSoon: 'Sắp quá hạn',
    breached: 'Quá hạn',
    level: 'Đúng hạn hôm nay',
    queue: 'Hàng đợi',
    fresh: 'Số liệu lúc',
    lost: 'Chưa nối được với máy chủ. Số liệu lúc',
    over: 'Liên kết này không còn hiệu lực. Hãy xin trưởng nhóm một liên kết mới.',
    loading: 'Đang tải…',
    page: 'Trang',
    none: 'Chưa có hàng đợi nào',
    states: {
      available: 'sẵn sàng',
      busy: 'đang bận',
      wrapUp: 'hoàn tất hồ sơ',
      break: 'giải lao',
      meal: 'đi ăn',
      meeting: 'họp',
      training: 'đào tạo',
      notResponding: 'không trả lời',
      disconnected: 'mất kết nối',
      offline: 'hết ca',
    },
  },
  en: {
    waiting: 'Waiting',
    longest: 'Longest wait',
    dueSoon: 'About to breach',
    breached: 'Breached',
    level: 'In time today',
    queue: 'Queue',
    fresh: 'As of',
    lost: 'The hub can’t be reached. As of',
    over: 'This link shows nothing any more. Ask the team lead for a new one.',
    loading: 'Loading…',
    page: 'Page',
    none: 'No queue yet',
    states: {
      available: 'available',
      busy: 'busy',
      wrapUp: 'wrapping up',
      break: 'on a break',
      meal: 'at a meal',
      meeting: 'in a meeting',
      training: 'in training',
      notResponding: 'not responding',
      disconnected: 'disconnected',
      offline: 'off duty',
    },
  },
} satisfies Record<
  string,
  Record<WallboardFigure | 'queue' | 'fresh' | 'lost' | 'over' | 'loading' | 'page' | 'none', string> & {
    states: Record<PresenceState, string>;
  }
>;

const language = navigator.language.startsWith('vi') ? 'vi' : 'en';
const t = texts[language];
const token = location.hash.slice(1);

let board: Wallboard | null = null;
/** what to add to this machine's clock to have the hub's, ms */
let ahead = 0;
let state: 'loading' | 'fresh' | 'lost' | 'over' = token === '' ? 'over' : 'loading';

const time = (at: number) => new Date(at).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' });

async function ask(): Promise<void> {
  const since = new Date().setHours(0, 0, 0, 0);
  try {
    const answer = await fetch(`/api/v1/wallboard?since=${since}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(patienceMs),
    });
    if (answer.status === 401) {
      state = 'over';
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    board = (await answer.json()) as Wallboard;
    ahead = board.at - Date.now();
    state = 'fresh';
  } catch {
    state = board === null ? 'loading' : 'lost';
  }
}

function draw(): void {
  const page = element('main', 'wb');
  page.dataset['state'] = state;
  if (state === 'over' || board === null) page.append(element('p', 'wb-alone', state === 'over' ? t.over : t.loading));
  else page.append(...parts(board, Date.now() + ahead));
  document.body.replaceChildren(page);
}

function parts(of: Wallboard, now: number): HTMLElement[] {
  const head = element('header', 'wb-head');
  head.append(element('h1', '', of.centre), element('time', '', time(now)));
  const tiles = element('dl', 'wb-tiles');
  const sum = wallboardSum(of.queues);
  for (const figure of wallboardFigures) {
    const { text, tone } = wallboardCell(sum, figure, now);
    const tile = element('div', 'wb-tile');
    tile.dataset['tone'] = tone;
    tile.dataset['figure'] = figure;
    tile.append(element('dd', '', text), element('dt', '', t[figure]));
    tiles.append(tile);
  }
  const people = element('ul', 'wb-people');
  for (const [name, n] of Object.entries(of.people)) {
    const item = element('li');
    item.append(element('strong', '', String(n)), t.states[name as PresenceState]);
    people.append(item);
  }
  const { shown, page, pages } = wallboardPage(of.queues, now);
  const table = element('table', 'wb-queues');
  const names = element('tr');
  for (const name of [t.queue, ...wallboardFigures.map((figure) => t[figure])]) {
    const cell = element('th', '', name);
    cell.scope = 'col';
    names.append(cell);
  }
  table.createTHead().append(names);
  const body = table.createTBody();
  for (const queue of shown) {
    const line = body.insertRow();
    const name = element('th', '', queue.name);
    name.scope = 'row';
    line.append(name);
    for (const figure of wallboardFigures) {
      const { text, tone } = wallboardCell(queue, figure, now);
      const cell = line.insertCell();
      cell.textContent = text;
      cell.dataset['tone'] = tone;
    }
  }
  const foot = element('p', 'wb-foot');
  const fresh = element('span', '', `${state === 'lost' ? t.lost : t.fresh} ${new Date(of.at).toLocaleTimeString(language)}`);
  if (state === 'lost') fresh.dataset['tone'] = 'danger';
  foot.append(fresh, element('span', '', pages > 1 ? `${t.page} ${page}/${pages}` : ''));
  return of.queues.length === 0 ? [head, element('p', 'wb-alone', t.none), foot] : [head, tiles, people, table, foot];
}

async function watch(): Promise<void> {
  for (;;) {
    // One that is over is asked for again, now and then: a lead may have become one again.
    await ask();
    await new Promise((resolve) => setTimeout(resolve, state === 'over' ? 12 * everyMs : everyMs));
  }
}

document.documentElement.lang = language;
draw();
setInterval(draw, 1000);
if (token !== '') void watch();
