/** `npm run hub`: the widget's files first, then the hub in this same process, so that its signals stay its own. */
import { buildWidget } from '../widget/build.mjs';

await buildWidget();
await import('../server/src/main.ts');
