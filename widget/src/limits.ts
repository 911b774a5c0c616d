/** The hub's limits (src/shared/widget.ts, `widgetLimits`), copied so that the schemas stay out of the page; limits.test.ts holds them equal. */
export const limits = {
  textLength: 10_000,
  fileBytes: 10 * 1024 * 1024,
  filesPerMessage: 5,
  identityLength: 4096,
} as const;
