/** A guard over a controller in memory, with requests and stores that tests make slow or bad. */

import type { Evidence } from '../../functions/control/evidence.ts';
import { guarded } from '../../functions/control/guarded.ts';
import { AskedLatencies, type GuardPorts, guard } from '../../functions/operations/guard.ts';
import type { Notice } from '../../functions/operations/notices.ts';
import { type Phase, wantedPhase } from '../../functions/protocol/phase.ts';
import type { Minute, Subject } from '../../functions/records/latencies.ts';
import { BAKE, Desk, HOUR, REQUEST } from '../control/desk.ts';
import { collection, compared, evidence, run } from '../control/given.ts';

export const SETTINGS = { minutes: 10, failed: 0.01, slower: 2, floor: 100, requests: 200 };
const MINUTE = 60_000;

/** All is well: a thousand requests, and as many calls. */
export const WELL: Minute = { count: 1000, failed: 0, p50: 10, p99: 50 };

export class GuardWorld extends Desk {
  readonly metrics = new Map<string, number>();
  readonly published: Notice[] = [];
  readonly said: string[] = [];
  /** What CloudWatch has of a subject; null for nothing. */
  measure: (subject: Subject) => Minute | null = () => WELL;
  cloudWatchIsAway = false;
  /** Questions to CloudWatch. */
  questions = 0;
  /** Called when the guard has asked CloudWatch: what somebody else does at the same time. */
  meanwhile: () => void = () => {};
  /** Writes that are made before the guard dies; null for all. */
  writes: number | null = null;
  asked = new AskedLatencies();

  constructor(phases: ConstructorParameters<typeof Desk>[0]) {
    super(phases);
    this.settings = { holds: [], windows: [], guard: SETTINGS };
    this.ports.evidence = async (name, phase) => {
      const found = this.evidence.get(name);
      return found !== undefined && 'missing' in found ? found : this.#proven(phase);
    };
  }

  /** All that any move out of a phase needs, as soon as two bakes are over. */
  #proven(phase: Phase): Evidence {
    const { now } = this;
    const runs = { backfill: run('expand', now - 10), copyback: run(phase, now - 8) };
    return evidence({ collection: collection({ ...runs, verification: compared(phase, now - 5) }) });
  }

  #write(act: () => void): void {
    if (this.writes !== null && this.writes-- === 0) throw new Error('the container has ended');
    act();
  }

  readonly #ports: GuardPorts = {
    ...{ settings: SETTINGS, bake: BAKE, longest: REQUEST, deployment: '/x' },
    collections: [],
    guarded: (collections) => guarded(this.controls, collections),
    read: async (subjects) => {
      this.questions++;
      this.meanwhile();
      if (this.cloudWatchIsAway) throw new Error('CloudWatch has answered 500');
      return subjects.map((subject) => {
        const found = this.measure(subject);
        return found === null ? [] : [found];
      });
    },
    keep: async (collection, note) => this.#write(() => this.notes.set(collection, note)),
    setFlags: async (collection, changes) => {
      const flags = {
        couchbaseWrites: changes.find(({ flag }) => flag === 'couchbase-writes')?.value === 'true',
        oracleWrites: changes.find(({ flag }) => flag === 'oracle-writes')?.value === 'true',
        reads: changes.find(({ flag }) => flag === 'reads')?.value === 'oracle' ? 'oracle' : 'couchbase',
      } as const;
      const wanted = wantedPhase(flags);
      if ('refused' in wanted) throw new Error(wanted.refused);
      this.#write(() => this.set(collection, wanted.phase));
      return this.own.get(collection) ?? [];
    },
    audit: (...given) => this.ports.audit(...given),
    publish: async (notice) => void this.published.push(notice),
    timely: () => true,
    asked: this.asked,
    count: (metric, value) => void this.metrics.set(metric, value),
    warn: (message, about) => void this.said.push(`${message} ${JSON.stringify(about)}`),
  };

  /** The flags of a collection, by an operator or by the guard. */
  set(collection: string, phase: Phase): void {
    this.wishes.set(collection, phase);
    const own = this.own.get(collection) ?? [1, 1, 1];
    this.own.set(
      collection,
      own.map((version) => version + 1),
    );
  }

  /** One look: the guard, and then moves. */
  async look() {
    await guard({ ...this.#ports, collections: [...this.registers.keys()], asked: this.asked });
    return this.step();
  }

  /** Each collection makes one step on its way, and is watched there from now on. */
  async moved(): Promise<void> {
    this.now += HOUR;
    await this.step();
    this.now += BAKE + 2 * MINUTE;
  }

  async minutes(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      this.now += MINUTE;
      await this.look();
    }
  }
}

/** Slower, or with failures, as one subject has it. */
export const slow = (p99: number): Minute => ({ ...WELL, p99 });
export const failing = (failed: number): Minute => ({ ...WELL, failed });

export const isOf = (subject: Subject, operation: string, phase: Phase, collection = 'orders') =>
  subject.of === 'request' &&
  subject.operation === operation &&
  subject.phase === phase &&
  subject.collection === collection;
