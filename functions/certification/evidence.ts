/** What a rehearsal has to show before a move: the work of runs, key by key, by the same steps of the protocol. */
import pMap from 'p-map';
import { CallFailed, perform } from '../protocol/call.ts';
import { copy } from '../protocol/copy.ts';
import type { Phase, StoreName } from '../protocol/phase.ts';
import { verify } from '../protocol/verify.ts';
import { settle } from '../reconciliation/settle.ts';
import { portOf } from '../stores/port.ts';
import { Receipts } from '../stores/receipt.ts';
import type { Activity } from './activity.ts';
import type { Ports } from './check.ts';
import { NotKept } from './not_kept.ts';
import type { OwnQueue } from './own_queue.ts';

/** Keys at the same time, keys of a page, and how often a key is looked at while others write it. */
const [AT_ONCE, PAGE, LOOKS] = [8, 50, 40];
/** Milliseconds between two looks. */
const PAUSE = 5;

export class Evidence {
  readonly #ports: Ports;
  readonly #activity: Activity;
  readonly #queue: OwnQueue;
  readonly #prefix: string;
  readonly #check: () => void;
  copied = 0;

  /** @param prefix of the rehearsal's keys. @param check throws where the rehearsal has failed, or takes too long. */
  constructor(ports: Ports, activity: Activity, queue: OwnQueue, prefix: string, check: () => void) {
    this.#ports = ports;
    this.#activity = activity;
    this.#queue = queue;
    this.#prefix = prefix;
    this.#check = check;
  }

  /** Copies what Couchbase lists to Oracle. */
  async backfill(phase: Phase): Promise<void> {
    const receipts = new Receipts(this.#queue.send);
    await this.#walk('couchbase', async (key) => {
      const receipt = receipts.of({ collection: 'rehearsal', key }, phase);
      if (await perform(copy(), portOf(key, { ...this.#ports, receipt }))) this.copied++;
    });
  }

  /** Makes Couchbase what Oracle lists. */
  async copyBack(phase: Phase): Promise<void> {
    await this.#walk('oracle', async (key) => {
      const receipt = { collection: 'rehearsal', key, phase, cause: 'run', expired: 0n } as const;
      const settled = await settle(receipt, phase, this.#ports, this.#queue.send, () => true);
      if (settled === 'busy') await this.#queue.send(receipt);
    });
  }

  /** All receipts that were sent by now are settled. */
  receipts(): Promise<void> {
    const { mark } = this.#queue;
    return this.#until(() => this.#queue.isSettled(mark));
  }

  /** All that is under way now has ended. */
  over(): Promise<void> {
    const { mark } = this.#activity;
    return this.#until(() => this.#activity.isOver(mark));
  }

  /** Both stores agree about each key that either lists. Throws `NotKept` for one that stays different. */
  async verified(phase: Phase, keys: readonly string[]): Promise<void> {
    const listed = [...(await this.#keys('couchbase')), ...(await this.#keys('oracle'))];
    await pMap(new Set([...listed, ...keys]), (key) => this.#verifyOne(phase, key), { concurrency: AT_ONCE });
  }

  async #verifyOne(phase: Phase, key: string): Promise<void> {
    const receipt = new Receipts(this.#queue.send).of({ collection: 'rehearsal', key }, phase);
    for (let look = 0; look < LOOKS; look++) {
      const verdict = await this.tried(() =>
        perform(verify(phase), portOf(key, { ...this.#ports, receipt })),
      );
      // A marker has a receipt, which removes it; at rest none is left.
      if (verdict === 'equal' || verdict === 'marker') return;
      // It may be a write on its way: what is under way ends first.
      await this.over();
      await this.#ports.sleep(PAUSE);
    }
    throw new NotKept(`Both stores should agree about a key in ${phase}, and differ at ${LOOKS} looks`);
  }

  async #until(is: () => boolean): Promise<void> {
    while (!is()) {
      this.#check();
      await this.#ports.sleep(PAUSE);
    }
  }

  async #walk(store: StoreName, act: (key: string) => Promise<void>): Promise<void> {
    const keys = await this.#keys(store);
    const actOn = async (key: string) => {
      const id = this.#activity.begin();
      try {
        await this.tried(() => act(key));
      } finally {
        this.#activity.end(id, false);
      }
    };
    await pMap(keys, actOn, { concurrency: AT_ONCE });
  }

  async #keys(store: StoreName): Promise<string[]> {
    const upTo = `${this.#prefix}\u{10ffff}`;
    const found: string[] = [];
    for (let after = this.#prefix; ; after = found.at(-1) as string) {
      const page = await this.tried(() => this.#ports.keys[store]({ after, upTo }, PAGE));
      found.push(...page);
      if (page.length < PAGE) return found;
    }
  }

  /** As a run does: what has no clear answer is tried again, and what was given up may still arrive meanwhile. */
  async tried<Result>(act: () => Promise<Result>): Promise<Result> {
    const TRIES = 5;
    for (let tries = 1; ; tries++)
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof CallFailed) || tries === TRIES) throw error;
        await this.#ports.sleep(2 * this.#ports.call);
      }
  }
}
