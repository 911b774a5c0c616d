/** Files on their way out, and pictures on their way in. */
import type { PublicFile } from '../../src/shared/widget.ts';
import { newId } from './dom.ts';
import type { HubClient } from './hub-client.ts';
import type { ByteStore } from './store.ts';

export interface OutgoingFile {
  id: string;
  name: string;
  /** bytes */
  size: number;
  picture: boolean;
  /** the hub's word for it, once it has it */
  sent: PublicFile | null;
}

/** What a browser can show; the hub decides by the bytes. */
const pictures = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

export class Files {
  readonly #client: HubClient;
  readonly #bytes: ByteStore;
  /** part of what has gone out, 0 to 1 */
  readonly #progress = new Map<string, number>();
  readonly #sending = new Map<string, Promise<PublicFile>>();
  readonly #urls = new Map<string, Promise<string>>();
  readonly #changed: () => void;

  constructor(client: HubClient, bytes: ByteStore, changed: () => void) {
    this.#client = client;
    this.#bytes = bytes;
    this.#changed = changed;
  }

  progress(id: string): number {
    return this.#progress.get(id) ?? 0;
  }

  /** The bytes are safe in the browser when `safe` resolves. */
  take(chosen: File): { file: OutgoingFile; safe: Promise<void> } {
    const name = chosen.name.slice(0, 300) || 'file';
    const file = { id: newId(), name, size: chosen.size, picture: pictures.includes(chosen.type), sent: null };
    if (file.picture) this.#urls.set(file.id, Promise.resolve(URL.createObjectURL(chosen)));
    return { file, safe: this.#bytes.put(file.id, chosen) };
  }

  /** Sends it, once, however many ask. Null: its bytes are gone, and will never be sent. */
  async send(file: OutgoingFile): Promise<PublicFile | null> {
    if (file.sent) return file.sent;
    const under = this.#sending.get(file.id);
    if (under) return under;
    const bytes = await this.#bytes.get(file.id);
    if (!bytes) return null;
    const sending = this.#client
      .upload(file.id, file.name, bytes, (part) => {
        this.#progress.set(file.id, part);
        this.#changed();
      })
      .then((sent) => {
        file.sent = sent;
        const own = this.#urls.get(file.id);
        if (own) this.#urls.set(sent.id, own);
        return sent;
      })
      .finally(() => this.#sending.delete(file.id));
    this.#sending.set(file.id, sending);
    return sending;
  }

  drop(file: OutgoingFile): void {
    this.#progress.delete(file.id);
    void this.#bytes.drop(file.id);
  }

  /** An address under which the page may show it. */
  url(id: string): Promise<string> {
    const known = this.#urls.get(id);
    if (known) return known;
    const made = (async () => URL.createObjectURL((await this.#bytes.get(id)) ?? (await this.#client.file(id))))();
    this.#urls.set(id, made);
    // One that did not come may be asked for again.
    made.catch(() => this.#urls.delete(id));
    return made;
  }

  async save(file: PublicFile): Promise<void> {
    const link = document.createElement('a');
    link.href = await this.url(file.id);
    link.download = file.name;
    link.click();
  }

  /** Nobody looks at them any more. */
  revoke(): void {
    for (const url of this.#urls.values()) void url.then((made) => URL.revokeObjectURL(made)).catch(() => undefined);
    this.#urls.clear();
  }
}

export function sizeText(bytes: number, language: string): string {
  const [value, unit] = bytes < 1_048_576 ? [Math.max(1, bytes / 1024), 'KB'] : [bytes / 1_048_576, 'MB'];
  return `${value.toLocaleString(language, { maximumFractionDigits: unit === 'KB' ? 0 : 1 })} ${unit}`;
}
