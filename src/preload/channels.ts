/** What the preload script and main agree on: the names of everything that passes between a window and main. */
export const channels = {
  /** window -> main: a fresh port to the engine, please; the port comes back under the same name, with the same tag */
  port: 'truc:port',
  prefsAll: 'truc:prefs.all',
  prefsSet: 'truc:prefs.set',
  shown: 'truc:shown',
  /** window -> main: a window for a big screen, please */
  wallboard: 'truc:wallboard',
  /** main -> window: the engine is gone, and every port with it */
  engineLost: 'truc:engine-lost',
  /** main -> window: a soft phone shows who calls */
  pop: 'truc:pop',
} as const;

/** How main hands over `window.truc.info`: as JSON, in an argument of the window's process. */
export const infoArgument = '--truc-info=';
