/**
 * Documents that live as services make them live: written, copied out of order, deleted, expired, swept, in batches and by several at once. After each commit
 * their rows in the tables of projections are those of their row, by a reckoning of the test's own.
 */
import assert from 'node:assert/strict';
import type oracledb from 'oracledb';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import type { Content } from '../../functions/protocol/state.ts';
import { PoisonDocument } from '../../functions/stores/failure.ts';
import { Batches } from '../../functions/stores/oracle/batch.ts';
import { LOBS_AS_BYTES, type OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { OracleStore } from '../../functions/stores/oracle/store.ts';
import type { Table } from '../../functions/stores/oracle/table.ts';
import { randomness } from '../model/draw.ts';
import { tablesDiffer } from './projected_check.ts';
import { anyBody } from './projected_types.ts';

export interface Lived {
  readonly connection: OracleConnection;
  readonly table: Table;
  readonly seed: number;
  /** What the stores work with: a connection of which something is wrong, say. */
  readonly through?: OracleConnection;
  /** Whether several writers are always at work, on few keys. */
  readonly isBusy?: boolean;
}

export class Life {
  readonly #lived: Lived;
  readonly #below: (most: number) => number;
  readonly #store: OracleStore;
  readonly #batches: Batches;
  /** Milliseconds since the epoch: expiry is the test's. */
  #now = Date.now();
  #version = 1000n;
  /** What was done, for the one who looks at a failure. */
  readonly did: string[] = [];

  constructor(lived: Lived) {
    const { connection, table, seed, through = connection } = lived;
    this.#lived = lived;
    this.#below = randomness(seed);
    const now = () => this.#now;
    // As many repairs may set something aside as come.
    this.#store = new OracleStore(through, table, now, Number.POSITIVE_INFINITY);
    this.#batches = new Batches(through, table, now);
  }

  get now(): number {
    return this.#now;
  }

  get keys(): string[] {
    const length = this.#lived.isBusy === true ? 2 : 8;
    return Array.from({ length }, (_, n) => `s${this.#lived.seed}:${String.fromCharCode(97 + n)}`);
  }

  /** One thing happens, or several at once, and all tables are looked at. */
  async step(): Promise<void> {
    const several = this.#lived.isBusy === true || this.#below(4) === 0 ? 2 + this.#below(2) : 1;
    const acts = Array.from({ length: several }, () => this.#act());
    this.did.push(acts.map(([name]) => name).join(' beside '));
    await Promise.all(acts.map(([, act]) => act()));
    await this.check();
  }

  #act(): readonly [name: string, act: () => Promise<unknown>] {
    const [key, content, version] = [this.#key(), this.#content(), this.#anyVersion()];
    const told = `${key} ${content === null ? 'gone' : Buffer.from(content.body).toString().slice(0, 60)}`;
    switch (this.#below(10)) {
      case 0:
      case 1:
        return [`copy ${told} @${version}`, () => mayRefuse(this.#store.apply(key, { content, version }))];
      case 2:
      case 3: {
        const conditions = [UNCONDITIONAL, UNCONDITIONAL, { kind: 'absent' }] as const;
        const condition = conditions[this.#below(conditions.length)] ?? UNCONDITIONAL;
        const write = { content, condition, handedOff: this.#below(3) === 0 };
        return [`write ${told}`, () => mayRefuse(this.#store.write(key, write))];
      }
      case 4:
        return [
          `delete ${key}`,
          () => this.#store.apply(key, { content: null, version: this.#newVersion() }),
        ];
      case 5:
        return [`swap ${told}`, () => this.#swap(key, content)];
      case 6:
      case 7: {
        const copies = this.keys
          .filter(() => this.#below(2) === 0)
          .map((each) => ({ key: each, content: this.#content(), version: this.#anyVersion() }));
        return [`batch of ${copies.map((copy) => copy.key).join()}`, () => this.#batches.apply(copies)];
      }
      case 8:
        this.#now += 40_000;
        return ['sweep', () => this.#store.sweep(100)];
      default:
        // What Oracle would say of it leaves nothing there.
        return this.#below(2) === 0
          ? [`clear ${key}`, () => this.#store.clear(key)]
          : [`ask ${told}`, () => mayRefuse(this.#store.ask(key, content))];
    }
  }

  async #swap(key: string, content: Content): Promise<void> {
    const from = await this.#store.read(key);
    // A write has handed the row off, and copies pass over it until it is given back.
    const back = this.#below(2) === 0 ? { handoff: null, handback: from.version } : {};
    const to = { ...from, content, version: this.#newVersion(), ...back };
    // Another one may have written in between: it changes nothing then.
    if (this.#below(2) === 0) await this.#store.apply(key, { content: null, version: this.#newVersion() });
    const aside = this.#below(2) === 0 ? ({ aside: 'taken back' } as const) : {};
    await mayRefuse(this.#store.swap(key, { from, to, ...aside }));
  }

  #key(): string {
    const { keys } = this;
    return keys[this.#below(keys.length)] as string;
  }

  #content(): Content {
    if (this.#below(6) === 0) return null;
    const expiresAt = this.#below(4) === 0 ? 1000 * Math.floor(this.#now / 1000 + 1 + this.#below(60)) : null;
    return documentFrom(Buffer.from(anyBody(this.#below)), expiresAt);
  }

  #newVersion(): bigint {
    this.#version += 10n;
    return this.#version;
  }

  /** Copies come out of order, and twice. */
  #anyVersion(): bigint {
    return this.#below(3) === 0 ? this.#version - BigInt(this.#below(5)) * 10n : this.#newVersion();
  }

  /** Throws where a table has other rows than its documents give. */
  async check(): Promise<void> {
    const { connection, table, seed } = this.#lived;
    const target = { store: 'oracle', operation: 'test', collection: table.name, key: null } as const;
    const read = (text: string) =>
      connection.use(
        target,
        false,
        async (session) => (await session.execute<unknown[]>(text, {}, LOBS_AS_BYTES)).rows ?? [],
      );
    const which = `doc_key >= 's${seed}:' AND doc_key < 's${seed};'`;
    const [differs] = await tablesDiffer(read, table.name, which);
    if (differs === undefined) return;
    const history = `${differs.table} after ${this.did.length} steps of seed ${seed}: ${this.did.slice(-3).join('; ')}`;
    assert.deepEqual(differs.found, differs.wanted, history);
  }
}

/** A table may refuse the document: then nothing has happened. */
async function mayRefuse(attempt: Promise<unknown>): Promise<void> {
  await attempt.catch((error: unknown) => {
    if (!(error instanceof PoisonDocument)) throw error;
  });
}

/** A bug of whoever writes the rows, planted below it: what happens to its statements. */
export const BUGS = {
  /** A type that a document no longer has keeps its row. */
  'a deletion is forgotten': (text: string) =>
    /^DELETE FROM (?:ROUTE_STOP|AIRLINE|HOTEL)\b/.test(text) ? 'skipped' : 'done',
  'the rows come in a transaction of their own, after the document': (text: string) =>
    /^(?:DELETE FROM|INSERT INTO|MERGE INTO) (?:AIRLINE|AIRPORT|ROUTE|HOTEL|LANDMARK)/.test(text)
      ? 'apart'
      : 'done',
  'the sweep forgets them': (text: string) =>
    /^DELETE FROM \w+ WHERE doc_key IN/.test(text) ? 'skipped' : 'done',
} as const;
export type Bug = keyof typeof BUGS;

/** The same connection, with a bug in what goes through it. */
export function withBug(connection: OracleConnection, bug: Bug): OracleConnection {
  const fate = BUGS[bug];
  const use: OracleConnection['use'] = (target, mutation, act, timeout) =>
    connection.use(
      target,
      mutation,
      (session) => act(new Proxy(session, { get: (of, name) => through(of, name, fate) })),
      timeout,
    );
  return new Proxy(connection, { get: (of, name) => (name === 'use' ? use : Reflect.get(of, name, of)) });
}

function through(
  session: oracledb.Connection,
  name: string | symbol,
  fate: (text: string) => string,
): unknown {
  const value: unknown = Reflect.get(session, name, session);
  if (typeof value !== 'function') return value;
  const call = value.bind(session) as (...args: unknown[]) => Promise<unknown>;
  if (name !== 'execute' && name !== 'executeMany') return call;
  return async (text: string, binds: unknown, options: { autoCommit?: boolean } = {}) => {
    const what = fate(text);
    if (what === 'apart') await apart(session);
    if (what !== 'skipped') return call(text, binds, options);
    if (options.autoCommit === true) await session.commit();
    return { rowsAffected: 0 };
  };
}

let aparts = 0;

/** Some are overtaken by others then: their next statement comes later. */
async function apart(session: oracledb.Connection): Promise<void> {
  await session.commit();
  for (let rounds = 4 * (aparts++ % 3); rounds > 0; rounds--) await session.execute('SELECT 1 FROM DUAL');
}
