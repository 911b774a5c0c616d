import { RotateCcw } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type BotRules, type BotState, botTurn, freshBotState } from '../../../shared/bot.ts';
import { hubNow } from '../../app/clock.ts';
import { Button } from '../../ui/Button.tsx';
import { Chip } from '../../ui/Chip.tsx';
import { Field } from '../../ui/Field.tsx';
import css from './Admin.module.css';
import botCss from './Bot.module.css';

interface Said {
  by: 'customer' | 'bot' | 'missed' | 'handed';
  text: string;
}

/** A conversation with the bot as it is being edited, by the very rules that the hub has. */
export function TryIt({ config }: { config: BotRules }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [said, setSaid] = useState<readonly Said[]>([]);
  const [state, setState] = useState<BotState>(freshBotState);
  const begin = () => {
    setSaid([]);
    setState(freshBotState);
  };
  const send = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const asked = text.trim();
    if (asked === '') return;
    const turn = botTurn(config, state, { text: asked, automatic: false }, { now: hubNow(), articles: [] });
    setSaid([
      ...said,
      { by: 'customer', text: asked },
      ...turn.says.map((line): Said => ({ by: 'bot', text: line })),
      ...(turn.missed ? [{ by: 'missed' as const, text: t('bot.tryMissed') }] : []),
      ...(turn.handOff ? [{ by: 'handed' as const, text: t('bot.tryHanded') }] : []),
    ]);
    // People have it from here on: what is said next begins a new conversation.
    setState(turn.handOff ? freshBotState : turn.state);
    setText('');
  };
  return (
    <section className={css['card']} aria-label={t('bot.try')} data-testid="try-bot">
      <header className={css['cardHead']}>
        <h2 className={css['cardTitle']}>{t('bot.try')}</h2>
        {said.length > 0 && (
          <Button size="small" look="quiet" icon={<RotateCcw size={14} aria-hidden />} onPress={begin}>
            {t('bot.tryAgain')}
          </Button>
        )}
      </header>
      <p className={css['quiet']}>{t('bot.tryHint')}</p>
      {said.length > 0 && (
        <ol className={botCss['talk']} aria-live="polite" tabIndex={0}>
          {said.map((one, at) => (
            <li key={at} data-by={one.by}>
              {one.by === 'missed' || one.by === 'handed' ? (
                <Chip tone={one.by === 'missed' ? 'warning' : 'info'}>{one.text}</Chip>
              ) : (
                one.text
              )}
            </li>
          ))}
        </ol>
      )}
      <form className={botCss['tryForm']} onSubmit={send}>
        <Field hideLabel label={t('bot.tryInput')} placeholder={t('bot.tryInput')} value={text} onChange={setText} max={500} />
        <Button type="submit">{t('bot.trySend')}</Button>
      </form>
    </section>
  );
}
