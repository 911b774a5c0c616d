/** The few words that main itself shows, in dialogs of the operating system. */
import type { Prefs } from '../shared/prefs.ts';

const vi = {
  openOutside: 'Mở liên kết này ngoài Trực?',
  open: 'Mở',
  cancel: 'Hủy',
  weakTitle: 'Máy này không có kho khóa',
  weakDetail:
    'Hệ điều hành không có nơi an toàn để giữ khóa mã hóa và phiên đăng nhập. Nếu tiếp tục, ai đọc được tệp trong máy này cũng có thể đọc chúng. Cài hoặc mở khóa GNOME Keyring hay KWallet rồi mở lại là cách an toàn.',
  weakContinue: 'Vẫn tiếp tục',
  quit: 'Thoát',
};
export type Words = Record<keyof typeof vi, string>;

const en: Words = {
  openOutside: 'Open this link outside Trực?',
  open: 'Open',
  cancel: 'Cancel',
  weakTitle: 'This computer has no key store',
  weakDetail:
    'The operating system offers no safe place for encryption keys and sign-in sessions. If you continue, anyone who can read files on this computer can read them too. Installing or unlocking GNOME Keyring or KWallet, then starting again, is the safe way.',
  weakContinue: 'Continue anyway',
  quit: 'Quit',
};

export function words(language: Prefs['language']): Words {
  return language === 'vi' ? vi : en;
}
