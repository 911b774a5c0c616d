import { CloudOff, Lock, RotateCcw, SendHorizontal, Trash2, TriangleAlert } from 'lucide-react';
import { type ClipboardEvent, type DragEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Tab, TabList, Tabs } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { TicketDetail } from '../../../shared/bridge.ts';
import { keysOf } from '../../app/commands.ts';
import { acknowledge, composerId, discard, follow, restoreDraft, send, sendTo, setMode, useDrafts, write } from '../../app/drafts.ts';
import { execute } from '../../app/engine.ts';
import { addFiles, addingTo, useAdding } from '../../app/files.ts';
import { composes } from '../../app/keys.ts';
import { limits } from '../../app/limits.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import css from './Composer.module.css';
import { Destination, Hints, usePlaces, useWindow } from './Destination.tsx';
import { Earlier } from './Earlier.tsx';
import { AttachButton, ChosenFiles } from './Files.tsx';

/** The count is shown from here on: earlier it would only be in the way. */
const countFrom = 500;
const typingMs = 3000;

export function Composer({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const draft = useDrafts((drafts) => drafts[ticket.id]);
  const { value: status } = useQuery('status', null);
  const { value: reference } = useQuery('reference', null);
  const mode = draft?.mode ?? 'reply';
  const body = draft?.body ?? '';
  const left = limits.messageLength - body.length;
  const over = left < 0;
  const empty = body.trim() === '';
  const offline = status !== undefined && status.connection !== 'online';
  const final = ticket.status === 'closed';
  const note = mode === 'note';
  const places = usePlaces(ticket);
  const own = places.find((place) => place.channel.kind === ticket.channel) ?? null;
  const chosen = places.find((place) => place.key === draft?.to) ?? own;
  const window = useWindow(ticket, chosen);
  const shut = !note && window.shut;
  const spoken = chosen === null && ticket.channel === 'phone';
  const adding = useAdding((all) => addingTo(all, ticket.id).length > 0);
  const [dragged, setDragged] = useState(false);

  useEffect(() => {
    void restoreDraft(ticket.id);
  }, [ticket.id]);
  const { value: kept } = useQuery('draft.get', { ticketId: ticket.id });
  useEffect(() => {
    if (kept !== undefined) follow(ticket.id, kept);
  }, [ticket.id, kept]);
  useTyping(ticket.id, body);

  if (final && !note) {
    return (
      <section className={css['composer']} aria-label={t('composer.region')}>
        <p className={css['final']}>
          <Lock size={14} aria-hidden />
          {t('composer.closed')}
        </p>
      </section>
    );
  }

  const detail = draft?.refused?.detail;
  const nameOf = (userId: unknown) => reference?.users.find((user) => user.id === userId)?.name ?? t('held.someone');
  const crossed = [
    `${t('composer.crossed')}.`,
    detail?.['colleagueReplied'] === true ? t('held.colleague', { name: nameOf(detail['lastReplyBy']) }) : '',
    detail?.['changedHands'] === true
      ? detail['assigneeId'] === null
        ? t('held.handsNobody')
        : t('held.hands', { name: nameOf(detail['assigneeId']) })
      : '',
    detail?.['customerWrote'] === true ? t('held.customer') : '',
  ]
    .filter(Boolean)
    .join(' ');

  const go = (andClose: boolean) => {
    if (!over && !empty && !shut) void send(ticket, andClose);
  };
  // The window's shortcuts send as well; here the event is used up, so that it happens once, and only with a finished composition.
  const key = (event: KeyboardEvent) => {
    if (composes(event.nativeEvent) || event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    go(event.shiftKey);
  };
  const paste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0 || event.clipboardData.getData('text/plain') !== '') return;
    event.preventDefault();
    void addFiles(ticket.id, files);
  };
  const drag = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setDragged(true);
  };
  const drop = (event: DragEvent) => {
    setDragged(false);
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    void addFiles(ticket.id, [...event.dataTransfer.files]);
  };

  return (
    <section
      className={`${css['composer']} ${note ? css['note'] : ''} ${dragged ? css['dragged'] : ''}`}
      aria-label={t('composer.region')}
      data-mode={mode}
      onDragOver={drag}
      onDragLeave={() => setDragged(false)}
      onDrop={drop}
    >
      <div className={css['top']}>
        <Tabs
          selectedKey={mode}
          onSelectionChange={(next) => next !== mode && setMode(ticket, next === 'note' ? 'note' : 'reply')}
          keyboardActivation="manual"
        >
          <TabList aria-label={t('composer.mode')} className={css['tabs'] ?? ''}>
            <Tab id="reply" className={css['tab'] ?? ''}>
              {t('composer.reply')}
            </Tab>
            <Tab id="note" className={css['tab'] ?? ''}>
              <Lock size={12} aria-hidden />
              {t('composer.note')}
            </Tab>
          </TabList>
        </Tabs>
        <span className={css['to']}>
          {note ? (
            t('composer.noteHint')
          ) : (
            <Destination ticket={ticket} places={places} chosen={chosen} onChange={(place) => sendTo(ticket, place.key)} />
          )}
        </span>
      </div>
      {(draft?.refused ?? null) !== null && (
        <div className={css['refused']} role="alert" data-testid="reply-crossed">
          <TriangleAlert size={14} aria-hidden />
          <span>{crossed}</span>
          <Button
            size="small"
            onPress={() => {
              acknowledge(ticket);
              void send(ticket, false);
            }}
          >
            {t('composer.sendAnyway')}
          </Button>
        </div>
      )}
      <textarea
        id={composerId}
        className={css['area']}
        data-testid="composer-input"
        aria-label={note ? t('composer.note') : t('composer.reply')}
        aria-invalid={over}
        placeholder={note ? t('composer.notePlaceholder') : spoken ? t('composer.phoneReply') : t('composer.placeholder')}
        rows={3}
        value={body}
        onChange={(event) => write(ticket, event.target.value)}
        onKeyDown={key}
        onPaste={paste}
      />
      <ChosenFiles ticketId={ticket.id} offline={offline} />
      <div className={css['foot']}>
        <span className={css['hints']}>
          {over ? (
            <span className={css['over']} role="alert">
              {t('composer.over', { n: limits.messageLength })}
            </span>
          ) : (
            left <= countFrom && <span>{t('composer.left', { n: left })}</span>
          )}
          {offline && !note && (
            <span className={css['offline']} data-testid="composer-offline">
              <CloudOff size={12} aria-hidden />
              {t('composer.offline')}
            </span>
          )}
          {!note && <Hints place={chosen} body={body} window={window} />}
          {shut && (
            <span className={css['over']} role="alert" data-testid="window-shut">
              {t('composer.shut')}
            </span>
          )}
          {!note && ticket.status === 'resolved' && (
            <span className={css['offline']}>
              <RotateCcw size={12} aria-hidden />
              {t('composer.reopens')}
            </span>
          )}
          {dragged && <span>{t('files.drop')}</span>}
          {!offline && draft?.saved === true && !empty && <span>{t('composer.draft')}</span>}
          <Earlier ticketId={ticket.id} />
        </span>
        <AttachButton ticketId={ticket.id} />
        {!empty && (
          <IconButton
            size="small"
            label={t('drafts.discard')}
            icon={<Trash2 size={14} aria-hidden />}
            onPress={() => void discard(ticket.id).catch(() => undefined)}
          />
        )}
        {!note && (
          <Button
            look="quiet"
            keys={keysOf('sendClose') ?? ''}
            isDisabled={empty || over || adding || shut}
            onPress={() => go(true)}
            data-testid="send-close-button"
          >
            {t('composer.sendClose')}
          </Button>
        )}
        <Button
          look="primary"
          icon={note ? null : <SendHorizontal size={14} aria-hidden />}
          keys={keysOf('send') ?? ''}
          isDisabled={empty || over || adding || shut}
          onPress={() => go(false)}
          data-testid="send-button"
        >
          {note ? t('composer.saveNote') : t('composer.send')}
        </Button>
      </div>
    </section>
  );
}

/** Tells colleagues that an answer is being written, and when it no longer is. */
function useTyping(ticketId: string, body: string): void {
  const before = useRef(body);
  const typing = useRef(false);
  useEffect(() => {
    if (before.current === body) return;
    before.current = body;
    const tell = (now: boolean) => {
      if (typing.current === now) return;
      typing.current = now;
      void execute('viewing', { ticketId, typing: now }).catch(() => undefined);
    };
    tell(body !== '');
    const timer = setTimeout(() => tell(false), typingMs);
    return () => clearTimeout(timer);
  }, [ticketId, body]);
}
