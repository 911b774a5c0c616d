import { describe, expect, it } from 'vitest';
import { composes, isText, mayAct, type Press } from './keys.ts';

const press = (part: Partial<Press>): Press => ({
  key: 'e',
  keyCode: 69,
  isComposing: false,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  ...part,
});
const out = { inText: false, inOverlay: false };
const text = { inText: true, inOverlay: false };

describe('a key', () => {
  it('acts alone outside text only', () => {
    expect(mayAct(press({}), out)).toBe(true);
    expect(mayAct(press({}), text)).toBe(false);
  });
  it('acts in text with Ctrl or Command, and Escape leads out', () => {
    expect(mayAct(press({ key: 'Enter', ctrlKey: true }), text)).toBe(true);
    expect(mayAct(press({ key: 'k', metaKey: true }), text)).toBe(true);
    expect(mayAct(press({ key: 'Escape' }), text)).toBe(true);
  });
  it('never acts while an input method composes', () => {
    for (const composing of [{ isComposing: true }, { keyCode: 229 }]) {
      expect(composes(press(composing))).toBe(true);
      for (const where of [out, text]) expect(mayAct(press({ ...composing, key: 'Enter', ctrlKey: true }), where)).toBe(false);
    }
  });
  it('never acts with Alt, nor under something that is open', () => {
    expect(mayAct(press({ altKey: true }), out)).toBe(false);
    expect(mayAct(press({}), { inText: false, inOverlay: true })).toBe(false);
  });
});

it('knows what takes text', () => {
  expect(isText({ tagName: 'TEXTAREA' })).toBe(true);
  expect(isText({ tagName: 'INPUT', type: 'search' })).toBe(true);
  expect(isText({ tagName: 'INPUT', type: 'radio' })).toBe(false);
  expect(isText({ tagName: 'DIV', isContentEditable: true })).toBe(true);
  expect(isText({ tagName: 'BUTTON' })).toBe(false);
  expect(isText(null)).toBe(false);
});
