/**
 * `npm run hub`: the widget's files first, then the hub in this same process, so that its signals stay its own.
 * `node scripts/hub.mjs --restored`: the first start after a backup was put back.
 */
import { buildWidget } from '../widget/build.mjs';

if (process.argv.includes('--restored')) process.env.TRUC_RESTORED = '1';
await buildWidget();
await import('../server/src/main.ts');
