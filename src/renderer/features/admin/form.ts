/** A form as it is filled in: values by their path in what the hub is sent, so that a field which the hub names is found again. */
import { createContext, useContext } from 'react';
import type { AdminChannel, SecretChange } from '../../../shared/channel-admin.ts';

export interface FormState {
  values: Readonly<Record<string, string>>;
  /** lists of secrets: what is added to them and what is taken away */
  lists: Readonly<Record<string, ListChange>>;
  /** what is neither: switches, tables */
  rest: Readonly<Record<string, unknown>>;
}

export interface ListChange {
  fresh: string | null;
  /** only the newest one stays */
  drop: boolean;
}

export interface FormApi extends FormState {
  channel: AdminChannel;
  hubUrl: string;
  /** the path that the hub has named, with the number of its place in a list left out */
  wrong: string | null;
  set(path: string, value: string): void;
  setList(name: string, change: ListChange): void;
  setRest(name: string, value: unknown): void;
}

export const FormContext = createContext<FormApi | null>(null);

/** The form that this stands in. */
export function useForm(): FormApi {
  const form = useContext(FormContext);
  if (!form) throw new Error('outside of a form');
  return form;
}

/** What a vendor's form comes to. */
export interface Filled {
  settings: Record<string, unknown>;
  secrets: Record<string, SecretChange>;
}

export const text = (form: FormState, path: string): string => form.values[path]?.trim() ?? '';
export const orNull = (value: string): string | null => (value === '' ? null : value);
/** NaN where it is no number: the hub names the field. */
export const numeric = (form: FormState, path: string): number => (text(form, path) === '' ? Number.NaN : Number(text(form, path)));
export const lines = (value: string): string[] =>
  value
    .split(/[\n,;]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Those that were typed: an empty field leaves what is there. */
export function typedSecrets(form: FormState, names: readonly string[]): Record<string, SecretChange> {
  return Object.fromEntries(
    names.flatMap((name): [string, SecretChange][] => {
      if (form.rest[`clear.${name}`] === true) return [[name, null]];
      const value = text(form, `secrets.${name}`);
      return value === '' ? [] : [[name, value]];
    }),
  );
}

/** Lists that are rotated. `most`: as many as may be good at a time. */
export function rotatedSecrets(
  form: FormState,
  channel: AdminChannel,
  names: readonly string[],
  most: number,
): Record<string, SecretChange> {
  return Object.fromEntries(
    names.flatMap((name): [string, SecretChange][] => {
      const { fresh, drop } = form.lists[name] ?? { fresh: null, drop: false };
      const count = channel.secrets[name] ?? 0;
      if (fresh !== null) return [[name, { add: fresh, keep: drop ? 0 : Math.min(count, most - 1) }]];
      return drop && count > 1 ? [[name, { keep: 1 }]] : [];
    }),
  );
}

/** Random bytes, in letters that survive any form. */
export function randomText(bytes: number): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** As Standard Webhooks has it. */
export const newWebhookSecret = (): string => `whsec_${toBase64(32)}`;

function toBase64(bytes: number): string {
  return btoa(String.fromCodePoint(...crypto.getRandomValues(new Uint8Array(bytes))));
}

export const str = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');
export const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
export const list = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);
