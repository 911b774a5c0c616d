/** Customers at the chat widget, who write while all this goes on. Their line is good; the hub is not always there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import type { Draw } from '../../harness/draw.ts';
import { Visitor } from '../../harness/visitor.ts';

export class Customer {
  /** ids of the messages that the hub has taken */
  readonly acknowledged: string[] = [];
  readonly #visitor: Visitor;

  constructor(hubUrl: string) {
    this.#visitor = new Visitor(hubUrl);
  }

  /** Says something now and then, each thing until it is taken. */
  async talk(draw: Draw, pauseMs: number, wanted: () => boolean): Promise<void> {
    while (wanted()) {
      await sleep(draw.after(pauseMs));
      const id = uuid();
      for (let taken = false; !taken;) {
        try {
          if (this.#visitor.token === '') await this.#visitor.open();
          await this.#visitor.say(`khách hỏi ${id.slice(-6)}`, id);
          this.acknowledged.push(id);
          taken = true;
        } catch {
          await sleep(200);
        }
      }
    }
  }
}
