import type { ReactNode } from 'react';
import { Dialog, DialogTrigger, Modal, ModalOverlay, Popover as AriaPopover, type PopoverProps } from 'react-aria-components';
import css from './Popover.module.css';

/** A surface that floats by its trigger. */
export function Floating({
  label,
  children,
  width,
  ...props
}: Omit<PopoverProps, 'children' | 'className' | 'style'> & { label: string; children: ReactNode; width?: number }) {
  return (
    <AriaPopover {...props} offset={6} className={css['popover'] ?? ''} {...(width === undefined ? {} : { style: { width } })}>
      <Dialog aria-label={label} className={css['dialog'] ?? ''}>
        {children}
      </Dialog>
    </AriaPopover>
  );
}

export interface PopoverButtonProps {
  label: string;
  trigger: ReactNode;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  placement?: NonNullable<PopoverProps['placement']>;
  width?: number;
  children: ReactNode;
}

/** A button and what it opens. */
export function PopoverButton({ label, trigger, open, onOpenChange, placement = 'bottom start', width, children }: PopoverButtonProps) {
  return (
    <DialogTrigger {...(open === undefined ? {} : { isOpen: open })} {...(onOpenChange ? { onOpenChange } : {})}>
      {trigger}
      <Floating label={label} placement={placement} {...(width === undefined ? {} : { width })}>
        {children}
      </Floating>
    </DialogTrigger>
  );
}

export interface SheetProps {
  label: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  kind?: 'dialog' | 'palette' | 'drawer' | 'alert';
  children: ReactNode;
}

/** A modal surface: a dialog, the palette, or a drawer from the right. */
export function Sheet({ label, open, onOpenChange, kind = 'dialog', children }: SheetProps) {
  return (
    <ModalOverlay isOpen={open} onOpenChange={onOpenChange} isDismissable className={`${css['overlay']} ${css[`overlay-${kind}`]}`}>
      <Modal className={`${css['sheet']} ${css[kind === 'dialog' ? 'wide' : kind]}`}>
        <Dialog aria-label={label} role={kind === 'alert' ? 'alertdialog' : 'dialog'} className={css['dialog'] ?? ''}>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
