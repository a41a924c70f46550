/** The controller over SSM, SQS and the stores: for the function that moves phases, and for operators who ask. */
import pMap from 'p-map';
import { bake } from '../configuration/configuration.ts';
import { type Condition, isFree, measuredIn, type Times, type Wanted } from '../control/conditions.ts';
import { type Decision, decide, forceable, helpful } from '../control/decide.ts';
import type { Evidence, Missing } from '../control/evidence.ts';
import { type AskedMove, marked, unhealed } from '../control/forced.ts';
import { type Move, move, type Register, type Standing, standing } from '../control/publish.ts';
import { retirement } from '../control/retire.ts';
import type { Seen, Wished } from '../operations/overview.ts';
import type { EffectivePhase } from '../phases/effective_phase.ts';
import { type Wish, wished, wishOf } from '../phases/flags.ts';
import { phaseIn } from '../phases/stored_phase.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Reach } from '../stores/reach.ts';
import type { Container } from './container.ts';
import { gatherEvidence, remainsOf } from './evidence.ts';
import { rememberStores } from './identity.ts';
import { flagsIn, registerIn } from './register.ts';
import { toldForces } from './told_force.ts';
import { withRuns } from './under_way.ts';

export const CONTROL_VARIABLES = ['DEAD_LETTERS_QUEUE', 'COPY_MACHINE', 'VERIFY_MACHINE'] as const;

interface Environment {
  readonly PARAMETERS: string;
  readonly RECEIPTS_QUEUE: string;
  readonly DEAD_LETTERS_QUEUE: string;
}

/** What has become of one collection. */
export interface Stepped {
  readonly collection: string;
  readonly decision: Decision;
  readonly moved: Move | null;
  /** Runs that should be started, since a move waits for them. */
  readonly start: readonly Wanted[];
  /** Seconds since the phase began. */
  readonly age: number;
  /** Forced moves that nothing is known to have healed. */
  readonly forced: number;
}

/** Collections that are looked at at the same time. */
const CONCURRENCY = 4;

export class Controller {
  readonly #parts: Container;
  readonly #environment: Environment;

  constructor(parts: Container, environment: Environment) {
    this.#parts = parts;
    this.#environment = environment;
  }

  /** What operators want of each collection. Asks no store. */
  wishes(): Promise<Wished[]> {
    return this.#each(async (collection, flags) => {
      const wish = wished(() => this.#wish(flags, collection));
      return { collection, wish: 'refused' in wish ? null : wish };
    });
  }

  /** As it is published. Asks no store. */
  async effective(collection: string): Promise<EffectivePhase> {
    return phaseIn(await this.#register(collection).read(), this.#time);
  }

  /** Looks at all collections, and changes nothing. */
  look(reach: Reach): Promise<Seen[]> {
    return this.#each(async (collection, flags) => {
      const read = await this.#register(collection).read();
      const seen = { effective: phaseIn(read, this.#time), now: read.now };
      const { effective, now } = seen;
      const wish = wished(() => this.#wish(flags, collection));
      const evidence = await this.evidence(collection, reach, effective.phase);
      const decided = await this.#decide(wish, seen, async () => evidence, true);
      const decision = await withRuns(this.#parts.stores.ledger, collection, decided, reach);
      const forced = unhealed(effective.forced, evidence, this.#times(now));
      const told = await toldForces(this.#register(collection), collection, effective.phase, forced);
      return { collection, wish: 'refused' in wish ? null : wish, effective, decision, evidence, ...told };
    });
  }

  /**
   * Makes the next move of each collection for which all that it needs holds. One that fails keeps no other from its move.
   * @param failed is told of it.
   */
  async step(reach: Reach, failed: (collection: string, error: unknown) => void): Promise<Stepped[]> {
    const stepped = await this.#each((collection, flags) =>
      this.#step(collection, flags, reach).catch((error: unknown) => {
        failed(collection, error);
        return null;
      }),
    );
    return stepped.filter((each) => each !== null);
  }

  /**
   * Makes the next move whatever is measured, but never before the bake is over. Throws where there is none, or it is not.
   * @param before is told of the move before it is made, and does not reject.
   */
  async force(
    collection: string,
    by: string,
    why: string,
    before: (move: Pick<Move, 'from' | 'to'>) => Promise<unknown>,
  ): Promise<Move> {
    const { effective, version, now } = await this.#standing(collection);
    const { flags } = this.#wish(await this.#flags(), collection);
    const found = forceable(collection, flags, effective, this.#times(now));
    if ('refused' in found) throw new MoveRefused(found.refused);
    const { phase: from, forced } = effective;
    const made = { from, to: found.to, by: by.slice(0, 200), why: `forced: ${why}`, forced };
    await before(made);
    // A move that is free skips nothing.
    return this.#moveAlone(collection, version, { ...made, skips: !isFree(effective, made.to) }, now);
  }

  /** What speaks for and against retiring a collection; with who and why, it is done where nothing speaks against it. */
  async retire(
    collection: string,
    done: { readonly by: string; readonly why: string } | null,
  ): Promise<{ readonly conditions: readonly Condition[]; readonly moved: Move | null }> {
    const { effective, version, now } = await this.#standing(collection);
    const { flags } = this.#wish(await this.#flags(), collection);
    const { stores, queues } = this.#parts;
    const remains = await remainsOf(stores, collection, queues, this.#environment);
    const conditions = retirement(flags, effective, remains, this.#times(now));
    if (done === null || effective.retired) return { conditions, moved: null };
    const missing = conditions.filter(({ holds }) => !holds);
    if (missing.length > 0) throw new MoveRefused(measuredIn(missing));
    const { phase, forced } = effective;
    const made = { ...done, from: phase, to: phase, retired: true, forced } as const;
    return { conditions, moved: await this.#moveAlone(collection, version, made, now) };
  }

  /** Of one collection, as moves of it are decided on. */
  evidence(collection: string, reach: Reach, phase: Phase): Promise<Evidence | Missing> {
    const { stores, queues } = this.#parts;
    return gatherEvidence(stores, collection, queues, this.#environment, reach, phase);
  }

  /** Enters a move. The claim says it too: a store that is away holds none up. */
  async audited(collection: string, { from, to, why }: Move, actor: string, reach: Reach): Promise<void> {
    const { stores, logger } = this.#parts;
    const action = `${collection}: phase ${from} to ${to}`;
    // The move is made: it is entered however little time is left, unless Oracle is known to be away.
    const entered = reach.isAway('oracle')
      ? Promise.reject(new Error('Oracle is away'))
      : stores.audit.write({ at: Date.now(), actor, action, detail: why });
    await entered.catch((error: unknown) =>
      logger.warn('The move is in no audit log', { cause: String(error) }),
    );
  }

  async #each<Result>(
    act: (collection: string, flags: ReadonlyMap<string, string>) => Promise<Result>,
  ): Promise<Result[]> {
    const flags = await this.#flags();
    return pMap(this.#collections, (collection) => act(collection, flags), { concurrency: CONCURRENCY });
  }

  async #step(collection: string, flags: ReadonlyMap<string, string>, reach: Reach): Promise<Stepped> {
    const seen = await this.#standing(collection);
    const { effective, version, now } = seen;
    const decision = await this.#decide(
      wished(() => this.#wish(flags, collection)),
      seen,
      () => this.evidence(collection, reach, effective.phase),
    );
    const age = Math.max(0, Math.round((now - effective.since) / 1000));
    // At rest nobody has gathered evidence, and only a forced move needs it.
    const resting = effective.forced !== undefined && !('forced' in decision);
    const evidence = resting ? await this.evidence(collection, reach, effective.phase) : null;
    const forced =
      'forced' in decision ? decision.forced : unhealed(effective.forced, evidence, this.#times(now));
    const stepped = { collection, decision, age, forced: forced.length };
    if (decision.kind === 'wait') return { ...stepped, moved: null, start: helpful(decision.conditions) };
    if (decision.kind !== 'move') return { ...stepped, moved: null, start: [] };
    // A free move asks no store for anything.
    const free = decision.conditions.length === 1;
    const { ledger } = this.#parts.stores;
    const named = free ? decision : await withRuns(ledger, collection, decision, reach);
    const why = measuredIn(named.conditions);
    const { phase: from, to } = decision;
    const made = { from, to, by: 'controller', why, forced };
    return { ...stepped, moved: await this.#move(collection, version, made, now), start: [] };
  }

  /** Throws `MoveRefused` where somebody else has made a move from there. */
  async #moveAlone(collection: string, version: number, asked: AskedMove, at: number): Promise<Move> {
    const moved = await this.#move(collection, version, asked, at);
    if (moved === null) throw new MoveRefused('Somebody else has made a move at the same time. Look again');
    return moved;
  }

  /** Null where somebody else has made a move from there. */
  async #move(collection: string, version: number, asked: AskedMove, at: number): Promise<Move | null> {
    const made = marked(asked, version, at);
    await rememberStores(this.#parts, collection, made);
    return (await move(this.#register(collection), version, made, this.#time)).won ? made : null;
  }

  /** A request's time is the function's own: what it writes lands before that is up, or never. */
  get #time(): number {
    return this.#parts.configuration.timing.request;
  }

  get #collections(): string[] {
    return Object.keys(this.#parts.configuration.collections);
  }

  /** @param now by the clock that phases begin by. */
  #times(now: number): Times {
    const { timing } = this.#parts.configuration;
    return { now, bake: bake(timing), redelivery: 6 * timing.request };
  }

  #register(collection: string): Register {
    return registerIn(this.#parts.parameters, this.#environment.PARAMETERS, collection);
  }

  #flags(): Promise<ReadonlyMap<string, string>> {
    return flagsIn(this.#parts.parameters, this.#environment.PARAMETERS, this.#collections);
  }

  #wish(flags: ReadonlyMap<string, string>, collection: string): Wish {
    return wishOf(flags, this.#environment.PARAMETERS, collection);
  }

  #standing(collection: string) {
    return standing(this.#register(collection), this.#time);
  }

  async #decide(
    wish: Wish | { readonly refused: string },
    { effective, now }: Pick<Standing, 'effective' | 'now'>,
    gather: () => Promise<Evidence | Missing>,
    whole = false,
  ): Promise<Decision> {
    if ('refused' in wish) return { kind: 'refused', phase: effective.phase, reason: wish.refused };
    return decide(wish.flags, effective, this.#times(now), gather, whole);
  }
}

/** The move cannot be made, or not now. Nothing was done. */
export class MoveRefused extends Error {
  override readonly name = 'MoveRefused';
}
