import { useEffect } from 'react';
import { tinykeys } from 'tinykeys';
import { type CommandId, commandIds, may, spec } from './commands.ts';
import { saveAll } from './drafts.ts';
import { composes, isText, mayAct } from './keys.ts';

const overlay = '[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]:not(#inbox-list)';
/** These act also where something is open: they are how one leaves it. */
const everywhere: readonly CommandId[] = ['palette'];

/** Binds every command's keys, once, on the window. */
export function useShortcuts(active: boolean): void {
  useEffect(() => {
    if (!active) return;
    const act = (id: CommandId) => (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      const inOverlay = !everywhere.includes(id) && target?.closest(overlay) !== null && target !== null;
      if (event.defaultPrevented || !mayAct(event, { inText: isText(target), inOverlay }) || !may(id)) return;
      // Enter on a button, and arrows in a group of choices or a text that scrolls, belong to it.
      const own =
        target?.closest('button, a, [role="radiogroup"], [role="tablist"], [role="separator"], #timeline') !== null && target !== null;
      if (own && ['Enter', 'ArrowUp', 'ArrowDown'].includes(event.key) && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      spec(id).run();
    };
    // tinykeys takes the first that matches: sequences go first, or their last key would act alone.
    const bindings = commandIds
      .flatMap((id) => spec(id).keys.map((keys) => [keys, act(id)] as const))
      .sort(([a], [b]) => b.split(' ').length - a.split(' ').length);
    const unbind = tinykeys(window, Object.fromEntries(bindings), { ignore: composes });
    const hide = () => document.hidden && saveAll();
    document.addEventListener('visibilitychange', hide);
    window.addEventListener('pagehide', saveAll);
    return () => {
      unbind();
      document.removeEventListener('visibilitychange', hide);
      window.removeEventListener('pagehide', saveAll);
    };
  }, [active]);
}
