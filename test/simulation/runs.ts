/** Runs as their state machines take them: begun by the controller and by operators, late and side by side, with workers that die. */
import type { RunEvidence } from '../../functions/control/evidence.ts';
import { byUtf8 } from '../../functions/protocol/order.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Shard } from '../../functions/protocol/shard.ts';
import type { Kind, Run } from '../../functions/records/run.ts';
import { type BeginPorts, type Begun, begin } from '../../functions/runs/begin.ts';
import { PhaseChanged, requirePhase } from '../../functions/runs/phase_changed.ts';
import { type Job, parseRequest, RunRefused, type RunRequest } from '../../functions/runs/request.ts';
import { type Summary, summarize } from '../../functions/runs/summary.ts';
import { permitted } from '../../functions/runs/turn.ts';
import type { Pair } from '../../functions/stores/snapshot.ts';
import { look } from '../../functions/verification/look.ts';
import { recheck, standsAfter } from '../../functions/verification/recheck.ts';
import { SimulatedLedger } from './ledger.ts';
import { BAKE, REQUEST, SILENCE } from './rules.ts';
import { lasting, type Process } from './scheduler.ts';
import { modeOf, type RunsParts, ShardWork } from './shard_work.ts';

/** Milliseconds until an execution begins, and for which one may be held up. */
const [SOON, LATE] = [1000, 150_000];
/** Milliseconds after which a message may be delivered once more. */
const AGAIN = 400_000;

/** One execution: it ends where one of its steps has failed for good. */
interface Execution {
  readonly machine: Process;
  over: boolean;
}

export class Runs {
  readonly #parts: RunsParts;
  readonly #ledger = new SimulatedLedger();
  readonly #work: ShardWork;
  #count = 0;

  constructor(parts: RunsParts) {
    this.#parts = parts;
    this.#work = new ShardWork(parts, this.#ledger);
  }

  /** What has ended, the latest first. */
  ended(kind: Kind): RunEvidence[] {
    const { rules } = this.#parts;
    return this.#ledger.history(kind).map(({ id, phase, started, finished, outcome, options }) => ({
      ...{ id, phase: phase as Phase, started, finished },
      clean: outcome === 'clean' || (kind === 'verify' && rules.verifyNothing === true),
      ...{ mode: kind === 'verify' ? (options.mode ?? 'content') : null, range: options.range ?? null },
    }));
  }

  /** Starts an execution, as anybody may at any time. */
  start(job: Job, input: object): void {
    const { scheduler } = this.#parts;
    const request = parseRequest({ shards: 2, ...input }, job, ['c']);
    const id = `${request.kind}-${++this.#count}`;
    const execution = { machine: lasting(id), over: false };
    this.#execute(id, request, execution).catch((error: unknown) => {
      scheduler.tell(execution.machine, `ends: ${(error as Error).message}`);
    });
  }

  async #execute(id: string, request: RunRequest, execution: Execution): Promise<void> {
    const { scheduler } = this.#parts;
    const { machine } = execution;
    const isLate = scheduler.random.chance(0.05);
    if (isLate) scheduler.strike('begins late');
    await scheduler.sleep(machine, scheduler.random.below(isLate ? LATE : SOON));
    const begun = await this.#step(execution, (process) => this.#begin(id, request, process));
    if (begun.over) return;
    scheduler.tell(machine, `${begun.resumed ? 'goes on with' : 'begins'} ${begun.run}`);
    if (begun.resumed) scheduler.strike('two executions of a run');
    await Promise.all(begun.open.map((shard) => this.#shard(begun.run, shard, execution)));
    const run = this.#ledger.running(begun.run);
    if (execution.over || run === null) return;
    if (run.kind === 'verify') await this.#recheck(run, execution);
    const { outcome } = await this.#step(execution, (process) => this.#summarize(run, process));
    scheduler.tell(machine, `${run.id}: ${outcome}`);
  }

  /** A step is tried again until it succeeds, unless it is refused or its phase is over. */
  async #step<Result>(execution: Execution, act: (process: Process) => Promise<Result>): Promise<Result> {
    const { scheduler, worker } = this.#parts;
    for (;;) {
      let refused: unknown = null;
      const result = await worker.invoke((process) =>
        act(process).catch((error: unknown) => {
          if (error instanceof RunRefused || error instanceof PhaseChanged) refused = error;
          return null;
        }),
      );
      if (refused !== null) throw refused;
      if (result !== null) return result;
      await scheduler.sleep(execution.machine, 3000);
    }
  }

  async #begin(id: string, request: RunRequest, process: Process): Promise<Begun> {
    const { stores, worker } = this.#parts;
    const phase = await worker.phases(process).current('c');
    const keys = (shard: Shard, limit: number) => this.#work.keysOf(request, process)(shard, limit);
    const all = { after: null, upTo: null };
    const ports: BeginPorts = {
      ...{ keys, sizes: async (keys) => keys.map(() => 1), timely: () => worker.isTimely(process) },
      sample: async () => [...new Set([...stores.keys('couchbase', all, 99)])].sort(byUtf8),
      ...{ books: this.#books(process), now: worker.now },
    };
    return begin(id, request, ports, { phase, bake: BAKE, mapping: {}, rate: 100, turn: 300 });
  }

  #summarize(run: Run, process: Process): Promise<Summary> {
    const { worker } = this.#parts;
    const told = worker
      .phases(process)
      .current('c')
      .catch(() => null);
    return told.then(() => summarize(run, this.#books(process), worker.now()));
  }

  #books(process: Process) {
    const { stores } = this.#parts;
    return this.#ledger.books((label, act) => stores.whole(process, 'oracle', label, act));
  }

  /** As the state machine: whoever falls silent is followed. */
  async #shard(run: string, shard: number, execution: Execution): Promise<void> {
    const { scheduler } = this.#parts;
    const { random } = scheduler;
    const isOpen = () =>
      !execution.over && this.#ledger.isOpen(run, shard) && this.#ledger.running(run) !== null;
    while (isOpen()) {
      const token = this.#work.invoke(run, shard, () => {
        execution.over = true;
      });
      if (random.chance(0.05)) this.#redeliver(run, shard);
      for (let waited = 0; waited < SILENCE && isOpen() && !token.rested; waited += 1000) {
        await scheduler.sleep(execution.machine, 1000);
        if (token.alive > scheduler.now - 1000) waited = 0;
      }
    }
  }

  /** A queue may deliver a message again long after it was handled. */
  #redeliver(run: string, shard: number): void {
    const { scheduler } = this.#parts;
    scheduler.sleep(lasting('queue'), scheduler.random.below(AGAIN)).then(() => {
      scheduler.strike('shard delivered again');
      this.#work.invoke(run, shard, () => {});
    });
  }

  async #recheck(run: Run, execution: Execution): Promise<void> {
    const { scheduler, worker, queue } = this.#parts;
    const { id } = run;
    const phase = run.phase as Phase;
    const once = async (process: Process) => {
      const permit = async () => requirePhase(run, await worker.phases(process).current('c'));
      const looks = this.#work.looks(process);
      const ports = {
        suspects: async () => ({ suspects: this.#ledger.suspects(id), next: null }),
        looked: permitted(permit, async (noted: Parameters<SimulatedLedger['looked']>[0]) =>
          this.#ledger.looked(noted),
        ),
        look: permitted(permit, async (key: string) => (await look([key], looks, phase))[0] as Pair),
        repair: permitted(permit, async ({ key }: { readonly key: string }) => {
          await queue.sender(process)({ collection: 'c', key, phase, cause: 'run', expired: 0n });
        }),
        ...{ leftOut: async () => false, now: worker.now, timely: () => worker.isTimely(process, 3) },
      };
      await permit();
      const { repair = false } = run.options;
      return recheck(ports, {
        phase,
        mode: modeOf(run, this.#parts.rules),
        repair,
        stands: standsAfter(phase, BAKE, REQUEST),
      });
    };
    while (!this.#parts.rules.verifyNothing) {
      const left = await this.#step(execution, once);
      if (left.suspects === 0) return;
      await scheduler.sleep(execution.machine, left.wait * 1000);
    }
  }
}
