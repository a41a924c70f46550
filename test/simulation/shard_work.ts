/** The worker of shards, as it is deployed: it waits for its turn, looks at the phase before each act, dies, and takes shards from others. */
import { copyShard } from '../../functions/backfill/copy_shard.ts';
import { copyBackShard } from '../../functions/copyback/copy_back_shard.ts';
import type { EffectivePhase } from '../../functions/phases/effective_phase.ts';
import { byUtf8 } from '../../functions/protocol/order.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Shard } from '../../functions/protocol/shard.ts';
import { settle } from '../../functions/reconciliation/settle.ts';
import type { Step } from '../../functions/records/finding.ts';
import type { Hold, Run } from '../../functions/records/run.ts';
import { PhaseChanged, requirePhase } from '../../functions/runs/phase_changed.ts';
import type { RunRequest } from '../../functions/runs/request.ts';
import { permitted, Turns } from '../../functions/runs/turn.ts';
import type { WalkPorts } from '../../functions/runs/walk_shard.ts';
import { askForRepair } from '../../functions/stores/receipt.ts';
import { type ComparePorts, compareShard } from '../../functions/verification/compare_shard.ts';
import type { Container } from './container.ts';
import type { SimulatedLedger } from './ledger.ts';
import { byLists } from './listed.ts';
import type { ReceiptQueue } from './queue.ts';
import { LAST_CALL, REQUEST, type Rules } from './rules.ts';
import type { Process, Scheduler } from './scheduler.ts';
import type { StoreName } from './weather.ts';
import type { SimulatedStores } from './world.ts';

const LIMITS = { documents: 2, bytes: 1_000_000 };
/** Milliseconds that a turn is waited for, and where the pace is slow; and between two signs of life. */
const [SHORT, LONG, BEAT] = [200, 250_000, 10_000];

export interface RunsParts {
  readonly scheduler: Scheduler;
  readonly stores: SimulatedStores;
  readonly queue: ReceiptQueue;
  readonly worker: Container;
  readonly rules: Rules;
  /** The share of turns that are waited for long. */
  readonly slow: number;
}

/** What the state machine sees of a worker. */
interface Token {
  alive: number;
  /** Its time was up. */
  rested: boolean;
}

/** What one worker has: a shard of a run, its process, and its turns. */
interface Holding {
  readonly run: Run;
  readonly phase: Phase;
  readonly hold: Hold;
  readonly process: Process;
  readonly turns: Pick<Turns, 'wait' | 'permit'>;
}

/** What a verification compares. */
export function modeOf({ options }: Pick<Run, 'options'>, { lists }: Rules): 'content' | 'version' {
  return lists === true && options.mode === 'version' ? 'version' : 'content';
}

export class ShardWork {
  readonly #parts: RunsParts;
  readonly #ledger: SimulatedLedger;

  constructor(parts: RunsParts, ledger: SimulatedLedger) {
    this.#parts = parts;
    this.#ledger = ledger;
  }

  /** Delivers a message. @param failed is told where the run cannot go on. */
  invoke(run: string, shard: number, failed: () => void): Token {
    const { scheduler, worker } = this.#parts;
    const token: Token = { alive: scheduler.now, rested: false };
    worker.invoke((process) =>
      this.#work(run, shard, process, token).catch((error: unknown) => {
        scheduler.tell(process, `stops: ${(error as Error).message}`);
        if (!(error instanceof PhaseChanged)) return;
        scheduler.strike('worker of a phase that is over');
        failed();
      }),
    );
    return token;
  }

  async #work(id: string, shard: number, process: Process, token: Token): Promise<void> {
    const { scheduler, worker, rules } = this.#parts;
    await scheduler.turn(process, `takes shard ${shard} of ${id}`);
    const run = this.#ledger.running(id);
    if (run === null) return;
    if (rules.looks === undefined) requirePhase(run, await worker.phases(process).current('c'));
    const taken = this.#ledger.take(id, shard, worker.now());
    if (taken === null) return;
    const { hold, row } = taken;
    const turns = await this.#turns(run, process, token);
    const holding = { run, hold, process, turns, phase: run.phase as Phase };
    const { kind } = run;
    const idle = (kind === 'copyback' && rules.noCopyBack) || (kind === 'backfill' && rules.noBackfill);
    if (idle) return this.#ledger.finish(hold, worker.now());
    const walked = await this.#walk(holding, row);
    token.rested = walked === 'rest';
  }

  #walk(holding: Holding, row: Parameters<typeof copyShard>[0]) {
    const { run, phase, process } = holding;
    const walk = this.#walking(holding);
    if (run.kind === 'backfill') return copyShard(row, { ...walk, ...this.#copying(holding) }, LIMITS);
    const compared = this.#comparing(walk, holding);
    if (run.kind === 'verify') {
      const { repair = false } = run.options;
      const mode = modeOf(run, this.#parts.rules);
      const ports =
        mode === 'version' ? byLists(compared, this.#parts.stores, holding.process, phase) : compared;
      return compareShard(row, ports, LIMITS, { phase, mode, repair, most: 100 });
    }
    const converge = async (key: string) => {
      const { timely } = await holding.turns.permit();
      return this.#converge(key, phase, process, timely);
    };
    return copyBackShard(row, { ...compared, converge, setAside: async () => {} }, LIMITS, phase);
  }

  async #turns(run: Run, process: Process, token: Token): Promise<Pick<Turns, 'wait' | 'permit'>> {
    const { worker, rules } = this.#parts;
    const timely = () => worker.isTimely(process);
    const wait = () => this.#wait(process, token);
    if (rules.looks === 'never') return { wait, permit: async () => ({ timely, holds: timely }) };
    let phase = () => worker.phases(process).current(run.collection);
    if (rules.looks === 'once') {
      const seen: EffectivePhase = await phase();
      phase = async () => seen;
    }
    return new Turns(run, { phase, wait, timely, clock: worker.clock, lasts: REQUEST - LAST_CALL });
  }

  /** A pace that is slow, or many workers. Whoever waits gives signs of life. */
  async #wait(process: Process, token: Token): Promise<boolean> {
    const { scheduler, worker, slow } = this.#parts;
    const { random } = scheduler;
    const isLong = random.chance(slow);
    if (isLong) scheduler.strike('long wait for the pace');
    const until = scheduler.now + random.below(isLong ? LONG : SHORT);
    if (until > process.deadline - 3 * LAST_CALL) return false;
    for (let left = until - scheduler.now; left > 0; left = until - scheduler.now) {
      await scheduler.sleep(process, Math.min(left, BEAT));
      token.alive = scheduler.now;
    }
    return worker.isTimely(process, 3);
  }

  /** What a run goes along. */
  keysOf({ kind, options }: Pick<RunRequest, 'kind' | 'options'>, process: Process): WalkPorts['keys'] {
    const { stores } = this.#parts;
    const list = (which: 'couchbase' | 'oracle' | 'handed-off', shard: Shard, limit: number) => {
      const store = which === 'couchbase' ? which : 'oracle';
      return stores.whole(process, store, `lists ${which}`, () => stores.keys(which, shard, limit));
    };
    return async (shard, limit) => {
      if (kind === 'backfill') return list('couchbase', shard, limit);
      if (kind === 'copyback' && options.back === 'changed') return list('handed-off', shard, limit);
      const all = [...(await list('couchbase', shard, limit)), ...(await list('oracle', shard, limit))];
      return [...new Set(all)].sort(byUtf8).slice(0, limit);
    };
  }

  #walking({ run, hold, process, turns }: Holding): WalkPorts {
    const { stores, worker } = this.#parts;
    const over = { over: async () => {} };
    return {
      ...{ keys: this.keysOf(run, process), sizes: async (all) => all.map(() => 1), careful: false },
      turn: async (documents) => ((await turns.wait(documents)) ? over : null),
      permit: () => turns.permit(),
      timely: () => worker.isTimely(process, 3),
      finish: () =>
        stores.whole(process, 'oracle', `finishes ${hold.run}`, () =>
          this.#ledger.finish(hold, worker.now()),
        ),
    };
  }

  /** Copies, and how far the worker is, in one transaction. */
  #copying({
    hold,
    phase,
    process,
  }: Holding): Pick<Parameters<typeof copyShard>[1], 'apply' | 'read' | 'repair' | 'setAside'> {
    const { stores, worker, rules, queue } = this.#parts;
    return {
      setAside: async () => {},
      repair: (key) => askForRepair(queue.sender(process), { collection: 'c', key, phase }),
      read: (keys) => {
        const { read } = stores.couchbase(process);
        return Promise.all(keys.map(async (key) => ({ key, state: await read(key, {}) })));
      },
      apply: async (copies, stepOf) => {
        const handedOff = copies.map(({ key }) => key).filter((key) => stores.seen('oracle', key).handoff);
        const stale = copies.map(() => ({ kind: 'stale' }) as const);
        const step = await stepOf(stale, handedOff);
        const record = () => this.#ledger.record(hold, step, worker.now());
        process.acts = phase;
        if (rules.checkpointFirst) await stores.whole(process, 'oracle', 'records first', record);
        await stores.whole(process, 'oracle', `copies ${copies.map(({ key }) => key).join()}`, () => {
          if (!rules.checkpointFirst) record();
          for (const { key, content, version } of copies)
            stores.execute(key, 'oracle.apply', { content, version });
        });
      },
    };
  }

  #comparing(walk: WalkPorts, { run, hold, phase, process, turns }: Holding): ComparePorts {
    const { stores, queue, worker } = this.#parts;
    const record = (step: Step) =>
      stores.whole(process, 'oracle', `records ${hold.run}`, () =>
        this.#ledger.record(hold, step, worker.now()),
      );
    const repair = permitted(
      () => turns.permit(),
      (key: string) => askForRepair(queue.sender(process), { collection: run.collection, key, phase }),
    );
    return { ...walk, ...this.looks(process), record, repair };
  }

  #converge(key: string, phase: Phase, process: Process, timely: () => boolean) {
    const { stores, queue } = this.#parts;
    process.acts = phase;
    const pair = { couchbase: stores.couchbase(process), oracle: stores.oracle(process) };
    const receipt = { collection: 'c', key, phase, cause: 'run', expired: 0n } as const;
    return settle(receipt, phase, pair, queue.sender(process), timely);
  }

  looks(process: Process): Pick<ComparePorts, 'couchbase' | 'oracle'> {
    const { stores } = this.#parts;
    const seen = (store: StoreName) => (keys: readonly string[]) =>
      stores.whole(process, store, `inspects ${store}`, () => keys.map((key) => stores.seen(store, key)));
    return { couchbase: seen('couchbase'), oracle: seen('oracle') };
  }
}
