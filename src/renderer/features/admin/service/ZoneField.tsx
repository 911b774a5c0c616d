import { ChevronsUpDown } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import { hubNow } from '../../../app/clock.ts';
import { Chooser, type ChooserItem } from '../../../ui/Chooser.tsx';
import { PopoverButton } from '../../../ui/Popover.tsx';
import css from './Calendar.module.css';
import { offsetText } from './words.ts';

/** Those that a Vietnamese centre works with, first. */
const common = [
  'Asia/Ho_Chi_Minh',
  'Asia/Bangkok',
  'Asia/Singapore',
  'Asia/Hong_Kong',
  'Asia/Tokyo',
  'Asia/Seoul',
  'Australia/Sydney',
  'UTC',
];
/** The same zone by the name that it had before. */
const otherNames = new Set(['Asia/Saigon']);

function zoneItems(now: number): ChooserItem[] {
  const all = [...common, ...Intl.supportedValuesOf('timeZone').filter((zone) => !common.includes(zone) && !otherNames.has(zone))];
  // Spaces as well: people look for "ho chi minh".
  return all.map((zone) => ({ key: zone, label: zone.replaceAll('_', ' '), detail: offsetText(zone, now) }));
}

/** The zone in which hours are meant. */
export function ZoneField({ zone, error, onChange }: { zone: string; error: string | null; onChange: (zone: string) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const wrongId = useId();
  const items = useMemo(() => (open ? zoneItems(hubNow()) : []), [open]);
  return (
    <div className={css['zone']} data-wrong={error !== null}>
      <span className={css['zoneLabel']} aria-hidden>
        {t('calendars.zone')}
      </span>
      <PopoverButton
        label={t('calendars.zonePick')}
        open={open}
        onOpenChange={setOpen}
        width={340}
        trigger={
          <Button className={css['zoneTrigger'] ?? ''} {...(error === null ? {} : { 'aria-describedby': wrongId })}>
            <span className="sr-only">{t('calendars.zone')}: </span>
            <span className={css['zoneName']}>{zone.replaceAll('_', ' ')}</span>
            <span className={css['zoneOffset']}>{offsetText(zone, hubNow())}</span>
            <ChevronsUpDown size={14} aria-hidden />
          </Button>
        }
      >
        <Chooser
          label={t('calendars.zoneFind')}
          items={items.map((item) => ({ ...item, on: item.key === zone }))}
          empty={t('calendars.zoneNone')}
          onChoose={(next) => {
            onChange(next);
            setOpen(false);
          }}
        />
      </PopoverButton>
      {error !== null && (
        <p id={wrongId} className={css['wrong']}>
          {error}
        </p>
      )}
    </div>
  );
}
