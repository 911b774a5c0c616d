/** Tells whoever looks at another window. What it says may stand on a locked screen: no customer and no words of theirs. */
export function notify(title: string, open: () => void): void {
  if (document.hasFocus() || Notification.permission === 'denied') return;
  const shown = new Notification('Trực', { body: title, silent: false });
  shown.addEventListener('click', () => {
    window.focus();
    open();
  });
}
