/** Runs as their state machines begin them: over all keys, at a pace, and with the real comparison. */
import type { CollectionEvidence, RunEvidence } from '../../functions/control/evidence.ts';
import { perform } from '../../functions/protocol/call.ts';
import { copy } from '../../functions/protocol/copy.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { settle } from '../../functions/reconciliation/settle.ts';
import type { Noted } from '../../functions/records/finding.ts';
import type { Kind, Mode } from '../../functions/records/run.ts';
import { runsIn } from '../../functions/runs/begin.ts';
import { portOf } from '../../functions/stores/port.ts';
import { askForRepair } from '../../functions/stores/receipt.ts';
import { type Pair, stateOf } from '../../functions/stores/snapshot.ts';
import { compare } from '../../functions/verification/compare.ts';
import { look } from '../../functions/verification/look.ts';
import { recheck, standsAfter } from '../../functions/verification/recheck.ts';
import type { Measured } from './alarms.ts';
import type { HealthyQueue } from './queue.ts';
import type { HealthyStores } from './stores.ts';
import type { Timeline } from './timeline.ts';
import { BAKE, REQUEST } from './times.ts';

export interface Stay {
  readonly phase: Phase;
  readonly since: number;
}

/** Milliseconds that a run takes for one key: there are few here. */
const PACE = 100;

export class HealthyRuns {
  readonly #timeline: Timeline;
  readonly #stores: HealthyStores;
  readonly #queue: HealthyQueue;
  readonly #measured: Measured;
  readonly #stay: () => Stay;
  readonly #running = new Set<Kind>();
  readonly #ended: Record<Kind, RunEvidence[]> = { backfill: [], copyback: [], verify: [] };
  #begun = 0;

  /** @param stay where the collection is. */
  constructor(
    timeline: Timeline,
    stores: HealthyStores,
    queue: HealthyQueue,
    measured: Measured,
    stay: () => Stay,
  ) {
    this.#timeline = timeline;
    this.#stores = stores;
    this.#queue = queue;
    this.#measured = measured;
    this.#stay = stay;
  }

  get evidence(): CollectionEvidence {
    const { backfill, copyback, verify } = this.#ended;
    return { name: 'c', backfills: backfill, copybacks: copyback, verifications: verify };
  }

  /** Milliseconds that runs have taken since then. */
  took(since: number): number {
    const all = Object.values(this.#ended).flat();
    return all.reduce(
      (sum, { started, finished }) => sum + Math.max(0, finished - Math.max(started, since)),
      0,
    );
  }

  /** Begins a run if the phase allows it, and none of its kind is under way. */
  async start(kind: Kind, mode: Mode | null): Promise<void> {
    const stay = this.#stay();
    const started = this.#timeline.now;
    if (this.#running.has(kind) || !runsIn(kind, stay.phase) || started < stay.since + BAKE) return;
    this.#running.add(kind);
    const id = `${kind}-${++this.#begun}`;
    const clean = await this.#execute(id, kind, stay, mode ?? 'content');
    this.#running.delete(kind);
    // Of a stay that is over: it is stopped.
    if (clean === null) return;
    const about = { mode: kind === 'verify' ? mode : null, range: null };
    const run = { id, phase: stay.phase, started, finished: this.#timeline.now, clean, ...about };
    this.#ended[kind] = [run, ...this.#ended[kind]].slice(0, 50);
    if (!clean)
      this.#measured.add(
        `AWS/States ${kind === 'verify' ? 'Verify' : 'Copy'}AllMachine ExecutionsFailed`,
        run.finished,
        1,
      );
  }

  /** Whether it was clean; null where the service has gone on. */
  async #execute(run: string, kind: Kind, stay: Stay, mode: Mode): Promise<boolean | null> {
    const suspects: Noted[] = [];
    for (const key of this.#stores.keys) {
      await this.#timeline.sleep(PACE);
      if (this.#stay().since !== stay.since) return null;
      if (kind === 'backfill') await perform(copy(), portOf(key, { ...this.#stores, receipt: NO_RECEIPT }));
      else if (kind === 'copyback') await this.#giveBack(key, stay.phase);
      else suspects.push(...(await this.#compare(run, key, stay.phase, mode)));
    }
    return kind === 'verify' ? this.#recheck(suspects, stay, mode) : true;
  }

  async #giveBack(key: string, phase: Phase): Promise<void> {
    if (!this.#stores.handedOff(key)) return;
    const place = { collection: 'c', key, phase };
    const receipt = { ...place, cause: 'run', expired: 0n } as const;
    const settled = await settle(receipt, phase, this.#stores, this.#queue.send, () => true);
    if (settled === 'busy') await askForRepair(this.#queue.send, place);
  }

  async #compare(run: string, key: string, phase: Phase, mode: Mode): Promise<Noted[]> {
    const pair = await this.#look(key, phase);
    const difference = compare(phase, pair, mode);
    if (difference === null) return [];
    const { now } = this.#timeline;
    const seen = { seen: stateOf(pair), looks: 0, firstSeen: now, lastSeen: now };
    return [{ run, key, verdict: 'suspect', ...difference, ...seen }];
  }

  async #look(key: string, phase: Phase): Promise<Pair> {
    const seen = (store: 'couchbase' | 'oracle') => (keys: readonly string[]) =>
      Promise.all(keys.map((each) => this.#stores.seen(store, each)));
    return (await look([key], { couchbase: seen('couchbase'), oracle: seen('oracle') }, phase))[0] as Pair;
  }

  async #recheck(suspects: readonly Noted[], stay: Stay, mode: Mode): Promise<boolean | null> {
    const noted = new Map(suspects.map((each) => [each.key, each]));
    const ports = {
      suspects: async () => ({
        suspects: [...noted.values()].filter(({ verdict }) => verdict === 'suspect'),
        next: null,
      }),
      looked: async (each: Noted) => void noted.set(each.key, each),
      look: (key: string) => this.#look(key, stay.phase),
      ...{
        repair: async () => {},
        leftOut: async () => false,
        now: () => this.#timeline.now,
        timely: () => true,
      },
    };
    for (;;) {
      if (this.#stay().since !== stay.since) return null;
      const how = { phase: stay.phase, mode, repair: false, stands: standsAfter(stay.phase, BAKE, REQUEST) };
      const left = await recheck(ports, how);
      if (left.suspects === 0) return [...noted.values()].every(({ verdict }) => verdict === 'passed');
      await this.#timeline.sleep(left.wait * 1000);
    }
  }
}

const NO_RECEIPT = { send: async () => null, sent: async () => true };
