/**
 * HTML of strangers, made fit to be shown: a list of what may stay, nothing that loads from elsewhere, no positions. Pictures from
 * elsewhere are kept by their address in `data-remote-src`, quotes are marked by `data-quote`, and links whose text names another
 * place than they lead to by `data-mismatch`. Text is made of what is left, so that it never says what nobody sees.
 */
import { Parser } from 'htmlparser2';
import sanitize from 'sanitize-html';

export interface SafeHtml {
  html: string;
  text: string;
  /** where a quote begins in `text`, and where it ends (null: all that follows belongs to it) */
  quote: { at: number; end: number | null } | null;
}

const tags =
  'a abbr address b bdi bdo big blockquote br caption center cite code col colgroup dd del div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr'.split(
    ' ',
  );
const attributes = {
  '*': ['style', 'dir', 'lang', 'align', 'data-quote'],
  a: ['href', 'title', 'rel', 'target'],
  img: ['src', 'data-remote-src', 'alt', 'title', 'width', 'height'],
  table: ['border', 'cellpadding', 'cellspacing', 'width', 'bgcolor'],
  td: ['colspan', 'rowspan', 'width', 'valign', 'bgcolor'],
  th: ['colspan', 'rowspan', 'width', 'valign', 'bgcolor'],
  tr: ['valign', 'bgcolor'],
  col: ['span', 'width'],
  colgroup: ['span', 'width'],
  font: ['color', 'size', 'face'],
  ol: ['start', 'type'],
};
/** Elements whose content is no text; the last one stands for whatever is hidden. */
const hiddenTag = 'x-hidden';
const silentTags = [
  'script',
  'style',
  'title',
  'textarea',
  'option',
  'xmp',
  'noscript',
  'noembed',
  'noframes',
  'template',
  'iframe',
  'object',
  'plaintext',
  hiddenTag,
];
const nesting = 200;
/** parsers take longer with each level that is open: a mail of nothing but beginnings would hold up the hub for a minute */
const deepest = 2000;

/** @throws when it is nested as no mail is; `roughText` is left then. */
export function safeHtml(dirty: string): SafeHtml {
  let depth = 0;
  const clean = sanitize(dirty, {
    allowedTags: tags,
    allowedAttributes: attributes,
    nonTextTags: silentTags,
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowedSchemesByTag: { img: ['cid'] },
    allowedSchemesAppliedToAttributes: ['href', 'src'],
    allowProtocolRelative: false,
    // Styles are filtered below, which takes no parser of CSS.
    parseStyleAttributes: false,
    nestingLimit: nesting,
    onOpenTag() {
      depth += 1;
      if (depth > deepest) throw new Error('nested too deep');
    },
    onCloseTag() {
      depth -= 1;
    },
    transformTags: { '*': (name, given) => transformed(name, given) },
  });
  return read(clean);
}

/** Words of HTML that can't be made safe to be shown as such. */
export function roughText(dirty: string): string {
  return dirty
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function transformed(name: string, given: Record<string, string>): { tagName: string; attribs: Record<string, string> } {
  const style = (given['style'] ?? '').slice(0, 2000);
  if (given['hidden'] !== undefined || isHidden(style)) return { tagName: hiddenTag, attribs: {} };
  // A copy: what the sender wrote under our own names must not pass.
  const { 'data-quote': _quote, 'data-remote-src': _remote, 'data-mismatch': _mismatch, style: _style, ...attribs } = given;
  const kept = keptStyle(style);
  if (kept !== '') attribs['style'] = kept;
  const quote = quoteOf(name, given, style);
  if (quote !== null) attribs['data-quote'] = quote;
  if (name === 'a') {
    attribs['target'] = '_blank';
    attribs['rel'] = 'noopener noreferrer nofollow';
    delete attribs['name'];
  }
  if (name === 'img') {
    const source = (given['src'] ?? '').trim();
    const remote = /^(https?:)?\/\//i.test(source) && source.length <= 2000;
    if (!/^cid:/i.test(source)) delete attribs['src'];
    // Pictures of one point say only that the mail was opened.
    if (remote && !(isTiny(given['width']) && isTiny(given['height']))) attribs['data-remote-src'] = source.replace(/^\/\//, 'https://');
    if (attribs['src'] === undefined && attribs['data-remote-src'] === undefined) return { tagName: hiddenTag, attribs: {} };
  }
  return { tagName: name, attribs };
}

const isTiny = (size: string | undefined) => size !== undefined && /^\s*[0-2](px)?\s*$/.test(size);

function isHidden(style: string): boolean {
  return /(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|font-size\s*:\s*0(?:px|pt|em)?\s*(?:;|!|$))/i.test(
    style,
  );
}

const color = /^(#[0-9a-f]{3,8}|rgba?\([\d\s,.%]{3,40}\)|[a-z]{3,30})$/i;
const styles: Readonly<Record<string, RegExp>> = {
  color,
  'background-color': color,
  'font-weight': /^(bold|bolder|normal|[1-9]00)$/i,
  'font-style': /^(italic|normal)$/i,
  'text-align': /^(left|right|center|justify)$/i,
  'text-decoration': /^(underline|line-through|none)$/i,
};

function keptStyle(style: string): string {
  return style
    .split(';')
    .map((rule) => {
      const colon = rule.indexOf(':');
      const name = rule.slice(0, colon).trim().toLowerCase();
      const value = rule.slice(colon + 1).trim();
      return Object.hasOwn(styles, name) && styles[name]?.test(value) ? `${name}:${value}` : '';
    })
    .filter((rule) => rule !== '')
    .join(';');
}

const quoteClasses = new Set(['gmail_quote', 'yahoo_quoted', 'protonmail_quote', 'zmail_extra', 'tutanota_quote', 'moz-forward-container']);
const restIds =
  /^(x_)*(divrplyfwdmsg|appendonsend|olk_src_body_section|mail-editor-reference-message-container|ms-outlook-mobile-reference-message|zwchr)$/;

/** `wrap`: the element holds the quote; `rest`: it begins there and goes on to the end. */
function quoteOf(name: string, given: Record<string, string>, style: string): 'wrap' | 'rest' | null {
  if (restIds.test((given['id'] ?? '').toLowerCase())) return 'rest';
  const classes = (given['class'] ?? '').slice(0, 500).split(/\s+/);
  if (classes.includes('moz-cite-prefix')) return 'rest';
  if (classes.some((one) => quoteClasses.has(one))) return 'wrap';
  if (name === 'blockquote' && given['type'] === 'cite') return 'wrap';
  // Outlook on a desk draws a line above the header of what it answers, and names it in no way.
  if (name === 'div' && /border-top\s*:\s*solid\s+#(e1e1e1|b5c4df)/i.test(style)) return 'rest';
  return null;
}

const blocks = new Set(
  'address blockquote caption center dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre table tr ul'.split(' '),
);
const spaced = new Set(['p', 'blockquote', 'table', 'ul', 'ol', 'dl', 'pre', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);

/** Text as it grows; never looked at as a whole meanwhile, which would take longer with each word. */
class Growing {
  readonly #pieces: string[] = [];
  length = 0;
  /** its last two signs */
  tail = '';

  add(piece: string): void {
    if (piece === '') return;
    this.#pieces.push(piece);
    this.length += piece.length;
    this.tail = (this.tail + piece.slice(-2)).slice(-2);
  }

  breakLine(lines: number): void {
    if (this.length === 0) return;
    const have = this.tail.endsWith('\n\n') ? 2 : this.tail.endsWith('\n') ? 1 : 0;
    this.add('\n'.repeat(Math.max(0, lines - have)));
  }

  toString(): string {
    return this.#pieces.join('');
  }
}

const judgedLinkText = 300;

/** Text, quote and false links of HTML that is safe already. */
function read(clean: string): SafeHtml {
  const text = new Growing();
  let space = '';
  let pre = 0;
  let quote: SafeHtml['quote'] = null;
  let quoteDepth = 0;
  let depth = 0;
  const links: { at: number; href: string; text: string }[] = [];
  const marks: { at: number; host: string }[] = [];
  const breakLine = (name: string) => {
    space = '';
    text.breakLine(spaced.has(name) ? 2 : 1);
  };
  const say = (words: string) => {
    text.add(words);
    const link = links.at(-1);
    if (link && link.text.length < judgedLinkText) link.text += words;
  };
  const parser = new Parser(
    {
      onopentag(name, attribs) {
        depth += 1;
        if (name === 'br') {
          space = '';
          text.add('\n');
        } else if (blocks.has(name)) breakLine(name);
        else if (name === 'td' || name === 'th') space = ' ';
        if (attribs['data-quote'] !== undefined && quote === null) {
          quote = { at: text.length, end: null };
          quoteDepth = attribs['data-quote'] === 'wrap' ? depth : 0;
        }
        if (name === 'li') text.add('- ');
        if (name === 'pre') pre += 1;
        if (name === 'a') links.push({ at: parser.startIndex, href: attribs['href'] ?? '', text: '' });
      },
      ontext(data) {
        if (pre > 0) {
          say(space + data);
          space = '';
          return;
        }
        const words = data.replaceAll(/[ \t\r\n\f\u00a0]+/g, ' ');
        const plain = words.trim();
        if (plain === '') {
          if (words !== '') space = ' ';
          return;
        }
        if ((words.startsWith(' ') || space !== '') && text.length > 0 && !/\s$/.test(text.tail)) say(' ');
        say(plain);
        space = words.endsWith(' ') ? ' ' : '';
      },
      onclosetag(name) {
        if (quote !== null && quoteDepth === depth && quote.end === null && quoteDepth > 0) quote.end = text.length;
        depth -= 1;
        if (name === 'pre') pre -= 1;
        if (name !== 'br' && blocks.has(name)) breakLine(name);
        const link = name === 'a' ? links.pop() : undefined;
        const host = link && otherHost(link.text, link.href);
        if (link && host) marks.push({ at: link.at, host });
      },
    },
    { decodeEntities: true },
  );
  parser.end(clean);
  const html: string[] = [];
  let done = 0;
  for (const { at, host } of marks.sort((a, b) => a.at - b.at)) {
    html.push(`${clean.slice(done, at + 2)} data-mismatch="${host}"`);
    done = at + 2;
  }
  html.push(clean.slice(done));
  return { html: html.join(''), text: text.toString(), quote };
}

const fileEndings = /\.(pdf|docx?|xlsx?|pptx?|zip|rar|png|jpe?g|gif|txt|csv|html?|eml|mp[34])$/i;

/** The host that a link leads to, when its text names another. */
function otherHost(text: string, href: string): string | null {
  if (!/^https?:/i.test(href)) return null;
  const shown = /^\s*(https?:\/\/)?((?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,})(?=[/:?#\s]|$)/iu.exec(text.slice(0, 300));
  const name = shown?.[2];
  if (name === undefined || (shown?.[1] === undefined && fileEndings.test(name))) return null;
  const told = hostOf(`http://${name}`);
  const real = hostOf(href);
  if (told === null || real === null) return real;
  return real === told || real.endsWith(`.${told}`) ? null : real;
}

function hostOf(url: string): string | null {
  try {
    // The parser's own form holds no sign that could end an attribute.
    return new URL(url).hostname.replace(/^www\./, '').replaceAll(/[^\w.:[\]-]/g, '') || null;
  } catch {
    return null;
  }
}
