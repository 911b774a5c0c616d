/** What each vendor's form is made of. */
import type { AdminChannel } from '../../../../shared/channel-admin.ts';
import type { Filled, FormState } from '../form.ts';

export interface VendorForm {
  /** by the hub's name */
  vendor: string;
  /** where the vendor calls, before the channel's id or token; null: it does not, or it is shown elsewhere */
  hook: string | null;
  begin(channel: AdminChannel): Pick<FormState, 'values' | 'rest'>;
  fill(form: FormState, channel: AdminChannel): Filled;
  Fields(): React.JSX.Element;
}
