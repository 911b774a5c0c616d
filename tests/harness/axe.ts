/** What axe has to say of a window that forbids code made of text: it is put in by the debugger, as a person with its tools would. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Its complaints of what the desk shows beside its frame, or of something else, each with the elements at fault. */
export async function complaints(page: Page, of = 'main'): Promise<string[][]> {
  const there = await page.evaluate(() => 'axe' in window);
  if (!there) {
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: source });
    await session.detach();
  }
  return page.evaluate(async (selector) => {
    const { axe } = window as unknown as { axe: { run(of: Element): Promise<AxeResults> } };
    const { violations } = await axe.run(document.querySelector(selector) ?? document.body);
    return violations.map(({ id, nodes }) => [id, ...nodes.map((one) => `${one.html} ${one.failureSummary}`)]);
  }, of);
}
