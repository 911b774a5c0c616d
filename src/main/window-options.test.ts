import { expect, test } from 'vitest';
import { visiblePlace, windowOptions } from './window-options.ts';

const look = { place: null, dark: false, preload: '/p/index.cjs', icon: '/p/icon.png', info: '{}', devTools: false };
const place = { x: 10, y: 20, width: 1300, height: 900, maximized: false };
const display = { x: 0, y: 0, width: 1920, height: 1080 };

test('a window is sandboxed, isolated and without Node, whatever it looks like', () => {
  for (const dark of [true, false]) {
    expect(windowOptions({ ...look, dark }).webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      allowRunningInsecureContent: false,
      devTools: false,
    });
  }
});

test('it opens at 1280 x 800, no smaller than 1024 x 640, hidden until painted, in the colour of its theme', () => {
  expect(windowOptions(look)).toMatchObject({ width: 1280, height: 800, minWidth: 1024, minHeight: 640, show: false });
  expect(windowOptions({ ...look, dark: true }).backgroundColor).not.toBe(windowOptions(look).backgroundColor);
  expect(windowOptions({ ...look, place })).toMatchObject({ x: 10, y: 20, width: 1300, height: 900 });
});

test('a remembered place counts while a display shows it', () => {
  expect(visiblePlace(place, [display])).toBe(place);
  expect(visiblePlace({ ...place, x: 5000 }, [display])).toBeNull();
  expect(visiblePlace({ ...place, x: 5000 }, [display, { ...display, x: 4000 }])).not.toBeNull();
  expect(visiblePlace({ ...place, y: -500 }, [display])).toBeNull();
  expect(visiblePlace(null, [display])).toBeNull();
});
