/**
 * The desktop alone.
 *   npm run console -- --hub URL --profile DIR [--demo-user EMAIL] [--allow-weak-secrets]
 */
import { buildConsole } from './build.mjs';
import { openConsole } from './console-process.mjs';

try {
  buildConsole();
  const opened = openConsole(process.argv.slice(2), { onReady: (line) => console.log(line) });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => void opened.stop());
  process.exitCode = await opened.ended;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
