import { FileType2, ImageDown, LayoutTemplate, Languages, Type } from 'lucide-react';
import { type ComponentType, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TimelineMessage } from '../../../shared/bridge.ts';
import { type MailText, readableCharsets, type ReadableCharset } from '../../../shared/mail.ts';
import { EngineError, execute } from '../../app/engine.ts';
import { openFile } from '../../app/files.ts';
import { say } from '../../app/toasts.ts';
import { Chooser } from '../../ui/Chooser.tsx';
import { PopoverButton } from '../../ui/Popover.tsx';
import { Button } from '../../ui/Button.tsx';
import { Bone } from '../../ui/State.tsx';
import css from './Mail.module.css';

type View = { as: 'text' } | { as: 'html'; html: string } | { as: 'reading' };

/** A mail's other faces: as its sender laid it out, and its words in another charset. The text stays what search and quotes speak of. */
export function MailViews({
  message,
  Words,
}: {
  message: TimelineMessage;
  Words: ComponentType<{ text: string; quotedFrom: number | null }>;
}) {
  const { t } = useTranslation();
  const [view, setView] = useState<View>({ as: 'text' });
  const [reading, setReading] = useState<{ charset: ReadableCharset; words: MailText } | null>(null);
  const [choosing, setChoosing] = useState(false);
  const mail = message.extra?.mail;
  const fail = (error: unknown) =>
    say(t(error instanceof EngineError && error.error.code === 'FILE_GONE' ? 'mail.gone' : 'mail.offline'), { tone: 'danger' });
  const lay = async () => {
    setView({ as: 'reading' });
    try {
      setView({ as: 'html', html: (await execute('mail.html', { messageId: message.id })).html });
    } catch (error) {
      setView({ as: 'text' });
      fail(error);
    }
  };
  const read = async (charset: ReadableCharset | null) => {
    setChoosing(false);
    setView({ as: 'text' });
    if (charset === null) return setReading(null);
    try {
      setReading({ charset, words: await execute('mail.text', { messageId: message.id, as: charset }) });
    } catch (error) {
      fail(error);
    }
  };
  const words = reading?.words ?? { body: message.body, quotedFrom: mail?.quotedFrom ?? null };
  return (
    <>
      {view.as === 'html' ? (
        <MailFrame messageId={message.id} html={view.html} />
      ) : view.as === 'reading' ? (
        <Bone width="100%" height={120} />
      ) : (
        words.body !== '' && <Words text={words.body} quotedFrom={words.quotedFrom} />
      )}
      {mail && message.kind === 'inbound' && (
        <div className={css['views']} data-testid="mail-views">
          {mail.html && (
            <Button
              look="quiet"
              size="small"
              icon={view.as === 'html' ? <Type size={12} aria-hidden /> : <LayoutTemplate size={12} aria-hidden />}
              onPress={() => (view.as === 'html' ? setView({ as: 'text' }) : void lay())}
            >
              {t(view.as === 'html' ? 'mail.asText' : 'mail.asSent')}
            </Button>
          )}
          <PopoverButton
            label={t('mail.readAs')}
            width={220}
            open={choosing}
            onOpenChange={setChoosing}
            trigger={
              <Button look="quiet" size="small" icon={<Languages size={12} aria-hidden />}>
                {reading === null ? t('mail.readAs') : t('mail.readingAs', { charset: reading.charset })}
              </Button>
            }
          >
            <Chooser
              label={t('mail.readAs')}
              items={[
                { key: '', label: t('mail.asRead'), icon: <FileType2 size={14} aria-hidden />, on: reading === null },
                ...readableCharsets.map((charset) => ({ key: charset, label: charset.toUpperCase(), on: reading?.charset === charset })),
              ]}
              onChoose={(key) => void read(readableCharsets.find((charset) => charset === key) ?? null)}
            />
          </PopoverButton>
        </div>
      )}
    </>
  );
}

/** higher ones scroll inside */
const tallest = 12_000;
const mostPictures = 200;

interface Told {
  mail: string;
  height?: unknown;
  url?: unknown;
  own?: unknown;
  remote?: unknown;
}
const places = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string').slice(0, mostPictures) : [];

function MailFrame({ messageId, html }: { messageId: string; html: string }) {
  const { t } = useTranslation();
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(160);
  /** addresses of pictures that lie elsewhere and have not been asked for */
  const [missing, setMissing] = useState<string[]>([]);
  const [loading, setLoading] = useState(false);
  const give = useCallback((message: object) => frame.current?.contentWindow?.postMessage(message, '*'), []);

  useEffect(() => {
    // Pictures that the mail brought along are files of ours.
    const bring = async (ids: string[]) => {
      for (const id of ids) {
        const file = await openFile(id).catch(() => null);
        if (file?.picture) give({ place: id, picture: await dataUrl(file.blob) });
      }
    };
    const hear = (event: MessageEvent) => {
      if (event.source === null || event.source !== frame.current?.contentWindow) return;
      const said: unknown = event.data;
      if (typeof said !== 'object' || said === null || !('mail' in said)) return;
      const told = said as Told;
      if (told.mail === 'ready') give({ html });
      else if (told.mail === 'height' && typeof told.height === 'number') setHeight(Math.min(tallest, Math.ceil(told.height)));
      // Asks before it opens anything, and shows where it leads.
      else if (told.mail === 'link' && typeof told.url === 'string') window.open(told.url, '_blank', 'noreferrer,noopener');
      else if (told.mail === 'shown') {
        setMissing(places(told.remote));
        void bring(places(told.own));
      }
    };
    window.addEventListener('message', hear);
    return () => window.removeEventListener('message', hear);
  }, [html, give]);

  const load = async () => {
    setLoading(true);
    let lost = 0;
    for (const url of missing) {
      try {
        const { type, bytes } = await execute('mail.image', { messageId, url });
        give({ place: url, picture: `data:${type};base64,${bytes}` });
      } catch {
        lost += 1;
      }
    }
    setMissing([]);
    setLoading(false);
    if (lost > 0) say(t('mail.picturesLost', { count: lost }), { tone: 'danger' });
  };
  return (
    <div className={css['paper']}>
      {missing.length > 0 && (
        <div className={css['blocked']} role="status">
          <ImageDown size={14} aria-hidden />
          <span>{t('mail.blocked', { count: missing.length })}</span>
          <Button size="small" look="quiet" isDisabled={loading} onPress={() => void load()}>
            {t(loading ? 'mail.loading' : 'mail.load')}
          </Button>
        </div>
      )}
      <iframe
        ref={frame}
        className={css['frame']}
        title={t('mail.frame')}
        src={`truc-mail://${messageId}/`}
        sandbox="allow-scripts"
        referrerPolicy="no-referrer"
        style={{ height }}
        data-testid="mail-frame"
      />
    </div>
  );
}

const dataUrl = (blob: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.addEventListener('error', () => reject(reader.error ?? new Error('unreadable')));
    reader.readAsDataURL(blob);
  });
