/** Screens to be looked at, in both themes and languages. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { complaints } from './axe.ts';

const out = join(import.meta.dirname, '../output/screens');

export async function wear(page: Page, theme: 'light' | 'dark'): Promise<void> {
  await page.evaluate((shade) => window.truc.prefs.set('theme', shade), theme);
  await page.evaluate((shade) => document.documentElement.setAttribute('data-theme', shade), theme);
  await page.waitForTimeout(200);
}

/** As somebody would, so that what is being written stays. */
export async function speak(page: Page, language: 'vi' | 'en'): Promise<void> {
  if ((await page.locator('html').getAttribute('lang')) === language) return;
  await page.getByRole('button', { name: /^(Cài đặt|Settings)$/ }).click();
  await page
    .getByRole('dialog')
    .getByText(language === 'vi' ? 'Tiếng Việt' : 'English')
    .click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.locator('html')).toHaveAttribute('lang', language);
  // Without the hint of the button that was pressed.
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
}

/** `name-theme-language.png`, four of them; `axe`: it has nothing to say of any. Ends light and in Vietnamese. */
export async function look(page: Page, name: string, axe = false): Promise<void> {
  mkdirSync(out, { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  // A question leaves no way to the settings.
  const asks = (await page.getByRole('alertdialog').count()) > 0;
  for (const language of asks ? (['vi'] as const) : (['vi', 'en'] as const)) {
    await speak(page, language);
    for (const theme of ['light', 'dark'] as const) {
      await wear(page, theme);
      await page.screenshot({ path: join(out, `${name}-${theme}-${language}.png`) });
      if (axe) expect(await complaints(page)).toEqual([]);
    }
  }
  await speak(page, 'vi');
  await wear(page, 'light');
}
