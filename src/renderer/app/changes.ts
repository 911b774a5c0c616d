import type { TFunction } from 'i18next';
import type { MutationName } from '../../shared/mutations/registry.ts';

/** A change by the name an agent knows it under; what only the hub does has none of its own. */
export function changeName(name: MutationName, t: TFunction): string {
  switch (name) {
    case 'message.receive':
    case 'message.delivery':
    case 'message.answeredElsewhere':
    case 'call.missed':
    case 'message.react':
    case 'message.edit':
    case 'message.withdraw':
    case 'message.media':
    case 'message.systemNote':
    case 'identity.mark':
    case 'customer.propose':
    case 'customer.named':
    case 'customer.identify':
    case 'chat.continue':
    case 'bot.say':
    case 'bot.handOff':
    case 'channel.offer':
    case 'channel.health':
    case 'attachment.ready':
    case 'attachment.failed':
    case 'sla.breach':
    case 'sla.escalate':
    case 'sla.rematch':
    case 'queue.route':
    case 'skill.save':
    case 'skill.remove':
    case 'userSkill.set':
    case 'user.capacity':
    case 'user.save':
    case 'user.deactivate':
    case 'user.activate':
    case 'user.reset':
    case 'user.join':
    case 'team.save':
    case 'team.remove':
    case 'queue.save':
    case 'queue.order':
    case 'queue.remove':
    case 'code.save':
    case 'code.order':
    case 'code.remove':
    case 'presence.set':
    case 'presence.channels':
    case 'presence.lost':
    case 'presence.ends':
    case 'offer.make':
    case 'offer.answer':
    case 'offer.lapse':
    case 'ticket.give':
    case 'ticket.take':
    case 'ticket.requeue':
    case 'ticket.overflow':
    case 'ticket.offerWay':
    case 'ticket.takeOver':
    case 'ticket.coach':
    case 'team.message':
    case 'notice.seen':
    case 'calendar.save':
    case 'calendar.remove':
    case 'slaPolicy.save':
    case 'slaPolicy.order':
    case 'slaPolicy.remove':
    case 'ticket.wake':
    case 'ticket.finalise':
      return t('change.other');
    default:
      return t(`change.${name}`);
  }
}
