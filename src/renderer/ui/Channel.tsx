import {
  Camera,
  CircleEllipsis,
  Globe,
  type LucideIcon,
  Mail,
  MessageCircle,
  MessageSquareText,
  Phone,
  Store,
  Webhook,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ChannelKind } from '../../shared/domain.ts';
import css from './Channel.module.css';

const glyphs: Record<ChannelKind, LucideIcon> = {
  phone: Phone,
  email: Mail,
  chat: Globe,
  messenger: MessageCircle,
  instagram: Camera,
  zalo: MessageSquareText,
  api: Webhook,
  counter: Store,
  other: CircleEllipsis,
};

/** A channel's own glyph; its name is for screen readers and the hover. */
export function ChannelGlyph({ kind, size = 16, silent = false }: { kind: ChannelKind; size?: 12 | 14 | 16 | 20; silent?: boolean }) {
  const { t } = useTranslation();
  const Glyph = glyphs[kind];
  const name = t(`channel.${kind}`);
  return (
    <span
      className={`${css['glyph']} ${css[kind]}`}
      {...(silent ? { 'aria-hidden': true } : { role: 'img', 'aria-label': name, title: name })}
    >
      <Glyph size={size} strokeWidth={2} aria-hidden />
    </span>
  );
}
