import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import enDesk from './en/desk.ts';
import enTicket from './en/ticket.ts';
import viDesk from './vi/desk.ts';
import viTicket from './vi/ticket.ts';

const vi = { ...viDesk, ...viTicket };

/** Vietnamese is the source; English has to have exactly its keys. */
type Same<T> = { [K in keyof T]: T[K] extends string ? string : Same<T[K]> };
const en: Same<typeof vi> = { ...enDesk, ...enTicket };

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof vi };
  }
}

export const i18n = i18next.createInstance();

void i18n.use(initReactI18next).init({
  lng: 'vi',
  fallbackLng: 'vi',
  resources: { vi: { translation: vi }, en: { translation: en } },
  interpolation: { escapeValue: false },
  initAsync: false,
});
