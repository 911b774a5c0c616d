import { Bot as BotIcon, Plus, Power, PowerOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type RuleBot } from '../../../shared/bot-admin.ts';
import { say } from '../../app/toasts.ts';
import { Button } from '../../ui/Button.tsx';
import { Pick } from '../../ui/Choice.tsx';
import { State } from '../../ui/State.tsx';
import css from './Admin.module.css';
import botCss from './Bot.module.css';
import { emptyRule } from './bot-check.ts';
import { BotEditor } from './BotEditor.tsx';
import { HubState } from '../../app/HubState.tsx';
import { OutsideBots } from './OutsideBots.tsx';
import { Questions } from './Questions.tsx';
import { beginBot, changeBot, heardBot, showBot, useAdmin } from './state.ts';
import { TryIt } from './TryIt.tsx';
import { useHub } from '../../app/useHub.ts';

/** The hub's own bot: what it says, a place to try it, what it could not answer; and bots outside of the hub. */
export function BotScreen() {
  const { t } = useTranslation();
  const { got, load } = useHub('bots.list', null);
  const chosen = useAdmin((state) => state.botId);
  const drafts = useAdmin((state) => state.drafts);
  const listed = got.state === 'here' ? got.value.rules : [];
  const id = chosen ?? listed[0]?.id ?? null;
  const known = listed.some((one) => one.id === id);
  const { got: loaded, load: reload } = useHub('bots.get', id !== null && known ? { id } : undefined);
  useEffect(() => {
    if (id !== null && loaded.state === 'here') heardBot(id, loaded.value);
  }, [id, loaded]);
  const draft = id === null ? undefined : drafts[id];
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const make = (question: string) => {
    if (id === null) return;
    const rule = emptyRule([question.slice(0, 200)]);
    changeBot(id, `add ${rule.id}`, (bot) => ({ ...bot, config: { ...bot.config, rules: [...bot.config.rules, rule] } }));
    setOpen(new Set([...open, rule.id]));
    // To its answer, which is what is missing.
    requestAnimationFrame(() => {
      const made = document.querySelector('[data-testid="bot-rule"]:last-child');
      made?.scrollIntoView({ block: 'center' });
      made?.querySelectorAll('textarea')[2]?.focus();
    });
    say(t('bot.made'));
  };
  const create = () => {
    const bot: RuleBot = {
      name: t('bot.newName'),
      channels: [],
      active: false,
      config: { greeting: null, rules: [], faq: true, hours: null, misses: 2, missed: '', handedOver: '' },
    };
    beginBot(`bot-${crypto.randomUUID().slice(0, 8)}`, bot);
  };
  const names = [...listed.map((one) => one.id), ...(id !== null && !known && draft ? [id] : [])];
  return (
    <div className={`${css['column']} ${css['broad']}`}>
      <header className={css['head']}>
        <div>
          <h1>{t('bot.title')}</h1>
          <p>{t('bot.hint')}</p>
        </div>
        {got.state === 'here' && (
          <div className={css['acts']}>
            {names.length > 1 && (
              <Pick
                look="bare"
                label={t('bot.pick')}
                value={id}
                options={names.map((one) => ({
                  value: one,
                  label: drafts[one]?.bot.name ?? listed.find((bot) => bot.id === one)?.name ?? one,
                }))}
                onChange={showBot}
              />
            )}
            <Button look="quiet" icon={<Plus size={14} aria-hidden />} onPress={create}>
              {t('bot.create')}
            </Button>
            {id !== null && draft && (
              <Button
                icon={draft.bot.active ? <Power size={14} aria-hidden /> : <PowerOff size={14} aria-hidden />}
                look={draft.bot.active ? 'plain' : 'quiet'}
                aria-pressed={draft.bot.active}
                onPress={() => changeBot(id, 'active', (bot) => ({ ...bot, active: !bot.active }))}
              >
                {t(draft.bot.active ? 'bot.on' : 'bot.off')}
              </Button>
            )}
          </div>
        )}
      </header>
      {got.state !== 'here' ? (
        <HubState got={got} onAgain={load} />
      ) : (
        <>
          {id === null ? (
            <State icon={<BotIcon size={20} aria-hidden />} title={t('bot.none')} hint={t('bot.noneHint')} />
          ) : draft ? (
            <div className={botCss['workbench']}>
              <BotEditor key={id} id={id} draft={draft} open={open} onOpen={setOpen} onSaved={load} />
              <aside className={botCss['beside']}>
                <TryIt key={id} config={draft.bot.config} />
                {known && <Questions id={id} bot={draft.bot} onMake={make} />}
              </aside>
            </div>
          ) : (
            <HubState got={loaded} onAgain={reload} bones={3} />
          )}
          <OutsideBots bots={got.value.outside} hubUrl={got.value.hubUrl} onChange={load} />
        </>
      )}
    </div>
  );
}
