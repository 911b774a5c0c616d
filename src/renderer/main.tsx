import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './ui/fonts.css';
import './ui/tokens.css';
import './ui/base.css';
import { askAhead } from './app/ahead.ts';
import { App } from './app/App.tsx';
import { startClock } from './app/clock.ts';
import { openEngine } from './app/engine.ts';
import { loadPrefs } from './app/prefs.ts';
import { LaterWallboard } from './features/wallboard/Later.tsx';

const isWallboard = location.pathname === '/wallboard';

openEngine();
if (!isWallboard) askAhead();
startClock();
const root = document.getElementById('root');
void loadPrefs().finally(() => {
  if (root) createRoot(root).render(<StrictMode>{isWallboard ? <LaterWallboard /> : <App />}</StrictMode>);
});
