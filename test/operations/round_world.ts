/** Ports of a round in memory: what is measured, and what is done, in a world where all is well. */
import assert from 'node:assert/strict';
import type { Decision } from '../../functions/control/decide.ts';
import type { Stepped } from '../../functions/control/seen.ts';
import { RetentionTurn } from '../../functions/operations/retention.ts';
import { type RoundPorts, round } from '../../functions/operations/round.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Run, ShardRow } from '../../functions/records/run.ts';
import { BUSY } from '../../functions/runs/lanes.ts';
import { Standing } from '../../functions/runs/standing.ts';
import { totalsOf } from '../runs/totals.ts';

export const AWAY = () => Promise.reject(new Error('Oracle is away'));
const COUNTS = { listed: 7, applied: 7, stale: 0, gone: 0, failed: 0, bytes: 0 };

export const stepped = (
  collection: string,
  phase: Phase,
  kind: 'arrived' | 'wait' = 'arrived',
  age = 1,
): Stepped => {
  const wait = {
    kind: 'wait',
    phase,
    wanted: 'contract',
    to: 'contract',
    conditions: [],
    forced: [],
  } as const;
  const decision: Decision = kind === 'arrived' ? { kind, phase } : wait;
  return { collection, decision, version: 1, told: false, moved: null, start: [], age, forced: 0 };
};

const NO_FEEDS: RoundPorts['probes'] = {
  ...{ feedOf: () => null, seen: async () => null, newKey: () => 'probe' },
  ...{ note: async () => {}, write: async () => {} },
};

export class World {
  readonly metrics = new Map<string, number[]>();
  readonly acts: string[] = [];
  readonly said: string[] = [];
  /** What was done with the heartbeat of Oracle. */
  readonly beats: string[] = [];
  readonly standing = new Standing();
  /** Kinds of rows of which the old ones were removed. */
  readonly removed: string[] = [];
  steps: Stepped[] = [];
  now = 10 * BUSY;
  left = 40_000;
  runs: Run[] = [];
  shard: ShardRow = {
    ...{ shard: 1, after: null, upTo: null, doneKey: null, state: 'open', changed: 0 },
    ...COUNTS,
  };
  deadLetters = { unread: 0, surplus: 0 };

  #note(metric: string, value: number): void {
    this.metrics.set(metric, [...(this.metrics.get(metric) ?? []), value]);
  }

  #retention(): RoundPorts['retention'] {
    return {
      retention: { findings: 30, letters: null, repairs: 90, conflicts: null },
      removeOld: async (kind) => {
        this.removed.push(kind);
        return 0;
      },
      ...{ oracleIsAway: () => false, timely: () => true, now: () => this.now, info: () => {} },
      warn: (message) => void this.said.push(message),
    };
  }

  #sweep(timely: () => boolean): ReturnType<RoundPorts['sweepPorts']> {
    return {
      receive: async () => {
        this.acts.push(timely() ? 'received' : 'received late');
        return [];
      },
      ...{ remove: async () => {}, release: async () => {}, recount: async () => true },
      ...{ find: async () => null, isLeftOut: async () => false, adopt: async () => ({ id: 'a' }) },
      ...{ timely, now: () => this.now },
    };
  }

  readonly ports = (over: Partial<RoundPorts> = {}): RoundPorts => ({
    ...{ collections: ['orders', 'items'], standing: this.standing, look: {} as never },
    control: {
      step: async () => this.steps,
      audited: async (collection, _, actor) => void this.acts.push(`audited ${collection} ${actor}`),
    },
    enterFlags: async () => {},
    start: async ({ job }) => void this.acts.push(`started ${job}`),
    sweepDocuments: async (collection) => this.acts.push(`swept ${collection}`),
    oracleIsAway: () => false,
    sights: async () => [{ store: 'oracle', problem: null }],
    heartbeat: {
      check: async () => ({ found: null }),
      raise: async () => void this.beats.push('raised'),
    },
    deadLetters: async () => this.deadLetters,
    sweepPorts: (timely) => this.#sweep(timely),
    overdue: {
      ...{ overdue: async () => [], answers: async () => true, send: async () => {} },
      ...{ renewed: async () => {}, timely: () => true, now: () => this.now },
    },
    ...{ retentionTurn: new RetentionTurn(), retention: this.#retention() },
    ...{ mostTombstones: 1000, countTombstones: async () => 7 },
    openConflicts: async () => new Map(),
    countSqlChanges: async () => 0,
    ...{ probes: NO_FEEDS, changed: false, guard: { settings: null } as RoundPorts['guard'] },
    notices: {
      ...{ deployment: '/x', publish: null, told: async () => null, keep: async () => {} },
      ...{
        now: () => this.now,
        timely: () => true,
        count: (...given) => this.#note(...given),
        warn: () => {},
      },
    },
    underWay: async (name) => this.runs.filter(({ collection }) => collection === name),
    totals: async () => totalsOf([this.shard]),
    remaining: () => this.left,
    now: () => this.now,
    count: (metric, value) => this.#note(metric, value),
    seconds: (metric, value) => this.#note(metric, value),
    looked: (collection) => this.acts.push(`looked ${collection}`),
    failed: (collection) => this.said.push(`failed ${collection}`),
    warn: (message, about) => this.said.push(`${message} ${JSON.stringify(about)}`),
    error: (message) => this.said.push(message),
    ...over,
  });

  /** @returns the value of a metric, which a round puts out once. */
  async measured(metric: string, over: Partial<RoundPorts> = {}): Promise<number | undefined> {
    this.metrics.clear();
    await round(this.ports(over));
    const [value, ...others] = this.metrics.get(metric) ?? [];
    assert.deepEqual(others, [], `${metric} was put out more than once`);
    return value;
  }
}

export const run = (id: string, collection = 'orders'): Run => ({
  ...{ id, kind: 'backfill', collection, options: {}, stamp: '', phase: 'expand', started: 0 },
});
