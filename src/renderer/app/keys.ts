/** When a key may act. Pure, so that every rule has a test. */

export interface Press {
  key: string;
  keyCode: number;
  isComposing: boolean;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

/** An input method is at work: its keys belong to it. 229 is what Chromium reports where `isComposing` is late. */
export function composes(press: Pick<Press, 'isComposing' | 'keyCode'>): boolean {
  return press.isComposing || press.keyCode === 229;
}

/**
 * May a shortcut act on this press?
 * 1. never while a text is being composed, nor with Alt (AltGr writes letters on many layouts);
 * 2. in a text field only with Ctrl or Command, and Escape;
 * 3. with a menu or dialog open only what its own handler does not need: nothing but the palette and Escape's own way.
 */
export function mayAct(press: Press, where: { inText: boolean; inOverlay: boolean }): boolean {
  if (composes(press) || press.altKey) return false;
  if (where.inOverlay) return false;
  if (!where.inText) return true;
  return press.ctrlKey || press.metaKey || press.key === 'Escape';
}

const textTypes = new Set(['text', 'search', 'email', 'password', 'tel', 'url', 'number', '']);

export function isText(target: { tagName: string; type?: string; isContentEditable?: boolean } | null): boolean {
  if (!target) return false;
  if (target.isContentEditable === true || target.tagName === 'TEXTAREA') return true;
  return target.tagName === 'INPUT' && textTypes.has(target.type ?? '');
}
