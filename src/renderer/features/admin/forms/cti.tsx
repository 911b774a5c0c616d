/** A telephone exchange: what its users and numbers mean here. */
import { Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useQuery } from '../../../app/useQuery.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Pick, Segments } from '../../../ui/Choice.tsx';
import { Field } from '../../../ui/Field.tsx';
import css from '../Admin.module.css';
import formCss from '../Form.module.css';
import { FormField, SecretField, useFieldTexts } from '../FormField.tsx';
import { record, str, text, typedSecrets, useForm } from '../form.ts';
import type { VendorForm } from './vendor-form.ts';

/** As it is written; `id` keeps its place while it is. */
interface Line {
  id: number;
  key: string;
  value: string;
}
type Table = 'users' | 'queues' | 'callerIds';

let nextLine = 1;
const line = (key: string, value: string): Line => ({ id: (nextLine += 1), key, value });
const linesOf = (settings: Record<string, unknown>, name: Table): Line[] =>
  Object.entries(record(settings[name])).map(([key, value]) => line(key, str(value)));
const tableOf = (value: unknown): Record<string, string> =>
  Object.fromEntries((value as Line[]).flatMap(({ key, value: to }) => (key.trim() === '' && to === '' ? [] : [[key.trim(), to.trim()]])));

export const cti: VendorForm = {
  vendor: 'cti',
  hook: '/hooks/cti/',
  begin: ({ settings }) => ({
    values: { 'settings.dialUrl': str(settings['dialUrl']) },
    rest: {
      answers: settings['answers'] === 'xml' ? 'xml' : 'json',
      users: linesOf(settings, 'users'),
      queues: linesOf(settings, 'queues'),
      callerIds: linesOf(settings, 'callerIds'),
    },
  }),
  fill: ({ rest, ...form }) => ({
    settings: {
      answers: rest['answers'],
      users: tableOf(rest['users']),
      queues: tableOf(rest['queues']),
      callerIds: tableOf(rest['callerIds']),
      dialUrl: text({ ...form, rest }, 'settings.dialUrl') || null,
    },
    secrets: typedSecrets({ ...form, rest }, ['token', 'dialToken']),
  }),
  Fields: CtiFields,
};

function CtiFields() {
  const { t } = useTranslation();
  const form = useForm();
  const { value: reference } = useQuery('reference', null);
  const people = (reference?.users ?? []).filter(({ active }) => active).map(({ id, name }) => ({ value: id, label: name }));
  const queues = (reference?.queues ?? []).map(({ id, name }) => ({ value: id, label: name }));
  return (
    <>
      <SecretField path="secrets.token" makes={24} />
      <Segments<'json' | 'xml'>
        label={t('channels.field.answers')}
        value={form.rest['answers'] === 'xml' ? 'xml' : 'json'}
        options={[
          { value: 'json', label: 'JSON' },
          { value: 'xml', label: 'XML (sipgate, Placetel)' },
        ]}
        onChange={(value) => form.setRest('answers', value)}
      />
      <Mapping name="users" keyLabel={t('channels.table.user')} valueLabel={t('channels.table.agent')} options={people} />
      <Mapping name="queues" keyLabel={t('channels.table.number')} valueLabel={t('channels.table.queue')} options={queues} />
      <Mapping
        name="callerIds"
        keyLabel={t('channels.table.user')}
        valueLabel={t('channels.table.shown')}
        hint={t('channels.table.anyone')}
      />
      <FormField path="settings.dialUrl" placeholder="https://" hint={t('channels.hintOf.dialUrl')} />
      <SecretField path="secrets.dialToken" clears />
    </>
  );
}

function Mapping({
  name,
  keyLabel,
  valueLabel,
  options,
  hint,
}: {
  name: Table;
  keyLabel: string;
  valueLabel: string;
  options?: readonly { value: string; label: string }[];
  hint?: string;
}) {
  const { t } = useTranslation();
  const form = useForm();
  const { labelOf, wrongOf } = useFieldTexts();
  const rows = form.rest[name] as Line[];
  const put = (next: Line[]) => form.setRest(name, next);
  const change = (id: number, fields: Partial<Line>) => put(rows.map((row) => (row.id === id ? { ...row, ...fields } : row)));
  return (
    <section className={formCss['table']} aria-label={labelOf(`settings.${name}`)}>
      <h3>{labelOf(`settings.${name}`)}</h3>
      {rows.map((row, at) => (
        <div key={row.id} className={formCss['tableRow']}>
          <Field
            hideLabel={at > 0}
            label={keyLabel}
            value={row.key}
            onChange={(key) => change(row.id, { key })}
            {...(hint ? { placeholder: hint } : {})}
          />
          {options ? (
            <Pick
              label={valueLabel}
              value={row.value === '' ? null : row.value}
              options={options}
              onChange={(value) => change(row.id, { value })}
            />
          ) : (
            <Field hideLabel={at > 0} label={valueLabel} value={row.value} onChange={(value) => change(row.id, { value })} />
          )}
          <IconButton
            label={t('channels.table.remove', { name: row.key })}
            icon={<X size={14} aria-hidden />}
            onPress={() => put(rows.filter(({ id }) => id !== row.id))}
          />
        </div>
      ))}
      {form.wrong === `settings.${name}` && (
        <p className={formCss['wrong']} role="alert">
          {wrongOf(`settings.${name}`)}
        </p>
      )}
      <div className={css['acts']}>
        <Button size="small" look="quiet" icon={<Plus size={14} aria-hidden />} onPress={() => put([...rows, line('', '')])}>
          {t('channels.table.add')}
        </Button>
      </div>
    </section>
  );
}
