import { Clock3, Cloud, CloudOff, CircleAlert, Download, Hourglass, Keyboard, PackageOpen, RefreshCw, ShieldAlert } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { Status } from '../../shared/bridge.ts';
import { NoticeButton } from '../features/shift/NoticeButton.tsx';
import { ShiftButton } from '../features/shift/ShiftButton.tsx';
import { TextHint } from '../ui/Hint.tsx';
import { PopoverButton } from '../ui/Popover.tsx';
import { clockSeconds, exact, listTime, spanWords } from '../ui/time.ts';
import { hubNow, useTick } from './clock.ts';
import { keysOf, run } from './commands.ts';
import { setDesk, useDesk } from './desk.ts';
import { useLink } from './engine.ts';
import { Outbox } from './Outbox.tsx';
import { usePrefs } from './prefs.ts';
import { shell } from './shell.ts';
import css from './StatusBar.module.css';
import { useQuery } from './useQuery.ts';
import { Keys } from '../ui/Keys.tsx';

/** From this age on the bar says how old the data is. */
const staleMs = 60_000;

export function StatusBar() {
  const { t } = useTranslation();
  const { value: status } = useQuery('status', null);
  const outbox = useDesk((desk) => desk.outbox);
  const linked = useLink((link) => link.open);
  if (!status) return <footer className={css['bar']} data-testid="status-bar" data-connection="connecting" aria-label={t('bar.label')} />;
  const { queued, files, attention } = status;
  const connection = linked ? status.connection : 'connecting';
  return (
    <footer
      className={`${css['bar']} ${css[connection]}`}
      data-testid="status-bar"
      data-connection={connection}
      aria-label={t('bar.label')}
    >
      <span className={css['item']} role="status">
        {connection === 'online' ? (
          <Cloud size={14} aria-hidden />
        ) : connection === 'offline' ? (
          <CloudOff size={14} aria-hidden />
        ) : (
          <RefreshCw size={14} aria-hidden />
        )}
        <strong>{t(`bar.${connection}`)}</strong>
        {connection === 'offline' && <span>{t('bar.working')}</span>}
      </span>
      {connection !== 'online' && <Retry status={status} />}
      <Age status={status} />
      {status.loading !== null && <Loading loading={status.loading} />}
      {status.aside > 0 && (
        <TextHint className={css['warning']} text={t('load.asideHint')}>
          <PackageOpen size={14} aria-hidden />
          {t('load.aside', { count: status.aside })}
        </TextHint>
      )}
      <PopoverButton
        label={t('outbox.title')}
        placement="top start"
        open={outbox}
        onOpenChange={(open) => setDesk({ outbox: open })}
        width={360}
        trigger={
          <AriaButton className={css['button'] ?? ''}>
            <Hourglass size={14} aria-hidden />
            <span data-testid="queued-count" data-count={queued} data-files={files}>
              {queued + files === 0
                ? t('bar.queuedNone')
                : [queued > 0 && t('bar.queued', { n: queued }), files > 0 && t('bar.queuedFiles', { count: files })]
                    .filter(Boolean)
                    .join(' · ')}
            </span>
          </AriaButton>
        }
      >
        <Outbox />
      </PopoverButton>
      {attention > 0 && (
        <AriaButton className={`${css['button']} ${css['attention']}`} onPress={() => setDesk({ screen: 'attention' })}>
          <CircleAlert size={14} aria-hidden />
          {t('bar.attention', { n: attention })}
        </AriaButton>
      )}
      {status.refusal !== null && (
        <span className={css['warning']} role="alert">
          <ShieldAlert size={14} aria-hidden />
          {t('bar.version')}
        </span>
      )}
      <span className={css['space']} />
      <NoticeButton />
      <ShiftButton online={connection === 'online'} />
      {shell.info.weakSecrets && (
        <TextHint className={css['warning']} text={t('bar.weakHint')}>
          <ShieldAlert size={14} aria-hidden />
          <span className={css['cut']}>{t('bar.weak')}</span>
        </TextHint>
      )}
      <TextHint className={css['item']} text={status.clockConfirmed ? t('bar.clockHint') : t('sla.approx')}>
        <Clock3 size={14} aria-hidden />
        {status.clockConfirmed ? t('bar.clock') : t('bar.clockApprox')}
      </TextHint>
      <AriaButton className={css['button'] ?? ''} onPress={() => run('help')}>
        <Keyboard size={14} aria-hidden />
        {t('bar.keys')}
        <Keys keys={keysOf('help') ?? ''} />
      </AriaButton>
    </footer>
  );
}

function Retry({ status }: { status: Status }) {
  const { t } = useTranslation();
  const seconds = useTick(() => (status.retryAt === null ? null : Math.max(0, Math.ceil((status.retryAt - Date.now()) / 1000))));
  return (
    <span className={css['item']}>
      {seconds !== null && seconds > 0 && <span className={css['figure']}>{t('bar.retryIn', { n: seconds })}</span>}
      <AriaButton className={css['button'] ?? ''} onPress={() => run('syncNow')}>
        {t('bar.retry')}
      </AriaButton>
    </span>
  );
}

/** The cache fills; the most urgent tickets came first. */
function Loading({ loading }: { loading: NonNullable<Status['loading']> }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const { done, total } = loading;
  const figures = new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB');
  const share = total === null || total === 0 ? null : Math.min(1, done / total);
  const text = share === null ? t('load.begun') : t('load.title', { percent: Math.floor(share * 100) });
  return (
    <TextHint
      className={css['item']}
      text={total === null ? t('load.begun') : t('load.hint', { done: figures.format(done), total: figures.format(total) })}
    >
      <Download size={14} aria-hidden />
      <span
        className={css['track']}
        role="progressbar"
        aria-label={t('load.begun')}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(share === null ? {} : { 'aria-valuenow': Math.floor(share * 100) })}
        aria-valuetext={text}
        data-testid="loading"
      >
        <span className={css['filled']} style={{ width: `${(share ?? 0) * 100}%` }} />
      </span>
      <span className={css['figure']}>{text}</span>
    </TextHint>
  );
}

function Age({ status }: { status: Status }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const { dataAsOf } = status;
  const shown = useTick((now) => {
    if (dataAsOf === null) return '';
    const age = now - dataAsOf;
    if (age < staleMs) return t('bar.asOf', { at: clockSeconds(dataAsOf) });
    const at = age < 12 * 3_600_000 ? clockSeconds(dataAsOf) : listTime(dataAsOf, hubNow(), t);
    return `${t('bar.asOf', { at })} · ${t('bar.stale', { age: spanWords(age - (age % 60_000), t).replace(/ 0 (s|giây)$/, '') })}`;
  });
  return (
    <span className={css['item']} title={dataAsOf === null ? undefined : exact(dataAsOf, language)} data-testid="data-age">
      {dataAsOf === null ? t('bar.noData') : <span className={css['figure']}>{shown}</span>}
    </span>
  );
}
