/** The dependency rules of docs/architecture.md. Checked by scripts/check-layers.mjs. */
const only = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: '\\.test\\.tsx?$' },
  to: { pathNot: allowed },
});
const shared = '^src/shared/';
const npm = (...names) => names.map((name) => `(^|/)node_modules/${name}(/|$)`);
const core =
  '^(node:)?(assert|async_hooks|buffer|child_process|cluster|crypto|dgram|dns|events|fs|http|http2|https|module|net|os|path|perf_hooks|process|querystring|readline|stream|string_decoder|timers|tls|tty|url|util|v8|vm|worker_threads|zlib)(/|$)';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    // `?raw` is the bundler's word for a file's text.
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '\\?raw$' } },
    {
      name: 'declared',
      severity: 'error',
      comment: 'a package must stand in package.json',
      from: { pathNot: '\\.test\\.tsx?$' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    only('shared-is-pure', shared, [shared, ...npm('zod', 'temporal-polyfill', 'libphonenumber-js')], 'no Node, no DOM, no Electron'),
    only(
      'engine-knows-no-electron',
      '^src/main/engine/',
      ['^src/main/engine/', shared, core, ...npm('better-sqlite3', '@types/better-sqlite3', 'socket\\.io-client', 'uuid', 'zod')],
      'the engine also runs on plain Node',
    ),
    only(
      'main-starts-the-engine-by-path',
      '^src/main/[^/]+$',
      [
        '^src/main/[^/]+$',
        '^src/preload/channels\\.ts$',
        shared,
        core,
        ...npm('electron', 'electron-store', 'electron-log', 'zod'),
        '^dompurify/',
      ],
      'main never imports the engine',
    ),
    only('preload-is-small', '^src/preload/', ['^src/preload/', shared, ...npm('electron')], 'electron and types of shared'),
    {
      name: 'preload-takes-types-only',
      severity: 'error',
      from: { path: '^src/preload/' },
      to: { path: shared, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'renderer-has-no-node',
      severity: 'error',
      from: { path: '^src/renderer/', pathNot: '\\.test\\.tsx?$' },
      to: {
        path: [
          core,
          '^src/(main|preload)/',
          '^server/',
          ...npm('electron', 'better-sqlite3', 'electron-store', 'electron-log', 'socket\\.io-client'),
        ],
      },
    },
    {
      name: 'features-are-apart',
      severity: 'error',
      comment: 'what two features share goes to ui/, app/ or shared/',
      from: { path: '^src/renderer/features/([^/]+)/' },
      to: { path: '^src/renderer/features/', pathNot: '^src/renderer/features/$1/' },
    },
    {
      name: 'server-knows-shared-only',
      severity: 'error',
      from: { path: '^server/src/' },
      to: { path: '^(src/(main|preload|renderer)|widget)/' },
    },
    { name: 'widget-stands-alone', severity: 'error', from: { path: '^widget/' }, to: { path: '^(src/(main|preload|renderer)|server)/' } },
    {
      name: 'no-tests-in-products',
      severity: 'error',
      from: { path: '^(src|server/src|widget)/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '(^tests/|\\.test\\.tsx?$)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
