import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import enAdmin from './en/admin.ts';
import enCentre from './en/centre.ts';
import enChannel from './en/channel.ts';
import enDesk from './en/desk.ts';
import enFiles from './en/files.ts';
import enFloor from './en/floor.ts';
import enHandle from './en/handle.ts';
import enKeep from './en/keep.ts';
import enService from './en/service.ts';
import enSession from './en/session.ts';
import enRecord from './en/record.ts';
import enSearch from './en/search.ts';
import enShift from './en/shift.ts';
import enTicket from './en/ticket.ts';
import enWallboard from './en/wallboard.ts';
import enWhatIf from './en/whatif.ts';
import enWhy from './en/why.ts';
import viAdmin from './vi/admin.ts';
import viCentre from './vi/centre.ts';
import viChannel from './vi/channel.ts';
import viDesk from './vi/desk.ts';
import viFiles from './vi/files.ts';
import viFloor from './vi/floor.ts';
import viHandle from './vi/handle.ts';
import viKeep from './vi/keep.ts';
import viService from './vi/service.ts';
import viSession from './vi/session.ts';
import viRecord from './vi/record.ts';
import viSearch from './vi/search.ts';
import viShift from './vi/shift.ts';
import viTicket from './vi/ticket.ts';
import viWallboard from './vi/wallboard.ts';
import viWhatIf from './vi/whatif.ts';
import viWhy from './vi/why.ts';

const vi = {
  ...viAdmin,
  ...viCentre,
  ...viChannel,
  ...viDesk,
  ...viFiles,
  ...viFloor,
  ...viHandle,
  ...viKeep,
  ...viRecord,
  ...viSearch,
  ...viService,
  ...viSession,
  ...viShift,
  ...viTicket,
  ...viWallboard,
  ...viWhatIf,
  ...viWhy,
};

/** Vietnamese is the source; English has to have exactly its keys. */
type Same<T> = { [K in keyof T]: T[K] extends string ? string : Same<T[K]> };
const en: Same<typeof vi> = {
  ...enAdmin,
  ...enCentre,
  ...enChannel,
  ...enDesk,
  ...enFiles,
  ...enFloor,
  ...enHandle,
  ...enKeep,
  ...enRecord,
  ...enSearch,
  ...enService,
  ...enSession,
  ...enShift,
  ...enTicket,
  ...enWallboard,
  ...enWhatIf,
  ...enWhy,
};

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
