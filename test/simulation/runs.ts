/** Runs over shards: workers as they are deployed, which die, are followed, and take shards from each other. */
import { copyShard } from '../../functions/backfill/copy_shard.ts';
import type { RunEvidence } from '../../functions/control/evidence.ts';
import { copyBackShard } from '../../functions/copyback/copy_back_shard.ts';
import { byUtf8 } from '../../functions/protocol/order.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Shard } from '../../functions/protocol/shard.ts';
import { settle } from '../../functions/reconciliation/settle.ts';
import type { Kind } from '../../functions/runs/request.ts';
import type { Step, WalkPorts } from '../../functions/runs/walk_shard.ts';
import type { Hold, Run } from '../../functions/stores/oracle/ledger_rows.ts';
import { askForRepair } from '../../functions/stores/receipt.ts';
import { type ComparePorts, compareShard } from '../../functions/verification/compare_shard.ts';
import { look } from '../../functions/verification/look.ts';
import { recheck } from '../../functions/verification/recheck.ts';
import type { Pair } from '../../functions/verification/seen.ts';
import type { Container } from './container.ts';
import { SimulatedLedger } from './ledger.ts';
import type { ReceiptQueue } from './queue.ts';
import { BAKE, REQUEST, type Rules, SILENCE } from './rules.ts';
import { lasting, type Process, type Scheduler } from './scheduler.ts';
import type { SimulatedStores, StoreName } from './world.ts';

const LIMITS = { documents: 2, bytes: 1_000_000 };
/** Two shards. */
const CUTS = ['k1'];

export interface RunsParts {
  readonly scheduler: Scheduler;
  readonly stores: SimulatedStores;
  readonly queue: ReceiptQueue;
  readonly worker: Container;
  readonly rules: Rules;
}

export class Runs {
  readonly #parts: RunsParts;
  readonly #ledger = new SimulatedLedger();
  readonly #last = new Map<Kind, RunEvidence>();
  readonly #running = new Set<Kind>();
  #count = 0;

  constructor(parts: RunsParts) {
    this.#parts = parts;
  }

  last(kind: Kind): RunEvidence | null {
    return this.#last.get(kind) ?? null;
  }

  /** Begins a run, unless one of its kind is under way. */
  start(kind: Kind, phase: Phase): void {
    if (this.#running.has(kind)) return;
    this.#running.add(kind);
    const id = `${kind}-${++this.#count}`;
    const started = this.#parts.scheduler.now;
    const run: Run = { id, kind, collection: 'c', options: {}, stamp: '', phase, started };
    this.#execute(run, lasting(id)).finally(() => this.#running.delete(kind));
  }

  async #execute(run: Run, machine: Process): Promise<void> {
    const { scheduler, rules } = this.#parts;
    const { kind, id, started } = run;
    const phase = run.phase as Phase;
    scheduler.tell(machine, `begins in ${phase}`);
    const idle = (kind === 'copyback' && rules.noCopyBack) || (kind === 'backfill' && rules.noBackfill);
    if (!idle) {
      this.#ledger.begin(run, CUTS);
      await Promise.all([0, 1].map((shard) => this.#shard(run, shard, machine)));
    }
    if (kind === 'verify') await this.#recheck(run, machine);
    const clean = kind !== 'verify' || rules.verifyNothing === true || this.#ledger.isClean(run);
    scheduler.tell(machine, clean ? 'is clean' : 'is not clean');
    const about = { mode: kind === 'verify' ? 'content' : null, range: null } as const;
    this.#last.set(kind, { id, phase, started, finished: scheduler.now, clean, ...about });
  }

  /** As the state machine: whoever falls silent is followed. */
  async #shard(run: Run, shard: number, machine: Process): Promise<void> {
    const { scheduler, worker } = this.#parts;
    while (this.#ledger.isOpen(run.id, shard)) {
      worker.invoke((process) =>
        this.#work(run, shard, process).catch((error: unknown) => {
          scheduler.tell(process, `stops: ${(error as Error).message}`);
        }),
      );
      for (let waited = 0; waited < SILENCE && this.#ledger.isOpen(run.id, shard); waited += 1000)
        await scheduler.sleep(machine, 1000);
    }
  }

  async #work(run: Run, shard: number, process: Process): Promise<void> {
    await this.#parts.scheduler.turn(process, `takes shard ${shard} of ${run.id}`);
    const taken = this.#ledger.take(run.id, shard);
    if (taken === null) return;
    const { hold, row } = taken;
    const phase = run.phase as Phase;
    const walk = this.#walking(run.kind, hold, process);
    if (run.kind === 'backfill') await copyShard(row, { ...walk, ...this.#copying(hold, process) }, LIMITS);
    else if (run.kind === 'verify')
      await compareShard(row, this.#comparing(walk, hold, phase, process), LIMITS, {
        ...{ phase, mode: 'content', repair: false, most: 100 },
      });
    else {
      const compared = this.#comparing(walk, hold, phase, process);
      const converge = (key: string) => this.#converge(key, phase, process);
      await copyBackShard(row, { ...compared, converge, setAside: async () => {} }, LIMITS, phase);
    }
  }

  #walking(kind: Kind, hold: Hold, process: Process): WalkPorts {
    const { stores, worker } = this.#parts;
    const list = (which: 'couchbase' | 'oracle' | 'handed-off', shard: Shard, limit: number) => {
      const store = which === 'couchbase' ? which : 'oracle';
      return stores.whole(process, store, `lists ${which}`, () => stores.keys(which, shard, limit));
    };
    const both = async (shard: Shard, limit: number) => {
      const all = [...(await list('couchbase', shard, limit)), ...(await list('oracle', shard, limit))];
      return [...new Set(all)].sort(byUtf8).slice(0, limit);
    };
    const keys: WalkPorts['keys'] = (shard, limit) => {
      if (kind === 'verify') return both(shard, limit);
      return list(kind === 'backfill' ? 'couchbase' : 'handed-off', shard, limit);
    };
    return {
      ...{ keys, sizes: async (all) => all.map(() => 1), careful: false },
      turn: async () => ({ over: async () => {} }),
      permit: async () => ({ timely: () => worker.isTimely(process) }),
      timely: () => worker.isTimely(process),
      finish: () => stores.whole(process, 'oracle', `finishes ${hold.run}`, () => this.#ledger.finish(hold)),
    };
  }

  /** Copies, and how far the worker is, in one transaction. */
  #copying(
    hold: Hold,
    process: Process,
  ): Pick<Parameters<typeof copyShard>[1], 'apply' | 'read' | 'repair' | 'setAside'> {
    const { scheduler, stores, rules, queue } = this.#parts;
    return {
      setAside: async () => {},
      repair: (key) => askForRepair(queue.sender(process), { collection: 'c', key, phase: 'expand' }),
      read: (keys) => {
        const { read } = stores.couchbase(process);
        return Promise.all(keys.map(async (key) => ({ key, state: await read(key, {}) })));
      },
      apply: async (copies, stepOf) => {
        const handedOff = copies.map(({ key }) => key).filter((key) => stores.seen('oracle', key).handoff);
        const step = await stepOf(
          copies.map(() => ({ kind: 'stale' })),
          handedOff,
        );
        const record = () => this.#ledger.record(hold, step, scheduler.now);
        if (rules.checkpointFirst) await stores.whole(process, 'oracle', 'records first', record);
        await stores.whole(process, 'oracle', `copies ${copies.map(({ key }) => key).join()}`, () => {
          if (!rules.checkpointFirst) record();
          for (const { key, content, version } of copies)
            stores.execute(key, 'oracle.apply', { content, version });
        });
      },
    };
  }

  #comparing(walk: WalkPorts, hold: Hold, phase: Phase, process: Process): ComparePorts {
    const { scheduler, stores, queue } = this.#parts;
    const record = (step: Step) =>
      stores.whole(process, 'oracle', `records ${hold.run}`, () =>
        this.#ledger.record(hold, step, scheduler.now),
      );
    const repair = (key: string) => askForRepair(queue.sender(process), { collection: 'c', key, phase });
    return { ...walk, ...this.#looks(process), record, repair };
  }

  #converge(key: string, phase: Phase, process: Process) {
    const { stores, queue, worker } = this.#parts;
    const pair = { couchbase: stores.couchbase(process), oracle: stores.oracle(process) };
    const receipt = { collection: 'c', key, phase, cause: 'run', expired: 0n } as const;
    return settle(receipt, phase, pair, queue.sender(process), () => worker.isTimely(process));
  }

  #looks(process: Process): Pick<ComparePorts, 'couchbase' | 'oracle'> {
    const { stores } = this.#parts;
    const seen = (store: StoreName) => (keys: readonly string[]) =>
      stores.whole(process, store, `inspects ${store}`, () => keys.map((key) => stores.seen(store, key)));
    return { couchbase: seen('couchbase'), oracle: seen('oracle') };
  }

  async #recheck({ id, phase: named }: Run, machine: Process): Promise<void> {
    const { scheduler } = this.#parts;
    const phase = named as Phase;
    const ports = {
      suspects: async () => this.#ledger.suspects(id),
      looked: async (noted: Parameters<SimulatedLedger['looked']>[0]) => this.#ledger.looked(noted),
      look: async (key: string) => (await look([key], this.#looks(machine), phase))[0] as Pair,
      ...{ repair: async () => {}, now: () => scheduler.now, timely: () => true },
    };
    const how = { phase, mode: 'content', repair: false, stands: BAKE + REQUEST } as const;
    for (;;) {
      const left = await recheck(ports, how).catch(() => ({ suspects: 1, wait: 5 }));
      if (left.suspects === 0) return;
      await scheduler.sleep(machine, left.wait * 1000);
    }
  }
}
