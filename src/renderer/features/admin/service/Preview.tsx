import { ArrowRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components';
import { type ChangedVerdict, previewSla, type Service, type Tally, type Verdict } from '../../../../shared/sla-preview.ts';
import { useMinute } from '../../../app/clock.ts';
import { openTicket } from '../../../app/desk.ts';
import { useQuery } from '../../../app/useQuery.ts';
import { Button } from '../../../ui/Button.tsx';
import admin from '../Admin.module.css';
import css from './Preview.module.css';
import { spanText } from './words.ts';

const shownAtFirst = 5;
const shownMore = 20;

/** Either what there is to say instead, or two sets of rules; `of` is another text whenever `after` means something else. */
export type PreviewProps = { said: string } | { before: Service; after: Service; of: string };

/** What saving would have meant for tickets that are here. */
export function Preview(props: PreviewProps) {
  const { t } = useTranslation();
  return (
    <section className={admin['card']} aria-labelledby="sla-preview" data-testid="sla-preview">
      <h2 className={admin['cardTitle']} id="sla-preview">
        {t('slaPreview.title')}
      </h2>
      {'said' in props ? <p className={admin['quiet']}>{props.said}</p> : <Compared {...props} />}
    </section>
  );
}

function Compared({ before, after, of }: Exclude<PreviewProps, { said: string }>) {
  const { t } = useTranslation();
  const now = useMinute();
  const { value: sample } = useQuery('sla.sample', null);
  const [shown, setShown] = useState(shownAtFirst);
  // `after` is made anew with each drawing; what it means is in `of`.
  // oxlint-disable-next-line react/exhaustive-deps
  const preview = useMemo(() => sample && previewSla(sample, before, after, now), [sample, before.policies, before.calendars, of, now]);
  if (!preview) return null;
  if (preview.tickets === 0) return <p className={admin['quiet']}>{t('slaPreview.none')}</p>;
  const { kinds, changes, tickets } = preview;
  const verdicts = (['met', 'breached', 'open', 'none'] as const).filter((verdict) =>
    kinds.some((one) => one.before[verdict] > 0 || one.after[verdict] > 0),
  );
  return (
    <>
      <p className={admin['quiet']}>{t('slaPreview.on', { count: tickets })}</p>
      {kinds.map(({ kind, before: was, after: would }) => (
        <table key={kind} className={css['tally']}>
          <caption>{t(`sla.${kind}`)}</caption>
          <thead className="sr-only">
            <tr>
              <th scope="col">{t('slaPreview.count')}</th>
              <th scope="col">{t('slaPreview.now')}</th>
              <th scope="col">{t('slaPreview.after')}</th>
            </tr>
          </thead>
          <tbody>
            {verdicts.map((verdict) => (
              <Line key={verdict} verdict={verdict} was={was} would={would} />
            ))}
          </tbody>
        </table>
      ))}
      {changes.length === 0 ? (
        <p className={css['same']}>{t('slaPreview.same')}</p>
      ) : (
        <>
          <h3 className={css['changesHead']}>{t('slaPreview.changes', { count: changes.length })}</h3>
          <ul className={css['changes']}>
            {changes.slice(0, shown).map((change) => (
              <Changed key={change.clockId} change={change} />
            ))}
          </ul>
          {changes.length > shown && (
            <Button size="small" look="quiet" onPress={() => setShown(shown + shownMore)}>
              {t('slaPreview.more', { count: Math.min(shownMore, changes.length - shown) })}
            </Button>
          )}
        </>
      )}
    </>
  );
}

function Line({ verdict, was, would }: { verdict: Verdict; was: Tally; would: Tally }) {
  const { t } = useTranslation();
  const by = would[verdict] - was[verdict];
  // More on time is good, more late is not; of the others nothing is said.
  const tone = by === 0 || verdict === 'open' || verdict === 'none' ? undefined : by > 0 === (verdict === 'met') ? 'good' : 'danger';
  return (
    <tr>
      <th scope="row">
        <span className={css['mark']} data-verdict={verdict} aria-hidden />
        {t(`slaPreview.verdict.${verdict}`)}
      </th>
      <td>{was[verdict]}</td>
      <td data-tone={tone} data-testid={`preview-${verdict}`}>
        <ArrowRight size={12} aria-hidden />
        <span className={css['then']}>{would[verdict]}</span>
        <span className={css['by']}>{by === 0 ? '' : by > 0 ? `+${by}` : `−${-by}`}</span>
      </td>
    </tr>
  );
}

function Changed({ change: { ticket, kind, before, after } }: { change: ChangedVerdict }) {
  const { t } = useTranslation();
  const span = (ms: number | null) => (ms === null ? t('slaPreview.noTarget') : spanText(coarse(ms), t));
  const [usedBefore, usedAfter] = [span(before.usedMs), span(after.usedMs)];
  const [targetBefore, targetAfter] = [span(before.targetMs), span(after.targetMs)];
  const number = ticket.number === null ? '' : `#${ticket.number}`;
  return (
    <li data-testid="preview-change">
      <AriaButton className={css['change'] ?? ''} onPress={() => openTicket(ticket.id)}>
        <span className={css['changeTop']}>
          <span className={css['number']}>{number}</span>
          <span className={css['subject']}>{ticket.subject}</span>
        </span>
        <span className={css['turn']}>
          {t(`sla.${kind}`)}: {t(`slaPreview.verdict.${before.verdict}`)}
          <ArrowRight size={12} aria-hidden />
          <strong data-verdict={after.verdict}>{t(`slaPreview.verdict.${after.verdict}`)}</strong>
        </span>
        <span className={css['spans']}>
          {usedBefore === usedAfter
            ? t('slaPreview.usedSame', { span: usedAfter })
            : t('slaPreview.used', { before: usedBefore, after: usedAfter })}
          {' · '}
          {targetBefore === targetAfter
            ? t('slaPreview.targetSame', { span: targetAfter })
            : t('slaPreview.target', { before: targetBefore, after: targetAfter })}
        </span>
      </AriaButton>
    </li>
  );
}

/** Seconds are of no interest beside minutes. */
const coarse = (ms: number): number => (ms < 600_000 ? ms - (ms % 1000) : ms - (ms % 60_000));
