import { Check, GitMerge, Sparkles, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { v7 as newId } from 'uuid';
import type { Customer, Proposal } from '../../../shared/domain.ts';
import { goAlong } from '../../app/desk.ts';
import { change } from '../../app/tickets.ts';
import { useQuery } from '../../app/useQuery.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { showPhone } from '../../ui/phone.ts';
import css from './Proposals.module.css';

/** What channels have learnt of this customer, to be taken over or turned down. */
export function Proposals({ customer, ticketId }: { customer: Customer; ticketId: string }) {
  const { t } = useTranslation();
  const { value: reference } = useQuery('reference', null);
  const [asked, setAsked] = useState<string | null>(null);
  const settle = (proposal: Proposal, accept: boolean) => {
    setAsked(null);
    if (accept && proposal.kind === 'same') goAlong(ticketId);
    void change('customer.settle', { ticketId, proposalId: proposal.id, accept, identityId: newId() });
  };
  return (
    <section className={css['box']} aria-label={t('proposal.title')} data-testid="proposals">
      <h4>
        <Sparkles size={14} aria-hidden />
        {t('proposal.title')}
      </h4>
      <ul>
        {customer.proposals.map((one) => {
          const value = one.kind === 'phone' ? showPhone(one.value) : one.value;
          const source = reference?.channels.find(({ id }) => id === one.source)?.name ?? one.source;
          return (
            <li key={one.id}>
              <div className={css['one']}>
                <div className={css['what']}>
                  <span className={css['kind']}>{t(`proposal.kind.${one.kind}`)}</span>
                  <span className={css['value']}>{value}</span>
                  <span className={css['source']}>{t('proposal.from', { source })}</span>
                </div>
                {one.kind === 'same' ? (
                  <IconButton
                    size="small"
                    label={t('proposal.same.ask', { value })}
                    icon={<GitMerge size={14} aria-hidden />}
                    aria-expanded={asked === one.id}
                    onPress={() => setAsked(asked === one.id ? null : one.id)}
                  />
                ) : (
                  <IconButton
                    size="small"
                    label={t('proposal.accept', { value })}
                    icon={<Check size={14} aria-hidden />}
                    onPress={() => settle(one, true)}
                  />
                )}
                <IconButton
                  size="small"
                  label={t('proposal.dismiss', { value })}
                  icon={<X size={14} aria-hidden />}
                  onPress={() => settle(one, false)}
                />
              </div>
              {asked === one.id && (
                <div className={css['sure']} data-testid="same-preview">
                  <p>{t('proposal.same.what', { value, name: customer.name })}</p>
                  <div className={css['acts']}>
                    <Button look="primary" size="small" onPress={() => settle(one, true)}>
                      {t('proposal.same.accept')}
                    </Button>
                    <Button look="quiet" size="small" onPress={() => setAsked(null)}>
                      {t('proposal.same.cancel')}
                    </Button>
                  </div>
                </div>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
