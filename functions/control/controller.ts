/** Moves the phases of all collections, one safe step at a time, and tells operators who look where they are. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import type { Holding } from '../phases/hold.ts';
import { phaseIn } from '../phases/stored_phase.ts';
import { type Asked, askedOf, besideOf, waitsFor } from './asked.ts';
import { atOnce, readTogether } from './collections.ts';
import { isFree, measuredIn, type Times } from './conditions.ts';
import { type Decision, decide, forceable, helpful } from './decide.ts';
import type { Evidence, Missing } from './evidence.ts';
import { type AskedMove, marked, unhealed } from './forced.ts';
import { committable, isTold, saidOf } from './hold.ts';
import { MoveRefused, type Planned, requireSame } from './move_refused.ts';
import type { ControllerPorts, LookPorts, StepPorts } from './ports.ts';
import { type Found, found, type Move, move, type Standing, standing } from './publish.ts';
import { decidedMove, movedText } from './ramp.ts';
import { type Retirement, requireAll, retirement } from './retire.ts';
import { Room } from './room.ts';
import type { Seen, Stepped, Wished } from './seen.ts';
import { toldForces } from './told_force.ts';
import { inTurn, turnOf } from './turn.ts';
import { withRuns } from './under_way.ts';

/** A look that makes moves: its ports, what was read of the collection at its beginning, and the moves that it has room for. */
interface Stepping extends StepPorts {
  readonly read: Found;
  readonly room: Room;
}

export class Controller {
  readonly #ports: ControllerPorts;

  constructor(ports: ControllerPorts) {
    this.#ports = ports;
  }

  /** What operators want of each collection. Asks no store. */
  wishes(): Promise<Wished[]> {
    return this.#each(async (collection, { wish }) => ({
      ...{ collection, wish: 'refused' in wish ? null : wish },
    }));
  }

  /** As it is published. Asks no store. */
  async effective(collection: string): Promise<EffectivePhase> {
    return phaseIn(await this.#ports.register(collection).read(), this.#ports.request);
  }

  /** Looks at all collections, and changes nothing. */
  look(ports: LookPorts): Promise<Seen[]> {
    const reading = readTogether(this.#ports.collections, (collection) =>
      this.#ports.register(collection).read(),
    );
    return this.#each(async (collection, asked) => {
      const register = this.#ports.register(collection);
      const read = await reading(collection);
      const seen = { effective: phaseIn(read, this.#ports.request), version: read.version, now: read.now };
      const { effective, now } = seen;
      const evidence = await ports.evidence(collection, effective.phase);
      const decided = await this.#decide(asked, seen, async () => evidence, true);
      const decision = await withRuns(ports, collection, decided);
      const forced = unhealed(effective.forced, evidence, this.#times(now));
      const told = await toldForces(register, collection, effective.phase, forced);
      const { wish, waits } = asked;
      const moves = { ...waits.settings, ...saidOf(waits) };
      const wanted = 'refused' in wish ? null : wish;
      return { collection, wish: wanted, effective, decision, evidence, moves, ...told };
    });
  }

  /**
   * Makes the next move of each collection for which all that it needs holds, as far as there is room for it in one look. Moves that go back,
   * or were forced, come before all others. One that fails keeps no other from its move.
   * @param failed is told of it.
   */
  async step(ports: StepPorts, failed: (collection: string, error: unknown) => void): Promise<Stepped[]> {
    const room = new Room(() => ports.timely());
    const { register, request, collections } = this.#ports;
    const reading = readTogether(this.#ports.collections, (collection) =>
      found(register(collection), request),
    );
    const asking = await this.#asking();
    const { urgent, others } = await inTurn(collections, async (collection) =>
      turnOf(await reading(collection), asking(collection).wish),
    );
    const step = async (collection: string) => {
      try {
        return [
          await this.#step(collection, asking(collection), {
            ...ports,
            read: await reading(collection),
            room,
          }),
        ];
      } catch (error) {
        failed(collection, error);
        return [];
      }
    };
    const stepped = [...(await atOnce(urgent, step)), ...(await atOnce(others, step))];
    return stepped.flat();
  }

  /**
   * Makes the next move whatever is measured, but never before the bake is over. Throws where there is none, or it is not.
   * @param before is told of the move before it is made, and does not reject. @param asked the one that it has to be, where it is not any.
   */
  async force(
    collection: string,
    by: string,
    why: string,
    before: (move: Pick<Move, 'from' | 'to'>) => Promise<unknown>,
    asked?: Planned,
  ): Promise<Move> {
    const { effective, planned, now } = await this.#forceable(collection, asked);
    const { from, to, version } = planned;
    const made = { from, to, by, why: `forced: ${why}`, forced: effective.forced };
    await before(made);
    // A move that is free skips nothing.
    return this.#moveAlone(collection, version, { ...made, skips: !isFree(effective, to) }, now);
  }

  /** The move that a force would make now. Throws as `force` does. */
  async forceable(collection: string): Promise<Planned> {
    return (await this.#forceable(collection)).planned;
  }

  /** The next move, where it waits for a commit. Throws `MoveRefused` where it does not, or there is none. */
  async committable(collection: string, outside: boolean): Promise<Planned & { readonly holding: Holding }> {
    const { effective, version } = await this.#standing(collection);
    const wanting = await this.#ports.flags();
    const waits = waitsFor(this.#ports, wanting, collection);
    return committable(wanting.wish(collection), { from: effective.phase, version }, waits, outside);
  }

  /** What speaks for and against retiring a collection; with who and why, it is done where nothing speaks against it. */
  async retire(
    collection: string,
    done: { readonly by: string; readonly why: string; readonly asked?: Planned } | null,
  ): Promise<Retirement> {
    const { effective, version, now } = await this.#standing(collection);
    const { flags } = (await this.#ports.flags()).wish(collection);
    const remains = await this.#ports.remains(collection);
    const conditions = retirement(flags, effective, remains, this.#times(now));
    const { phase, forced } = effective;
    if (effective.retired) return { conditions, moved: null, planned: null };
    const planned = { from: phase, to: phase, version };
    if (done === null) return { conditions, moved: null, planned };
    requireSame(done.asked, planned);
    requireAll(conditions);
    const made = { by: done.by, why: done.why, from: phase, to: phase, retired: true, forced } as const;
    return { conditions, moved: await this.#moveAlone(collection, version, made, now), planned };
  }

  /** Enters a move. The claim says it too: a log that is away holds none up. */
  async audited(
    collection: string,
    move: Move,
    actor: string,
    { audit }: Pick<LookPorts, 'audit'>,
  ): Promise<void> {
    const entered = audit(actor, `${collection}: ${movedText(move)}`, move.why);
    await entered.catch((error: unknown) => this.#ports.unaudited(error));
  }

  async #forceable(collection: string, asked?: Planned) {
    const { effective, version, now } = await this.#standing(collection);
    const from = effective.phase;
    // After another move its bake, or that there is nothing to force, would be told in the place of it.
    requireSame(asked, { from, to: asked?.to ?? from, version });
    const { flags } = (await this.#ports.flags()).wish(collection);
    const found = forceable(collection, flags, effective, this.#times(now));
    if ('refused' in found) throw new MoveRefused(found.refused);
    requireSame(asked, { from, to: found.to, version });
    return { effective, now, planned: { from, to: found.to, version } };
  }

  async #asking(): Promise<(collection: string) => Asked> {
    const wanting = await this.#ports.flags();
    return (collection) => askedOf(this.#ports, wanting, collection);
  }

  async #each<Result>(act: (collection: string, asked: Asked) => Promise<Result>): Promise<Result[]> {
    const asking = await this.#asking();
    return atOnce(this.#ports.collections, (collection) => act(collection, asking(collection)));
  }

  async #step(collection: string, asked: Asked, { read, room, ...ports }: Stepping): Promise<Stepped> {
    const { left } = read;
    const seen = left !== null && room.take() ? await left.finish() : read.standing;
    const { effective, version, now } = seen;
    const decision = await this.#decide(asked, seen, () => ports.evidence(collection, effective.phase));
    const age = Math.max(0, Math.round((now - effective.since) / 1000));
    // At rest nobody has gathered evidence, and only a forced move needs it.
    const resting = effective.forced !== undefined && !('forced' in decision);
    const evidence = resting ? await ports.evidence(collection, effective.phase) : null;
    const forced =
      'forced' in decision ? decision.forced : unhealed(effective.forced, evidence, this.#times(now));
    const stepped = { collection, decision, version, told: isTold(asked.waits), age, forced: forced.length };
    if (decision.kind === 'wait') return { ...stepped, moved: null, start: helpful(decision.conditions) };
    if (decision.kind !== 'move') return { ...stepped, moved: null, start: [] };
    if (!room.open) return { ...stepped, moved: null, postponed: true, start: [] };
    // A free move asks no store for anything.
    const free = decision.share === 0 || isFree({ ...effective, forced }, decision.to);
    const named = free ? decision : await withRuns(ports, collection, decision);
    const why = measuredIn(named.conditions);
    const step = decidedMove(decision, effective, asked.waits.settings.ramp);
    const made = { ...step, by: 'controller', why, forced };
    // Those that were made meanwhile may have used up the room.
    if (!room.take()) return { ...stepped, moved: null, postponed: true, start: [] };
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
    await this.#ports.rememberStores(collection, made);
    const { won } = await move(this.#ports.register(collection), version, made, this.#ports.request);
    // The claim has less room than the audit log.
    return won ? { ...made, why: asked.why } : null;
  }

  /** @param now by the clock that phases begin by. */
  #times(now: number): Times {
    const { bake, request } = this.#ports;
    return { now, bake, redelivery: 6 * request };
  }

  #standing(collection: string): Promise<Standing> {
    return standing(this.#ports.register(collection), this.#ports.request);
  }

  async #decide(
    { wish, waits }: Asked,
    seen: Standing,
    gather: () => Promise<Evidence | Missing>,
    whole = false,
  ): Promise<Decision> {
    if ('refused' in wish) return { kind: 'refused', phase: seen.effective.phase, reason: wish.refused };
    return decide(wish.flags, seen.effective, this.#times(seen.now), gather, whole, besideOf(seen, waits));
  }
}
