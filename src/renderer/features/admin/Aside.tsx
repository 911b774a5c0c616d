import { RotateCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AsideItem } from '../../../shared/channel-admin.ts';
import { useMinute } from '../../app/clock.ts';
import { execute } from '../../app/engine.ts';
import { usePrefs } from '../../app/prefs.ts';
import { say } from '../../app/toasts.ts';
import { Button } from '../../ui/Button.tsx';
import { exact, listTime } from '../../ui/time.ts';
import css from './Admin.module.css';

/** What came in and could not be handled: why, and once more. */
export function Aside({ names, onChange }: { names: ReadonlyMap<string, string>; onChange: () => void }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const now = useMinute();
  const [items, setItems] = useState<AsideItem[] | null>(null);
  const [next, setNext] = useState<number | null>(null);
  useEffect(() => {
    if (items !== null) return;
    void execute('channels.aside', { before: null })
      .then((got) => {
        setItems(got.items);
        setNext(got.next);
      })
      .catch(() => setItems([]));
  }, [items]);
  const more = async (before: number) => {
    const got = await execute('channels.aside', { before });
    setItems((known) => [...(known ?? []), ...got.items]);
    setNext(got.next);
  };
  const retry = async (id: number) => {
    try {
      await execute('channels.retry', { id });
      say(t('channels.retried'));
      setItems(null);
      onChange();
    } catch {
      say(t('admin.failed'), { tone: 'danger' });
    }
  };
  if (items === null || items.length === 0) return null;
  return (
    <section className={css['asides']} aria-label={t('channels.asideTitle')} data-testid="aside-list">
      <h2>{t('channels.asideTitle')}</h2>
      <p>{t('channels.asideHint')}</p>
      <ul>
        {items.map((item) => (
          <li key={`${item.id}${item.what}`} className={css['aside']}>
            <div className={css['asideTop']}>
              <strong>{names.get(item.channelId) ?? item.channelId}</strong>
              <span>{item.error}</span>
              <time title={exact(item.receivedAt, language)}>{listTime(item.receivedAt, now, t)}</time>
            </div>
            <code>{item.excerpt}</code>
            {item.again && (
              <Button size="small" icon={<RotateCw size={14} aria-hidden />} onPress={() => void retry(item.id)}>
                {t('channels.retry')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {next !== null && <Button onPress={() => void more(next).catch(() => undefined)}>{t('admin.more')}</Button>}
    </section>
  );
}
