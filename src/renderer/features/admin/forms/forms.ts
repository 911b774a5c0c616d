/** The form of each kind of channel; null: nothing is connected to it. */
import type { ChannelKind } from '../../../../shared/domain.ts';
import { chat } from './chat.tsx';
import { cti } from './cti.tsx';
import { email } from './email.tsx';
import { api, meta, zalo } from './simple.tsx';
import type { VendorForm } from './vendor-form.ts';

export const forms: Readonly<Record<ChannelKind, VendorForm | null>> = {
  messenger: { ...meta, vendor: 'messenger' },
  instagram: { ...meta, vendor: 'instagram' },
  zalo,
  phone: cti,
  email,
  api,
  chat,
  counter: null,
  other: null,
};
