import { Hourglass, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { TicketDetail } from '../../../shared/bridge.ts';
import type { Channel, Identity } from '../../../shared/domain.ts';
import { reaches, replyWindow } from '../../../shared/rules.ts';
import { useTick } from '../../app/clock.ts';
import { useQuery } from '../../app/useQuery.ts';
import { ChannelGlyph } from '../../ui/Channel.tsx';
import { Pick } from '../../ui/Choice.tsx';
import { chipTime } from '../../ui/time.ts';
import css from './Composer.module.css';

export interface Place {
  key: string;
  channel: Channel;
  identity: Identity;
}

/** Where this customer can be written to: where they wrote last comes first. */
export function usePlaces(ticket: TicketDetail): Place[] {
  const { value: reference } = useQuery('reference', null);
  const { value: view } = useQuery('customer.view', { customerId: ticket.customerId });
  const places: Place[] = [];
  for (const channel of reference?.channels ?? []) {
    if (!channel.active) continue;
    for (const identity of view?.identities ?? []) {
      if (reaches(channel.kind, identity.kind)) places.push({ key: `${channel.id} ${identity.id}`, channel, identity });
    }
  }
  const rank = ({ channel }: Place) => (channel.id === ticket.channelId ? 0 : channel.kind === ticket.channel ? 1 : 2);
  return places.toSorted((a, b) => rank(a) - rank(b));
}

/** Whom the answer goes to and by which way; one of several where there are several. */
export function Destination({
  ticket,
  places,
  chosen,
  onChange,
}: {
  ticket: TicketDetail;
  places: Place[];
  chosen: Place | null;
  onChange: (place: Place) => void;
}) {
  const { t } = useTranslation();
  const kind = chosen?.channel.kind ?? ticket.channel;
  const channel = t(`channel.${kind}`);
  const several = places.length > 1 || (places.length === 1 && chosen === null);
  const label = ({ channel: one, identity }: Place) => {
    const value = identity.kind === 'email' || identity.kind === 'phone' ? identity.value : ticket.customerName;
    return `${t(`channel.${one.kind}`)} · ${one.kind === 'chat' || one.kind === 'email' ? '' : `${one.name} · `}${value}`;
  };
  return (
    <>
      <ChannelGlyph kind={kind} size={14} silent />
      {several ? (
        <Pick
          look="bare"
          label={t('composer.where')}
          value={chosen?.key ?? null}
          placeholder={t('composer.replyTo', { name: ticket.customerName, channel })}
          options={places.map((place) => ({
            value: place.key,
            label: label(place),
            icon: <ChannelGlyph kind={place.channel.kind} size={14} silent />,
          }))}
          onChange={(key) => {
            const next = places.find((place) => place.key === key);
            if (next) onChange(next);
          }}
        />
      ) : (
        <span className={css['toText']}>{t('composer.replyTo', { name: ticket.customerName, channel })}</span>
      )}
    </>
  );
}

/** Whether the vendor still takes an answer. Nobody knows when the customer last wrote on another channel than the ticket's. */
export function useWindow(
  ticket: TicketDetail,
  place: Place | null,
): { shut: boolean; left: string | null; urgent: boolean; costs: boolean } {
  const { t } = useTranslation();
  const rules = place?.channel.rules ?? null;
  const known = place !== null && place.channel.id === ticket.channelId;
  const line = useTick((now) => {
    if (!known || rules === null) return '';
    const { closesAt, costsFrom, open } = replyWindow(rules, ticket.lastInboundAt, now);
    if (closesAt === null) return '';
    if (!open) return 'shut';
    const costs = costsFrom !== null && now >= costsFrom ? 'costs' : '';
    return [chipTime(closesAt - now, t), closesAt - now < 3_600_000 * 4 ? 'urgent' : '', costs].join('|');
  });
  const [left = '', urgent, costs] = line.split('|');
  return {
    shut: line === 'shut',
    left: left === '' || line === 'shut' ? null : left,
    urgent: urgent === 'urgent',
    costs: costs === 'costs',
  };
}

/** What the agent should know before they write: windows, somebody who turned away, a channel that does not work. */
export function Hints({ place, body, window }: { place: Place | null; body: string; window: ReturnType<typeof useWindow> }) {
  const { t } = useTranslation();
  if (!place) return null;
  const most = place.channel.rules?.textMost ?? null;
  const parts = most === null ? 1 : Math.ceil(body.length / most);
  return (
    <>
      {window.left !== null && (
        <span className={window.urgent ? css['offline'] : css['window']} data-testid="reply-window">
          <Hourglass size={12} aria-hidden />
          {t('composer.window', { left: window.left })}
          {window.costs && ` · ${t('composer.costs')}`}
        </span>
      )}
      {parts > 1 && <span>{t('composer.parts', { n: parts })}</span>}
      {place.identity.state !== 'ok' && (
        <span className={css['offline']}>
          <TriangleAlert size={12} aria-hidden />
          {t(`composer.identity.${place.identity.state}`)}
        </span>
      )}
      {place.channel.health !== 'ok' && (
        <span className={css['offline']} data-testid="channel-health">
          <TriangleAlert size={12} aria-hidden />
          {t(`composer.health.${place.channel.health}`)}
        </span>
      )}
    </>
  );
}
