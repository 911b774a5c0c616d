import { WandSparkles } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BotQuestion, RuleBot } from '../../../shared/bot-admin.ts';
import { useMinute } from '../../app/clock.ts';
import { execute } from '../../app/engine.ts';
import { usePrefs } from '../../app/prefs.ts';
import { say } from '../../app/toasts.ts';
import { Button } from '../../ui/Button.tsx';
import { Chip } from '../../ui/Chip.tsx';
import { exact, listTime } from '../../ui/time.ts';
import css from './Admin.module.css';
import botCss from './Bot.module.css';
import { isAnswered } from './bot-check.ts';
import { HubState } from '../../app/HubState.tsx';
import { useHub } from '../../app/useHub.ts';

/** What the bot had no answer to, most asked first; each can become a rule. */
export function Questions({ id, bot, onMake }: { id: string; bot: RuleBot; onMake: (question: string) => void }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const now = useMinute();
  const { got, load } = useHub('bots.questions', { id, after: null });
  const [further, setFurther] = useState<{ of: string; questions: BotQuestion[]; next: string | null } | null>(null);
  const more = further?.of === id ? further : null;
  const fetchMore = async (after: string) => {
    const page = await execute('bots.questions', { id, after });
    setFurther({ of: id, questions: [...(more?.questions ?? []), ...page.questions], next: page.next });
  };
  const questions = got.state === 'here' ? [...got.value.questions, ...(more?.questions ?? [])] : [];
  const next = got.state !== 'here' ? null : more ? more.next : got.value.next;
  return (
    <section className={css['card']} aria-label={t('bot.questions')} data-testid="bot-questions">
      <div>
        <h2 className={css['cardTitle']}>{t('bot.questions')}</h2>
        <p className={css['quiet']}>{t('bot.questionsHint')}</p>
      </div>
      {got.state !== 'here' ? (
        <HubState got={got} onAgain={load} bones={1} />
      ) : questions.length === 0 ? (
        <p className={css['quiet']}>{t('bot.questionsNone')}</p>
      ) : (
        <ul className={botCss['asked']}>
          {questions.map(({ text, times, last_at: at }) => (
            <li key={text} data-testid="bot-question">
              <p>{text}</p>
              <div>
                <span title={exact(at, language)}>
                  <strong>{t('bot.times', { count: times })}</strong> · {t('bot.lastAt', { when: listTime(at, now, t) })}
                </span>
                {isAnswered(bot, text) ? (
                  <Chip tone="good">{t('bot.answered')}</Chip>
                ) : (
                  <Button size="small" icon={<WandSparkles size={14} aria-hidden />} onPress={() => onMake(text)}>
                    {t('bot.makeRule')}
                  </Button>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      {next !== null && (
        <Button size="small" onPress={() => void fetchMore(next).catch(() => say(t('admin.failed'), { tone: 'danger' }))}>
          {t('admin.more')}
        </Button>
      )}
    </section>
  );
}
