/** `npm run hub`: a hub until it is told to end. */
import { readConfig } from './config.ts';
import { startHub } from './hub.ts';

try {
  const config = readConfig(process.env);
  const hub = await startHub(config);
  console.log(`hub ready ${hub.url}`);
  if (hub.notice) console.log(hub.notice);
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    hub.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
