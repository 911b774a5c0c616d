import {
  BellRing,
  Bot,
  CloudOff,
  Coffee,
  Flag,
  Headset,
  Inbox,
  type LucideIcon,
  MoonStar,
  Pause,
  Send,
  ChevronDown,
  ChevronRight,
} from 'lucide-react';
import type { TFunction } from 'i18next';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components';
import type { Reference } from '../../../shared/bridge.ts';
import type { WhyClock, WhyKind, WhySegment } from '../../../shared/why-answer.ts';
import { hubNow } from '../../app/clock.ts';
import { usePrefs } from '../../app/prefs.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Chip } from '../../ui/Chip.tsx';
import { clockSeconds, exact, moment, spanWords } from '../../ui/time.ts';
import css from './Why.module.css';

const icons: Record<WhyKind, LucideIcon> = {
  bot: Bot,
  queue: Inbox,
  ring: BellRing,
  agent: Headset,
  away: Coffee,
  offline: CloudOff,
  channel: Send,
  paused: Pause,
  closed: MoonStar,
};
const tones = { met: 'good', breached: 'danger', running: 'info', paused: 'plain', cancelled: 'plain' } as const;

/** Time that counts for nothing is folded, so that a night does not push the minutes that cost something off the screen. */
const isFolded = ({ kind }: WhySegment): boolean => kind === 'paused' || kind === 'closed';
/** of the bar, from where on a piece has room for its sign */
const roomy = 0.07;
const listed = 12;

export function Clock({ clock }: { clock: WhyClock }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const heading = useId();
  const [open, setOpen] = useState(false);
  const over = clock.usedMs - clock.targetMs;
  const verdict = clock.verdict;
  const facts = {
    span: spanWords(verdict.costMs, t),
    share: Math.round(verdict.share * 100),
    count: verdict.times,
    name: nameOf(verdict.userId, reference) ?? t('why.somebody'),
    queue: queueOf(verdict.queueId, reference) ?? t('why.someQueue'),
    state: verdict.state === null ? '' : t(`shift.state.${verdict.state}`).toLocaleLowerCase(),
  };
  return (
    <section className={css['clock']} aria-labelledby={heading} data-testid="why-clock" data-kind={clock.kind}>
      <header className={css['head']}>
        <h3 id={heading}>{t(`sla.${clock.kind}`)}</h3>
        <Chip tone={tones[clock.state]}>{t(`why.state.${clock.state}`)}</Chip>
        <span className={css['used']}>{t('why.used', { used: spanWords(clock.usedMs, t), target: spanWords(clock.targetMs, t) })}</span>
      </header>
      <p className={css['verdict']} data-testid="why-verdict">
        {verdict.kind === null ? t('why.most.nothing') : t(`why.most.${verdict.kind}`, facts)}
        {over > 0 && clock.breachedAt !== null && <> {t('why.over', { span: spanWords(over, t) })}</>}
      </p>
      <Bar clock={clock} />
      <ul className={css['legend']} aria-label={t('why.totals')}>
        {clock.totals.map(({ kind, costMs, ms }) => (
          <li key={kind}>
            <Sign kind={kind} />
            {t(`why.kind.${kind}`)}
            <span className={css['sum']}>
              {kind === 'paused' || kind === 'closed' || costMs === 0
                ? t('why.uncounted', { span: spanWords(ms, t) })
                : spanWords(costMs, t)}
            </span>
          </li>
        ))}
      </ul>
      {clock.carriedMs > 1000 && <p className={css['note']}>{t('why.carried', { span: spanWords(clock.carriedMs, t) })}</p>}
      {clock.segments.length > 0 && (
        <AriaButton className={css['more'] ?? ''} aria-expanded={open} onPress={() => setOpen(!open)} data-testid="why-pieces">
          {open ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
          {t('why.pieces', { count: clock.segments.length + clock.left })}
        </AriaButton>
      )}
      {open && <Pieces clock={clock} reference={reference ?? null} />}
    </section>
  );
}

function Bar({ clock: { segments, breachedAt } }: { clock: WhyClock }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const widthOf = (one: WhySegment) => (isFolded(one) ? 0 : one.until - one.from);
  const all = segments.reduce((sum, one) => sum + widthOf(one), 0);
  const breach = breachedAt === null ? -1 : segments.findIndex(({ late }) => late);
  if (segments.length === 0) return null;
  return (
    <div
      className={css['bar']}
      role="img"
      aria-label={segments.map(({ kind, from, until }) => `${t(`why.kind.${kind}`)} ${spanWords(until - from, t)}`).join(', ')}
    >
      {segments.map((one, index) => {
        const Icon = icons[one.kind];
        const share = all === 0 ? 0 : widthOf(one) / all;
        return (
          <span
            key={one.from}
            className={css['piece']}
            data-kind={one.kind}
            data-late={one.late || undefined}
            data-breach={index === breach || undefined}
            style={isFolded(one) ? { flex: '0 0 10px' } : { flex: `${Math.max(share, 0.004)} 1 0` }}
            title={`${t(`why.kind.${one.kind}`)}, ${spanWords(one.until - one.from, t)} · ${exact(one.from, language)}`}
          >
            {share >= roomy && <Icon size={12} aria-hidden />}
            {index === breach && <Flag size={12} className={css['flag'] ?? ''} aria-hidden />}
          </span>
        );
      })}
    </div>
  );
}

function Sign({ kind }: { kind: WhyKind }) {
  const Icon = icons[kind];
  return (
    <span className={css['sign']} data-kind={kind} aria-hidden>
      <Icon size={12} />
    </span>
  );
}

function Pieces({ clock, reference }: { clock: WhyClock; reference: Reference | null }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const [shown, setShown] = useState(listed);
  const now = hubNow();
  const breach = clock.breachedAt === null ? -1 : clock.segments.findIndex(({ late }) => late);
  return (
    <table className={css['pieces']} data-testid="why-table">
      <thead>
        <tr>
          <th scope="col">{t('why.at')}</th>
          <th scope="col">{t('why.what')}</th>
          <th scope="col">{t('why.long')}</th>
          <th scope="col">{t('why.counted')}</th>
        </tr>
      </thead>
      <tbody>
        {clock.segments.slice(0, shown).map((one, index) => (
          <tr key={one.from} data-late={one.late || undefined}>
            <td>
              <time title={exact(one.from, language)}>
                {moment(one.from, now, t) === clockSeconds(one.from).slice(0, 5) ? clockSeconds(one.from) : moment(one.from, now, t)}
              </time>
            </td>
            <td>
              <span className={css['what']}>
                <Sign kind={one.kind} />
                <span>
                  {t(`why.kind.${one.kind}`)}
                  <span className={css['who']}>{whereOf(one, reference, t)}</span>
                </span>
                {index === breach && (
                  <Chip tone="danger" icon={<Flag size={12} aria-hidden />}>
                    {t('why.lateFrom')}
                  </Chip>
                )}
              </span>
            </td>
            <td>{spanWords(one.until - one.from, t)}</td>
            <td>{one.businessMs === 0 ? '—' : spanWords(one.businessMs, t)}</td>
          </tr>
        ))}
      </tbody>
      {clock.segments.length > shown && (
        <tfoot>
          <tr>
            <td colSpan={4}>
              <AriaButton className={css['more'] ?? ''} onPress={() => setShown(shown + 50)}>
                {t('why.morePieces', { count: clock.segments.length - shown })}
              </AriaButton>
            </td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}

const nameOf = (userId: string | null, reference: Reference | null | undefined) => reference?.users.find(({ id }) => id === userId)?.name;
const queueOf = (queueId: string | null, reference: Reference | null | undefined) =>
  reference?.queues.find(({ id }) => id === queueId)?.name;

/** Who had it, or where it lay. */
function whereOf({ userId, queueId, state }: WhySegment, reference: Reference | null, t: TFunction): string {
  const parts = [
    nameOf(userId, reference),
    state === null ? null : t(`shift.state.${state}`).toLocaleLowerCase(),
    userId === null ? queueOf(queueId, reference) : null,
  ];
  return parts.filter(Boolean).join(', ');
}
