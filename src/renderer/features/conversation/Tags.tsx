import { Tag as TagIcon, X } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { TicketDetail } from '../../../shared/bridge.ts';
import { openMenu, useDesk } from '../../app/desk.ts';
import { limits } from '../../app/limits.ts';
import { tag } from '../../app/tickets.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Chooser } from '../../ui/Chooser.tsx';
import { PopoverButton } from '../../ui/Popover.tsx';
import css from './Header.module.css';

const suggested = 40;

export function Tags({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const menu = useDesk((desk) => desk.menu);
  const { value: reference } = useQuery('reference', null);
  const known = [...new Set([...ticket.tags, ...(reference?.tags ?? []).slice(0, suggested)])];
  const toggle = (name: string) => (ticket.tags.includes(name) ? tag(ticket, [], [name]) : tag(ticket, [name], []));
  return (
    <>
      {ticket.tags.map((name) => (
        <span key={name} className={css['tag']} data-testid="ticket-tag">
          <span title={name}>{name}</span>
          <button
            type="button"
            className={css['remove']}
            aria-label={t('ticket.removeTag', { tag: name })}
            onClick={() => tag(ticket, [], [name])}
          >
            <X size={12} aria-hidden />
          </button>
        </span>
      ))}
      <PopoverButton
        label={t('ticket.tags')}
        width={260}
        open={menu === 'tags'}
        onOpenChange={(open) => openMenu(open ? 'tags' : null)}
        trigger={
          <AriaButton className={css['add'] ?? ''} aria-label={t('ticket.addTag')}>
            <TagIcon size={12} aria-hidden />
            {ticket.tags.length === 0 && t('ticket.addTag')}
          </AriaButton>
        }
      >
        <Chooser
          label={t('ticket.findTag')}
          max={limits.tagLength}
          items={known.map((name) => ({ key: name, label: name, on: ticket.tags.includes(name) }))}
          offer={(text) =>
            known.some((name) => name.toLowerCase() === text.toLowerCase()) ? null : { key: text, label: t('ticket.newTag', { tag: text }) }
          }
          empty={t('ticket.noTag')}
          onChoose={toggle}
        />
      </PopoverButton>
    </>
  );
}
