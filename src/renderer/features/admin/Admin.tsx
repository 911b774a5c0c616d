import { useTranslation } from 'react-i18next';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { State } from '../../ui/State.tsx';
import { useQuery } from '../../app/useQuery.ts';
import css from './Admin.module.css';
import { BotScreen } from './BotScreen.tsx';
import { Channels } from './Channels.tsx';
import { Codes } from './centre/Codes.tsx';
import { People } from './centre/People.tsx';
import { Queues } from './centre/Queues.tsx';
import { Skills } from './centre/Skills.tsx';
import { Calendars } from './service/Calendars.tsx';
import { isChanged, useService } from './service/edit.ts';
import { Policies } from './service/Policies.tsx';
import { adminTabs, type AdminTab, isDirty, useAdmin } from './state.ts';
import { Webhooks } from './Webhooks.tsx';
import { WhatIf } from './whatif/WhatIf.tsx';

const screens: Record<AdminTab, () => React.JSX.Element> = {
  channels: Channels,
  bot: BotScreen,
  webhooks: Webhooks,
  people: People,
  queues: Queues,
  skills: Skills,
  codes: Codes,
  calendars: Calendars,
  policies: Policies,
  whatif: WhatIf,
};

/** What administrators set: channels, bots, webhooks, people and what they serve, ticket codes, business hours, SLA policies. */
export function Admin() {
  const { t } = useTranslation();
  const tab = useAdmin((state) => state.tab);
  const bot = useAdmin((state) => Object.values(state.drafts).some(isDirty));
  const calendars = useService(({ calendar }) => calendar !== null && isChanged(calendar));
  const people = useService(({ person }) => person !== null && isChanged(person));
  const queues = useService(({ queue }) => queue !== null && isChanged(queue));
  const policies = useService(({ policy }) => policy !== null && isChanged(policy));
  const unsaved: Partial<Record<AdminTab, boolean>> = { bot, people, queues, calendars, policies };
  const { value: reference } = useQuery('reference', null);
  if (reference && reference.me.role !== 'admin') return <State title={t('admin.forbidden')} />;
  return (
    <Tabs className={css['tabs'] ?? ''} selectedKey={tab} onSelectionChange={(key) => useAdmin.setState({ tab: key as AdminTab })}>
      <TabList className={css['tabList'] ?? ''} aria-label={t('admin.tabs')}>
        {adminTabs.map((name) => (
          <Tab key={name} id={name} className={css['tab'] ?? ''} data-testid={`admin-${name}`}>
            {t(`admin.tab.${name}`)}
            {unsaved[name] === true && <span className={css['dot']} role="img" aria-label={t('admin.unsaved')} />}
          </Tab>
        ))}
      </TabList>
      {adminTabs.map((name) => {
        const Screen = screens[name];
        return (
          <TabPanel key={name} id={name} className={css['screen'] ?? ''}>
            <Screen />
          </TabPanel>
        );
      })}
    </Tabs>
  );
}
