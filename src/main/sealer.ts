/** safeStorage as a Sealer. */
import { safeStorage } from 'electron';
import type { Sealer } from './secrets.ts';

/** Whether the key store is none: on Linux without a keyring Electron only obfuscates. Known once the app is ready. */
export function isWeak(): boolean {
  return process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text';
}

/** @param weakAccepted whether the agent, demo mode or a test agreed to a weak store */
export async function openSealer(weakAccepted: boolean): Promise<Sealer | null> {
  const weak = isWeak();
  if (weak) {
    if (!weakAccepted) return null;
    safeStorage.setUsePlainTextEncryption(true);
  }
  // Electron 33 has the synchronous functions only; newer ones keep the main process free while the key store asks.
  const hasAsync = !weak && typeof safeStorage.encryptStringAsync === 'function';
  if (hasAsync && (await safeStorage.isAsyncEncryptionAvailable())) {
    return {
      seal: (plain) => safeStorage.encryptStringAsync(plain),
      unseal: async (sealed) => (await safeStorage.decryptStringAsync(sealed)).result,
    };
  }
  if (!safeStorage.isEncryptionAvailable()) return null;
  return {
    seal: (plain) => Promise.resolve(safeStorage.encryptString(plain)),
    unseal: (sealed) => Promise.resolve().then(() => safeStorage.decryptString(sealed)),
  };
}
