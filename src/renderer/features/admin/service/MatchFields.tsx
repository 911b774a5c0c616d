import { Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Reference } from '../../../../shared/bridge.ts';
import { channelKinds } from '../../../../shared/domain.ts';
import type { SlaPolicy } from '../../../../shared/service-rows.ts';
import { useQuery } from '../../../app/useQuery.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { ChannelGlyph } from '../../../ui/Channel.tsx';
import { Check } from '../../../ui/Check.tsx';
import { Chooser } from '../../../ui/Chooser.tsx';
import { PopoverButton } from '../../../ui/Popover.tsx';
import css from '../Admin.module.css';
import formCss from '../Form.module.css';
import { shownPriorities } from './policy-form.ts';
import policyCss from './Policy.module.css';

type Match = SlaPolicy['match'];

/** Which tickets it is for: of each list that asks anything, one has to fit. */
export function MatchFields({
  match,
  reference,
  onChange,
}: {
  match: Match;
  reference: Reference;
  onChange: (step: string, match: Match) => void;
}) {
  const { t } = useTranslation();
  const { value: sample } = useQuery('sla.sample', null);
  const segments = [...new Set((sample ?? []).flatMap(({ segment }) => segment ?? []))];
  const turn = <K extends keyof Match>(name: K, one: Match[K][number], on: boolean) => {
    const list: readonly Match[K][number][] = match[name];
    onChange(`${name} ${one}`, { ...match, [name]: on ? [...list, one] : list.filter((other) => other !== one) });
  };
  const has = <K extends keyof Match>(name: K, one: Match[K][number]) => (match[name] as readonly Match[K][number][]).includes(one);
  const queues = reference.queues.map(({ id, name }) => ({ id, name }));
  // One that is gone can still be taken out.
  for (const id of match.queueIds) if (!queues.some((queue) => queue.id === id)) queues.push({ id, name: '?' });
  return (
    <section className={css['card']} aria-labelledby="policy-match">
      <header>
        <h2 className={css['cardTitle']} id="policy-match">
          {t('policies.match')}
        </h2>
        <p className={css['quiet']}>{t('policies.matchHint')}</p>
      </header>
      <MatchGroup title={t('policies.channels')} any={match.channels.length === 0 ? t('policies.any.channels') : null}>
        <div className={policyCss['checks']}>
          {channelKinds.map((kind) => (
            <Check key={kind} on={has('channels', kind)} onChange={(on) => turn('channels', kind, on)}>
              <span className={policyCss['glyph']}>
                <ChannelGlyph kind={kind} size={14} silent />
                {t(`channel.${kind}`)}
              </span>
            </Check>
          ))}
        </div>
      </MatchGroup>
      <MatchGroup title={t('policies.queues')} any={match.queueIds.length === 0 ? t('policies.any.queues') : null}>
        <div className={policyCss['checks']}>
          {queues.map(({ id, name }) => (
            <Check key={id} on={has('queueIds', id)} onChange={(on) => turn('queueIds', id, on)}>
              {name}
            </Check>
          ))}
        </div>
      </MatchGroup>
      <MatchGroup title={t('policies.priorities')} any={match.priorities.length === 0 ? t('policies.any.priorities') : null}>
        <div className={policyCss['checks']}>
          {shownPriorities.map((priority) => (
            <Check key={priority} on={has('priorities', priority)} onChange={(on) => turn('priorities', priority, on)}>
              {t(`priority.${priority}`)}
            </Check>
          ))}
        </div>
      </MatchGroup>
      <div className={formCss['pair']}>
        <MatchGroup title={t('policies.segments')} any={match.segments.length === 0 ? t('policies.any.segments') : null}>
          <Tokens
            values={match.segments}
            known={segments}
            add={t('policies.addSegment')}
            max={60}
            onTurn={(one, on) => turn('segments', one, on)}
          />
        </MatchGroup>
        <MatchGroup title={t('policies.tags')} any={match.tags.length === 0 ? t('policies.any.tags') : null}>
          <Tokens
            values={match.tags}
            known={reference.tags}
            add={t('policies.addTag')}
            max={40}
            onTurn={(one, on) => turn('tags', one, on)}
          />
        </MatchGroup>
      </div>
    </section>
  );
}

/** A list with its name; `any`: what it means while nothing is chosen. */
function MatchGroup({ title, any, children }: { title: string; any: string | null; children: ReactNode }) {
  return (
    <fieldset className={policyCss['match']}>
      <legend>
        {title}
        {any !== null && <span>{any}</span>}
      </legend>
      {children}
    </fieldset>
  );
}

const mostTokens = 50;

/** Words of which any may be typed; those that are known are offered. */
function Tokens({
  values,
  known,
  add,
  max,
  onTurn,
}: {
  values: readonly string[];
  known: readonly string[];
  add: string;
  max: number;
  onTurn: (value: string, on: boolean) => void;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <div className={policyCss['tokens']}>
      {values.map((value) => (
        <span key={value} className={policyCss['token']}>
          {value}
          <IconButton
            size="small"
            label={t('policies.removeToken', { name: value })}
            icon={<X size={12} aria-hidden />}
            onPress={() => onTurn(value, false)}
          />
        </span>
      ))}
      <PopoverButton
        label={add}
        open={open}
        onOpenChange={setOpen}
        width={280}
        trigger={
          <Button size="small" look="quiet" icon={<Plus size={14} aria-hidden />} isDisabled={values.length >= mostTokens}>
            {add}
          </Button>
        }
      >
        <Chooser
          label={add}
          max={max}
          items={[...new Set([...known, ...values])].map((value) => ({ key: value, label: value, on: values.includes(value) }))}
          offer={(text) => (known.includes(text) ? null : { key: text, label: t('policies.typeNew', { text }) })}
          onChoose={(value) => {
            onTurn(value, !values.includes(value));
            setOpen(false);
          }}
        />
      </PopoverButton>
    </div>
  );
}
