/**
 * Gates that wait for receipts, while all containers of the API go on writing: one write of twenty leaves its second store to its receipt. A
 * gate opens once a verification is clean, and it is clean where receipts settle what they owe before a difference counts as one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, helpful } from '../../functions/control/decide.ts';
import type { RunEvidence } from '../../functions/control/evidence.ts';
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import type { Noted } from '../../functions/records/finding.ts';
import type { Mode } from '../../functions/records/run.ts';
import { NOTHING, type Pair, type Seen, stateOf } from '../../functions/stores/snapshot.ts';
import { compare } from '../../functions/verification/compare.ts';
import { type Looks, look } from '../../functions/verification/look.ts';
import { recheck, standsAfter } from '../../functions/verification/recheck.ts';
import { receiptBatch } from '../../infra/receipt_settings.ts';
import config from '../shop.config.ts';
import { BAKE, KEYS, Load } from './load.ts';

/** Milliseconds: of a request, and after which a gate counts as one that does not open. */
const [REQUEST, LATEST] = [2000, 90_000];
/** One write of so many leaves its second store to its receipt. */
const MISSED = 20;
/** Of so many receipts one is delivered twice, since its worker has died or a store was away. */
const LOST = { of: 100, hidden: 6 * REQUEST };
/** Keys of one look of a verification. */
const BATCH = 250;

class Gate {
  readonly load: Load;
  /** Milliseconds that a request takes at most. */
  readonly #request: number;
  readonly #runs: Record<'copybacks' | 'verifications', RunEvidence[]> = { copybacks: [], verifications: [] };
  #running = false;
  /** When it opened, in milliseconds after the phase began; null while it has not. */
  opened: number | null = null;
  /** Receipts when it opened. */
  receipts = { delayed: 0, due: 0, hidden: 0 };

  constructor(load: Load, request: number) {
    this.load = load;
    this.#request = request;
  }

  get clean(): boolean[] {
    return this.#runs.verifications.map(({ clean }) => clean);
  }

  /** Looks once a second, as the controller does, and starts what would help. The phase began at 0. */
  async watch(wanted: Phase): Promise<void> {
    const { phase, scheduler } = this.load;
    while (this.opened === null) {
      await this.load.pause(1000);
      const { now } = scheduler;
      const times = { now, bake: BAKE, redelivery: 6 * this.#request };
      const effective = { phase, since: 0, by: 'test' };
      const decision = await decide(ROUTES[wanted].flags, effective, times, async () => this.#evidence());
      if (decision.kind === 'move') [this.opened, this.receipts] = [now, this.#counts()];
      if (decision.kind !== 'wait' || this.#running) continue;
      for (const { job, input } of helpful(decision.conditions))
        if (job === 'verify') this.#verify(input.mode as Mode);
        // No key was ever handed off: there is nothing to give back.
        else this.#end('copybacks', now, null, true);
    }
  }

  #counts() {
    const { queue, inWork, scheduler } = this.load;
    const delayed = queue.filter(({ due }) => due > scheduler.now).length;
    return { delayed, due: queue.length - delayed, hidden: inWork };
  }

  #evidence() {
    return {
      ...{ receipts: { ...this.#counts(), waiting: 0, since: null }, deadLetters: 0, unread: 0 },
      collection: { name: 'orders', backfills: [], ...this.#runs },
    };
  }

  #end(kind: 'copybacks' | 'verifications', started: number, mode: Mode | null, clean: boolean): void {
    const { phase, scheduler } = this.load;
    const about = { id: `${kind}-${started}`, phase, mode, range: null };
    this.#runs[kind].unshift({ ...about, started, finished: scheduler.now, clean });
  }

  async #verify(mode: Mode): Promise<void> {
    this.#running = true;
    const started = this.load.scheduler.now;
    const suspects: Noted[] = [];
    for (let from = 0; from < KEYS.length; from += BATCH) {
      const keys = KEYS.slice(from, from + BATCH);
      for (const [n, pair] of (await this.#look(keys)).entries()) {
        const difference = compare(this.load.phase, pair, mode);
        if (difference !== null) suspects.push(this.#noted(keys[n] as string, pair, difference));
      }
    }
    this.#end('verifications', started, mode, await this.#recheck(suspects, mode));
    this.#running = false;
  }

  #noted(key: string, pair: Pair, difference: Pick<Noted, 'kind' | 'detail'>): Noted {
    const { now } = this.load.scheduler;
    const seen = { seen: stateOf(pair), looks: 0, firstSeen: now, lastSeen: now };
    return { run: 'r', key, verdict: 'suspect', ...difference, ...seen };
  }

  /** Whether all of them have passed. */
  async #recheck(suspects: readonly Noted[], mode: Mode): Promise<boolean> {
    const noted = new Map(suspects.map((each) => [each.key, each]));
    const left = () => [...noted.values()].filter(({ verdict }) => verdict === 'suspect');
    const ports = {
      suspects: async () => ({ suspects: left(), next: null }),
      looked: async (each: Noted) => void noted.set(each.key, each),
      look: async (key: string) => (await this.#look([key]))[0] as Pair,
      ...{ leftOut: async () => false, repair: async () => {}, timely: () => true },
      now: () => this.load.scheduler.now,
    };
    const how = {
      phase: this.load.phase,
      mode,
      repair: false,
      stands: standsAfter(this.load.phase, BAKE, this.#request),
    };
    for (;;) {
      const { suspects: open, wait } = await recheck(ports, how);
      if (open === 0) return [...noted.values()].every(({ verdict }) => verdict === 'passed');
      await this.load.pause(wait * 1000);
    }
  }

  /** A statement for many keys takes as long as one for one key. */
  #look(keys: readonly string[]): Promise<Pair[]> {
    const { couchbase, oracle } = this.load.stores;
    const looks: Looks = {
      couchbase: (all) =>
        this.load.call(() =>
          Promise.all(
            all.map(async (key) => {
              const { content, version, cas } = await couchbase.read(key, {});
              return seen(content, version, null, cas);
            }),
          ),
        ),
      oracle: (all) =>
        this.load.call(() =>
          Promise.all(
            all.map(async (key) => {
              const { content, version, handoff } = await oracle.read(key, {});
              return seen(content, version, handoff, version);
            }),
          ),
        ),
    };
    return look(keys, looks, this.load.phase);
  }
}

function seen(
  content: { readonly body: Uint8Array } | null,
  version: bigint,
  handoff: bigint | null,
  state: bigint,
): Seen {
  if (content === null) return NOTHING;
  return { ...NOTHING, presence: 'live', version, handoff, body: content.body, state: `${state}` };
}

async function gateUnder(load: Load, wanted: Phase, request = REQUEST): Promise<Gate> {
  const gate = new Gate(load, request);
  gate.watch(wanted);
  const isOver = () => gate.opened !== null || load.scheduler.now >= LATEST;
  await load.scheduler.run(isOver, 10_000_000);
  return gate;
}

for (const [phase, wanted] of [
  ['seal', 'settle'],
  ['switch', 'expand'],
  ['settle', 'contract'],
] as const)
  test(`on the way to ${wanted}, the gate out of ${phase} opens while all containers of the API write, though some receipts are delivered twice`, async (t) => {
    const load = new Load(phase, MISSED, LOST);
    const { batch, window } = receiptBatch({ ...config.deployment, receipts: {} });
    load.begin(batch, window);
    const { opened, receipts, clean } = await gateUnder(load, wanted);
    const { delayed, due, hidden } = receipts;
    t.diagnostic(
      `after ${opened} ms and ${clean.length} verifications; ${load.sent} sent, ${load.settled} settled, at most ${load.longest} ms after ` +
        `they were due; then ${delayed} were on their way, ${due} due, ${hidden} in work`,
    );
    assert.ok(opened !== null, 'it stays closed');
    assert.ok(delayed > 0 && load.longest <= 3000, 'the load goes on');
  });

test('where receipts are settled more slowly than they come, verifications are not clean, and the gate stays closed', async (t) => {
  const load = new Load('settle', MISSED);
  load.begin(10, 0, 1);
  // So short that a difference is decided on before its key is written again.
  const { opened, clean } = await gateUnder(load, 'contract', 300);
  t.diagnostic(`${load.sent} sent, ${load.settled} settled, ${clean.length} verifications`);
  assert.deepEqual([opened, clean.includes(true), clean.includes(false)], [null, false, true]);
});
