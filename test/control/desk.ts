/** The ports of a controller in memory: registers, flags and evidence that tests make up, on a clock that is a number. */
import { Controller } from '../../functions/control/controller.ts';
import type { Evidence, Missing } from '../../functions/control/evidence.ts';
import type { MoveSettings } from '../../functions/control/hold.ts';
import type { ControllerPorts, StepPorts } from '../../functions/control/ports.ts';
import type { Claim, Move, Register } from '../../functions/control/publish.ts';
import type { Remains } from '../../functions/control/retire.ts';
import { parsePhase } from '../../functions/phases/effective_phase.ts';
import { BadFlag } from '../../functions/phases/flags.ts';
import type { GuardNote } from '../../functions/phases/guard_note.ts';
import { NO_HOLDING, type ReadHolding } from '../../functions/phases/hold.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { all, flagsOf } from './given.ts';

export const [REQUEST, BAKE] = [20_000, 50_000];
/** After an hour all bakes are over. */
export const HOUR = 3_600_000;

class MemoryRegister implements Register {
  readonly desk: Desk;
  value: string;
  version = 1;
  changed = 0;
  readonly claims = new Map<number, Claim>();

  constructor(desk: Desk, phase: Phase) {
    this.desk = desk;
    this.value = JSON.stringify({ phase, since: 0, by: 'test' });
  }

  async read() {
    const { value, version, changed } = this;
    return { value, version, changed, now: this.desk.now };
  }

  async claimed(version: number) {
    return this.claims.get(version) ?? null;
  }

  async claim(version: number, text: string) {
    this.desk.acts.push('claim');
    if (this.desk.rival !== null) this.claims.set(version, { text: this.desk.rival, at: this.desk.now });
    if (this.claims.has(version)) return false;
    this.claims.set(version, { text, at: this.desk.now });
    return true;
  }

  async write(value: string) {
    this.desk.acts.push('write');
    [this.value, this.version, this.changed] = [value, this.version + 1, this.desk.now];
  }
}

export class Desk {
  now = 1_000_000;
  readonly registers: ReadonlyMap<string, MemoryRegister>;
  readonly wishes = new Map<string, Phase | 'unreadable'>();
  readonly evidence = new Map<string, Evidence | Missing | Error>();
  /** Of all collections. */
  settings: MoveSettings = { holds: [], windows: [] };
  holding: ReadHolding = NO_HOLDING;
  /** What the guard has found of each collection, and the versions of its own flags. */
  readonly notes = new Map<string, GuardNote>();
  readonly own = new Map<string, number[]>();
  remains: Remains = { deadLetters: 0, runs: [], conflicts: 0 };
  /** The text of a claim that somebody else makes first. */
  rival: string | null = null;
  /** What is written, in order. */
  readonly acts: string[] = [];
  readonly remembered: Move[] = [];
  readonly unaudited: unknown[] = [];
  /** Entries of the audit log; null where it cannot be written. */
  audit: string[] | null = [];
  /** Collections that evidence was gathered for. */
  readonly gathered: string[] = [];
  readonly controls: ControllerPorts;
  readonly control: Controller;

  /** @param phases of the collections; all of them are wished to stay as they are. */
  constructor(phases: Readonly<Record<string, Phase>>) {
    const given = Object.entries(phases);
    this.registers = new Map(given.map(([name, phase]) => [name, new MemoryRegister(this, phase)]));
    for (const [name, phase] of given) {
      this.wishes.set(name, phase);
      this.evidence.set(name, all(phase));
    }
    this.controls = {
      ...{ collections: Object.keys(phases), bake: BAKE, request: REQUEST },
      flags: async () => ({
        wish: (name) => this.#wish(name),
        holding: () => this.holding,
        guard: (name) => ({ note: this.notes.get(name) ?? null, own: this.own.get(name) ?? [1, 1, 1] }),
      }),
      moves: () => this.settings,
      register: (name) => this.register(name),
      remains: async () => this.remains,
      rememberStores: async (_, move) => {
        this.acts.push('remember');
        this.remembered.push(move);
      },
      unaudited: (cause) => this.unaudited.push(cause),
    };
    this.control = new Controller(this.controls);
  }

  register(name: string): MemoryRegister {
    const register = this.registers.get(name);
    if (register === undefined) throw new Error(`no collection ${name}`);
    return register;
  }

  #wish(name: string) {
    const wish = this.wishes.get(name) ?? 'unreadable';
    if (wish === 'unreadable') throw new BadFlag(`/x/reads of ${name} is null`);
    return { flags: flagsOf(wish), own: [] };
  }

  phase(name = 'orders') {
    return parsePhase(this.register(name).value);
  }

  readonly ports: StepPorts = {
    timely: () => true,
    evidence: async (name) => {
      this.gathered.push(name);
      const found = this.evidence.get(name) ?? new Error(`nothing known of ${name}`);
      if (found instanceof Error) throw found;
      return found;
    },
    underWay: async () => [{ id: 'r1', kind: 'verify', phase: 'expand' }],
    audit: async (actor, action, detail) => {
      if (this.audit === null) throw new Error('Oracle is away');
      this.audit.push(`${actor}: ${action}: ${detail}`);
    },
  };

  readonly failures: string[] = [];

  step() {
    return this.control.step(this.ports, (name, error) => {
      this.failures.push(`${name}: ${(error as Error).message}`);
    });
  }
}
