/** The controller over SSM, SQS and the stores: for the function that moves the phase, and for operators who ask. */
import { bake } from '../configuration/configuration.ts';
import { bakeOf, type Times, type Wanted } from '../control/conditions.ts';
import { type Decision, decide, helpful } from '../control/decide.ts';
import { type Move, move, type Register, standing } from '../control/publish.ts';
import { type EffectivePhase, parsePhase } from '../phases/effective_phase.ts';
import { type Flags, nextPhase, type Phase, wantedPhase } from '../protocol/phase.ts';
import type { Container } from './container.ts';
import { EvidenceMissing, gatherEvidence } from './evidence.ts';
import { type FlagNames, flagsIn, type ParameterNames, registerIn } from './register.ts';

export const CONTROL_VARIABLES = [
  ...(['MOVES_PREFIX', 'COUCHBASE_WRITES_PARAMETER', 'ORACLE_WRITES_PARAMETER', 'READS_PARAMETER'] as const),
  'DEAD_LETTERS_QUEUE',
] as const;
type Environment = FlagNames & ParameterNames & { RECEIPTS_QUEUE: string; DEAD_LETTERS_QUEUE: string };

export interface Stepped {
  readonly decision: Decision;
  readonly moved: Move | null;
  /** Runs that should be started, since a move waits for them. */
  readonly start: readonly Wanted[];
  /** Seconds since the phase began. */
  readonly age: number;
}

export interface Seen {
  readonly flags: Flags;
  readonly effective: EffectivePhase;
  readonly decision: Decision;
}

export class Controller {
  readonly #parts: Container;
  readonly #environment: Environment;
  readonly #register: Register;

  constructor(parts: Container, environment: Environment) {
    this.#parts = parts;
    this.#environment = environment;
    this.#register = registerIn(parts.parameters, environment);
  }

  /** Looks, and changes nothing. */
  async look(): Promise<Seen> {
    const flags = await flagsIn(this.#parts.parameters, this.#environment);
    const effective = parsePhase((await this.#register.read()).value);
    return { flags, effective, decision: await this.#decide(flags, effective) };
  }

  /** Makes the next move if all that it needs holds. */
  async step(): Promise<Stepped> {
    const { flags, effective, version } = await this.#standing();
    const decision = await this.#decide(flags, effective);
    const age = Math.max(0, Math.round((Date.now() - effective.since) / 1000));
    if (decision.kind === 'wait') return { decision, moved: null, start: helpful(decision.conditions), age };
    if (decision.kind !== 'move') return { decision, moved: null, start: [], age };
    const why = decision.conditions.map(({ name, measured }) => `${name}: ${measured}`).join('; ');
    const moved = await this.#move(version, decision.phase, decision.to, 'controller', why);
    return { decision, moved, start: [], age };
  }

  /** Makes the next move whatever is measured, but never before the bake is over. Throws where there is none, or it is not. */
  async force(by: string, why: string): Promise<Move> {
    const { flags, effective, version } = await this.#standing();
    const wanted = wantedPhase(flags);
    if ('refused' in wanted) throw new MoveRefused(wanted.refused);
    if (wanted.phase === effective.phase)
      throw new MoveRefused(
        `The phase is ${effective.phase}, as the flags want it: there is nothing to force`,
      );
    const { holds, measured } = bakeOf(effective, this.#times());
    if (!holds) throw new MoveRefused(`No force makes a bake shorter: ${measured}`);
    const to = nextPhase(effective.phase, wanted.phase);
    const moved = await this.#move(version, effective.phase, to, by.slice(0, 200), `forced: ${why}`);
    if (moved === null) throw new MoveRefused('Somebody else has made a move at the same time. Look again');
    return moved;
  }

  /** Null where somebody else has made a move from there. */
  async #move(version: number, from: Phase, to: Phase, by: string, why: string): Promise<Move | null> {
    const made = { from, to, by, at: Date.now(), why: why.slice(0, 3000) };
    return (await move(this.#register, version, made, this.#time)).won ? made : null;
  }

  /** A request's time is the function's own: what it writes lands before that is up, or never. */
  get #time(): number {
    return this.#parts.configuration.timing.request;
  }

  #times(): Times {
    const { timing } = this.#parts.configuration;
    return { now: Date.now(), bake: bake(timing), redelivery: 6 * timing.request };
  }

  async #standing() {
    const flags = await flagsIn(this.#parts.parameters, this.#environment);
    return { flags, ...(await standing(this.#register, Date.now(), this.#time)) };
  }

  async #decide(flags: Flags, effective: EffectivePhase): Promise<Decision> {
    const { stores, queues, configuration } = this.#parts;
    const collections = Object.keys(configuration.collections);
    const gather = () => gatherEvidence(stores, collections, queues, this.#environment);
    try {
      return await decide(flags, effective, this.#times(), gather);
    } catch (error) {
      if (!(error instanceof EvidenceMissing)) throw error;
      return withoutEvidence(flags, effective, error.message);
    }
  }
}

/** The move cannot be made, or not now. Nothing was done. */
export class MoveRefused extends Error {
  override readonly name = 'MoveRefused';
}

/** A store is away: every move that needs evidence waits for it. */
function withoutEvidence(flags: Flags, { phase }: EffectivePhase, measured: string): Decision {
  const wanted = wantedPhase(flags);
  if ('refused' in wanted) return { kind: 'refused', phase, reason: wanted.refused };
  const to = nextPhase(phase, wanted.phase);
  return {
    kind: 'wait',
    phase,
    wanted: wanted.phase,
    to,
    conditions: [{ name: 'stores', holds: false, measured }],
  };
}

/** For the state machine: what was decided, and after how many seconds it is worth looking again. */
export function told(decision: Decision) {
  return { ...decision, wait: decision.kind === 'move' || decision.kind === 'wait' ? 20 : 0 };
}
