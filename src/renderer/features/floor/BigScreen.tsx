import { Monitor, Trash2, Tv } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { WallboardLink } from '../../../shared/wallboard.ts';
import { useMinute } from '../../app/clock.ts';
import { execute } from '../../app/engine.ts';
import { usePrefs } from '../../app/prefs.ts';
import { shell } from '../../app/shell.ts';
import { say } from '../../app/toasts.ts';
import { useHub } from '../../app/useHub.ts';
import { HubState } from '../../app/HubState.tsx';
import { ShownOnce } from '../../app/ShownOnce.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Chooser } from '../../ui/Chooser.tsx';
import { Field } from '../../ui/Field.tsx';
import { PopoverButton, Sheet } from '../../ui/Popover.tsx';
import { exact, listTime } from '../../ui/time.ts';
import css from './Floor.module.css';

/** The wallboard: in a window of this console, or on a television by a link. */
export function BigScreen() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [links, setLinks] = useState(false);
  return (
    <>
      <PopoverButton
        label={t('wallboard.title')}
        open={open}
        onOpenChange={setOpen}
        width={280}
        placement="bottom end"
        trigger={
          <Button size="small" icon={<Monitor size={14} aria-hidden />} data-testid="big-screen">
            {t('wallboard.title')}
          </Button>
        }
      >
        <Chooser
          label={t('wallboard.title')}
          items={[
            { key: 'window', label: t('wallboard.window'), icon: <Monitor size={14} aria-hidden /> },
            { key: 'links', label: t('wallboard.links'), icon: <Tv size={14} aria-hidden /> },
          ]}
          onChoose={(key) => {
            setOpen(false);
            if (key === 'links') setLinks(true);
            else void shell.wallboard();
          }}
        />
      </PopoverButton>
      <Sheet label={t('wallboard.links')} open={links} onOpenChange={setLinks}>
        {links && <Links close={() => setLinks(false)} />}
      </Sheet>
    </>
  );
}

function Links({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [url, setUrl] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const { got, load } = useHub('wallboard.links', null);
  const make = async () => {
    if (name.trim() === '' || busy) return;
    setBusy(true);
    try {
      const made = await execute('wallboard.link', { name: name.trim() });
      setUrl(made.url);
      setName('');
      load();
    } catch {
      say(t('admin.failed'), { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  const remove = async (id: string) => {
    try {
      await execute('wallboard.unlink', { id });
      load();
      say(t('wallboard.unlinked'));
    } catch {
      say(t('wallboard.notYours'), { tone: 'danger' });
    }
  };
  return (
    <div className={css['speak']} data-testid="wallboard-links">
      <h2 className={css['title']}>{t('wallboard.links')}</h2>
      <p className={css['hint']}>{t('wallboard.linksHint')}</p>
      <form
        className={css['newLink']}
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <Field label={t('wallboard.name')} placeholder={t('wallboard.nameHint')} value={name} onChange={setName} max={80} />
        <Button look="primary" type="submit" isDisabled={name.trim() === '' || busy}>
          {t('wallboard.make')}
        </Button>
      </form>
      {url !== null && <ShownOnce value={url} saved />}
      {got.state !== 'here' ? (
        <HubState got={got} onAgain={load} bones={1} />
      ) : got.value.length === 0 ? (
        <p className={css['hint']}>{t('wallboard.noLinks')}</p>
      ) : (
        <ul className={css['links']}>
          {got.value.map((link) => (
            <Link key={link.id} link={link} remove={() => void remove(link.id)} />
          ))}
        </ul>
      )}
      <div className={css['buttons']}>
        <Button look="quiet" onPress={close}>
          {t('wallboard.close')}
        </Button>
      </div>
    </div>
  );
}

function Link({ link, remove }: { link: WallboardLink; remove: () => void }) {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const now = useMinute();
  const { name, madeBy, at, seenAt } = link;
  const [sure, setSure] = useState(false);
  return (
    <li className={css['linkLine']}>
      <span>
        <strong>{name}</strong>
        <span className={css['hint']} title={exact(at, language)}>
          {t('wallboard.madeBy', { name: madeBy })} ·{' '}
          {seenAt === null ? t('wallboard.neverSeen') : t('wallboard.seen', { time: listTime(seenAt, now, t) })}
        </span>
      </span>
      {/* A screen goes dark: that can't be undone, and is asked once more. */}
      {sure ? (
        <Button size="small" look="danger" autoFocus onPress={remove} onBlur={() => setSure(false)}>
          {t('wallboard.unlink')}
        </Button>
      ) : (
        <IconButton
          size="small"
          label={t('wallboard.unlinkOf', { name })}
          icon={<Trash2 size={14} aria-hidden />}
          onPress={() => setSure(true)}
        />
      )}
    </li>
  );
}
