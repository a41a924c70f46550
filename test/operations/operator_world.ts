/** Ports of all operations in memory, which write down in one list what is entered in the audit log, and what is done. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { MoveRefused, type Planned, requireSame } from '../../functions/control/move_refused.ts';
import type { Move } from '../../functions/control/publish.ts';
import { sight } from '../../functions/identity/sight.ts';
import type { LetterPorts } from '../../functions/operations/dead_letters.ts';
import type { DecidePorts } from '../../functions/operations/decide_set_aside.ts';
import type { Confirmable } from '../../functions/operations/four_eyes.ts';
import { type OperationPorts, perform } from '../../functions/operations/perform.ts';
import { type OperationName, parseOperation } from '../../functions/operations/request.ts';
import { type Holding, NO_HOLDING } from '../../functions/phases/hold.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { type AuditEntry, BEGINNING, follow } from '../../functions/records/audit.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { NOTHING } from '../../functions/stores/snapshot.ts';
import {
  ENTRY,
  LETTER,
  largePorts,
  lookingPorts,
  NOTHING_MEASURED,
  riskPorts,
  sqlPorts,
} from './operator_samples.ts';
import { Shelf } from './shelf.ts';

export const ACTOR = 'arn:aws:iam::000000000000:user/ann';
export const BEN = 'arn:aws:sts::000000000000:assumed-role/Operators/ben@example.com';
export const WHY = 'for a test';
const TARGET = { store: 'oracle', operation: 'note', collection: 'AUDIT', key: null } as const;
export const AWAY = new StoreUnavailable(TARGET, false, new Error('gone'));

export class World {
  /** What was done, in its order. */
  readonly done: string[] = [];
  readonly log: AuditEntry[] = [];
  /** What needs a second operator. */
  fourEyes: readonly Confirmable[] = [];
  readonly shelf = new Shelf();
  planned: Planned = { from: 'settle', to: 'switch', version: 5 };
  logIsAway = false;
  /** Why the controller makes no move; null where it makes it. */
  refuses: string | null = null;
  phase: Phase = 'settle';
  /** What is kept of the hold of the collection, and the version that SSM gives to what is written next. */
  holding: Holding = NO_HOLDING;
  nextHold = 1;
  now = 7;
  /** Milliseconds that the questions of the last operation had to leave. */
  reserve = 0;

  /** Performs an operation as it comes in. */
  ask(name: OperationName, input: object = {}, actor = ACTOR): Promise<unknown> {
    return perform(parseOperation(name, input, ['orders']), actor, this.ports());
  }

  /** Somebody else asks for it, and whatever came of that is forgotten. */
  async asked(kind: Confirmable, actor = BEN): Promise<void> {
    this.fourEyes = [kind];
    await this.ask(kind, { collection: 'orders', why: WHY, confirm: true }, actor);
    for (const list of [this.done, this.log]) list.splice(0);
  }

  #does<Result>(what: string, result: Result): () => Promise<Result> {
    return async () => {
      this.done.push(what);
      return result;
    };
  }

  ports(): OperationPorts {
    return {
      ...{ control: this.#control(), letters: this.#letters(), request: 8000, now: () => this.now },
      time: async () => this.now,
      audit: this.#audit(),
      overview: this.#overview(),
      diagnose: async (sessions) => {
        this.done.push(`diagnosed for ${sessions} sessions`);
        return { lines: [] };
      },
      ...lookingPorts(this.done, () => this.phase),
      about: () => ({
        ...{ parameters: '/x', machines: { copy: 'c', verify: 'v' }, collections: ['orders'] },
        ...{ bake: 50_000, request: 20_000 },
      }),
      writeHold: (collection) => (text) => this.#does(`hold of ${collection} is ${text}`, this.nextHold)(),
      keyHash: async (key) => `#${key}`,
      erase: (collection) => this.#erase(collection),
      explain: (collection) => this.#explain(collection),
      preflight: (collection) => ({
        ...{ keys: this.#does(`keys of ${collection}`, []), sizes: async () => [], read: async () => [] },
        ...{ require: () => {}, durabilityProblem: async () => null, timely: () => true },
        load: async () => ({ at: 0, values: [], pauses: [], slowdowns: [], notGranted: [], unknown: [] }),
        ...{ stamp: '.m', now: () => this.now },
        walks: { find: async () => null, write: this.#does('wrote the walk', true) },
        attempts: { begin: async () => null, touch: async () => {}, leave: async () => {} },
      }),
      acceptLarge: () => largePorts(this.done),
      verified: (collection) => ({
        history: this.#does(`verifications of ${collection}`, []),
        ...{ mismatches: async () => [], projected: async () => [] },
      }),
      space: (collection) => ({ measure: this.#does(`measured ${collection}`, NOTHING_MEASURED) }),
      setAside: (collection) => this.#setAside(collection),
      decide: (collection, by, why) => this.#decide(collection, by, why),
      ...sqlPorts(this.done, () => this.phase),
      accept: (collection) => ({
        phase: async () => ({ phase: this.phase, ahead: null }),
        sights: async () => [sight(collection, 'oracle', { dbid: '2' }, { dbid: '1' })],
        note: async (until) => void this.done.push(`gates of ${collection} shut until ${until}`),
        accept: this.#does(`accepted ${collection}`, []),
        now: () => this.now,
      }),
      tableOf: (collection) => collection.toUpperCase(),
      ...{ fourEyes: this.fourEyes, desk: () => this.shelf.desk(() => this.now) },
      questions: (_, reserve) => this.#questions(reserve),
    };
  }

  #erase(collection: string): ReturnType<OperationPorts['erase']> {
    return {
      ...this.#explain(collection),
      ...{ letters: async () => [], setAside: async () => [], count: async () => 0, timely: () => true },
      changedBySql: async () => 0,
      remove: async (kind) => {
        this.done.push(`removed ${kind} of ${collection}`);
        return 1;
      },
      ...{ keyHash: async () => '#hash', tombstone: async () => null },
    };
  }

  #audit(): OperationPorts['audit'] {
    return {
      write: async (act) => {
        // As of a database: what does not await the entry goes on before it is there.
        await setImmediate();
        if (this.logIsAway) throw AWAY;
        this.done.push(`entered ${act.action}`);
        const entry = follow(this.log.at(-1) ?? BEGINNING, act);
        this.log.push(entry);
        return entry;
      },
      latest: async (most) => this.log.toReversed().slice(0, most),
      after: async (above, most) => this.log.filter(({ seq }) => seq > above).slice(0, most),
    };
  }

  #control(): OperationPorts['control'] {
    const move = (by: string, why: string): Move => {
      if (this.refuses !== null) throw new MoveRefused(this.refuses);
      this.done.push(`moved by ${by}: ${why}`);
      return { from: 'settle', to: 'switch', by, why, at: this.now };
    };
    return {
      wishes: this.#does('flags read', []),
      retire: async (_, by) => {
        if (by !== null) requireSame(by.asked, this.planned);
        return {
          conditions: this.refuses === null ? [] : [{ name: 'a', holds: false, measured: this.refuses }],
          moved: by === null ? null : move(by.by, by.why),
          planned: this.planned,
        };
      },
      force: async (_, by, why, before, asked) => {
        requireSame(asked, this.planned);
        if (this.refuses === null) await before({ from: 'settle', to: 'switch' });
        return move(by, why);
      },
      forceable: async () => {
        if (this.refuses !== null) throw new MoveRefused(this.refuses);
        return this.planned;
      },
      committable: async (_, outsideWindow) => {
        this.done.push(`asked what can be committed${outsideWindow ? ' outside of windows' : ''}`);
        return { from: 'expand', to: 'seal', version: 3, holding: this.holding };
      },
      audited: async (collection, { from, to, why }, actor, { audit }) =>
        audit(actor, `${collection}: phase ${from} to ${to}`, why).catch(() => {}),
    };
  }

  #letters(): LetterPorts {
    return {
      receive: this.#does('swept', []),
      ...{ remove: async () => {}, release: async () => {}, find: async () => null },
      isLeftOut: async () => false,
      ...{ adopt: async () => ({ id: 'a' }), recount: async () => true },
      resend: (body) => this.#does(`sent ${body}`, undefined)(),
      ...{ groups: async () => [], open: async () => [LETTER], countOpen: async () => 0 },
      ...{ ofNobody: async () => 0, callers: async () => [], choices: async () => [] },
      choose: (collection, { of, subject }, holds) =>
        this.#does(`${holds ? 'left out' : 'undone'} ${collection} ${of} ${subject}`, true)(),
      close: (_, state) => this.#does(`closed as ${state}`, true)(),
      ...{ timely: () => true, timelyToClose: () => true, now: () => this.now },
    };
  }

  #overview(): OperationPorts['overview'] {
    return {
      ...{ look: this.#does('looked', []), runs: async () => [], load: async () => null },
      ...{ away: async () => new Map(), now: () => this.now },
      connections: async () => ({ couchbase: null, oracle: 'not told' }),
    };
  }

  #explain(collection: string): ReturnType<OperationPorts['explain']> {
    return {
      ...{ taking: () => 'taken', phase: async () => this.phase },
      look: async (key, phase) => {
        this.done.push(`looked at ${collection}/${key} in ${phase}`);
        return { couchbase: NOTHING, oracle: NOTHING };
      },
      ...{ findings: async () => [], repairs: async () => [], letters: async () => [] },
      ...{ setAside: async () => [], runs: async () => [] },
    };
  }

  #setAside(collection: string): ReturnType<OperationPorts['setAside']> {
    return {
      count: async () => 1,
      list: this.#does(`listed ${collection}`, [ENTRY]),
      body: this.#does(`body of ${collection}`, Buffer.from('"b"')),
      timely: () => true,
    };
  }

  #decide(collection: string, by: string, why: string): DecidePorts {
    return {
      ...this.#setAside(collection),
      read: async () => assert.fail('keep reads no document'),
      write: async () => assert.fail('keep writes no document'),
      close: (_, state) => this.#does(`${state} by ${by}: ${why}`, true)(),
      now: () => this.now,
    };
  }

  #questions(reserve: number): ReturnType<OperationPorts['questions']> {
    this.reserve = reserve;
    const away = () => Promise.reject(AWAY);
    const phase = { phase: 'settle', since: 0, by: 'test' } as const;
    const risks = riskPorts(this.#does('asked what is at risk', phase), away, () => this.now);
    return {
      ...{ risks, reach: { ask: (_store, question) => question() } },
      audit: async (actor, action, detail) =>
        void (await this.ports().audit.write({ at: this.now, actor, action, detail })),
    };
  }
}
