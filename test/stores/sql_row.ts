/** One key, as clients, receipts, operators and somebody with SQL meet it. */
import { randomUUID } from 'node:crypto';
import oracledb from 'oracledb';
import { decideSqlPorts } from '../../functions/edge/sql_changes.ts';
import { type DecideSqlPorts, decideSqlChanges } from '../../functions/operations/sql_changes.ts';
import { perform } from '../../functions/protocol/call.ts';
import { type Condition, UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { Payload } from '../../functions/protocol/payload.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Content } from '../../functions/protocol/state.ts';
import { write } from '../../functions/protocol/write.ts';
import { settle } from '../../functions/reconciliation/settle.ts';
import type { Mode } from '../../functions/records/run.ts';
import { NO_PRECONDITION } from '../../functions/routing/precondition.ts';
import type { WriteRequest } from '../../functions/routing/request.ts';
import { Router } from '../../functions/routing/router.ts';
import type { Both } from '../../functions/runs/ports.ts';
import { SetAside } from '../../functions/stores/oracle/set_aside.ts';
import { SqlChanges } from '../../functions/stores/oracle/sql_changes.ts';
import { portOf } from '../../functions/stores/port.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import { WHOLE } from '../../functions/stores/selection.ts';
import type { Pair } from '../../functions/stores/snapshot.ts';
import { compare } from '../../functions/verification/compare.ts';
import { look } from '../../functions/verification/look.ts';
import { looksAt } from '../../functions/verification/ports.ts';
import { changeOf, noteChange } from '../../functions/verification/rows_changed.ts';
import type { TestCluster } from './couchbase/cluster.ts';
import type { TestDatabase } from './oracle/database.ts';
import { Reference } from './reference.ts';

export interface Hands {
  readonly cluster: TestCluster;
  readonly database: TestDatabase;
}

const TIMING = { lease: 1000, refresh: 500, request: 8000, call: 1000, backfill: 13_000 };
const text = (content: Content) => (content === null ? null : Buffer.from(content.body).toString());

export class Row {
  readonly key: string;
  readonly #hands: Hands;
  readonly #stores: Parameters<typeof settle>[2];
  readonly #port: ReturnType<typeof portOf>;
  readonly #router: Router;
  readonly #place: { readonly collection: string; readonly key: string };

  constructor(hands: Hands, key: string = randomUUID()) {
    this.key = key;
    this.#hands = hands;
    this.#stores = { couchbase: hands.cluster.store, oracle: hands.database.store };
    this.#place = { collection: 'orders', key: this.key };
    this.#router = new Router(
      () => ({ couchbase: hands.cluster.store, oracle: hands.database.store }),
      new Receipts(async () => true),
      () => false,
    );
    this.#port = portOf(this.key, { ...this.#stores, receipt: new Reference(Date.now).receipt });
  }

  get changes(): SqlChanges {
    return new SqlChanges(this.#hands.database.connection);
  }

  async put(phase: Phase, content: Content, condition: Condition = UNCONDITIONAL): Promise<string> {
    return (await perform(write(phase, { content, condition }), this.#port)).kind;
  }

  receipt(phase: Phase) {
    const receipt = { collection: 'orders', key: this.key, phase, cause: 'run', expired: 0n } as const;
    return settle(
      receipt,
      phase,
      this.#stores,
      async () => true,
      () => true,
    );
  }

  /** Receipts until one finds nothing left to do, some at most. */
  async settled(phase: Phase): Promise<void> {
    for (let n = 0; n < 4 && (await this.receipt(phase)) === 'busy'; n++);
  }

  /** As the API answers a GET. */
  async get(phase: Phase): Promise<string | null> {
    const answer = await this.#router.read(this.#place, { phase, timely: () => true });
    return answer.kind === 'found' ? text(answer.document) : null;
  }

  /** As the API takes a PUT. */
  async ask(
    phase: Phase,
    body: string,
    more: Partial<Pick<WriteRequest, 'precondition' | 'request'>> = {},
  ): Promise<string> {
    const payload = new Payload(Buffer.from(body), null);
    const request = { ...this.#place, verb: 'put', payload, precondition: NO_PRECONDITION, ...more } as const;
    return (await this.#router.write(request, { phase, timely: () => true })).kind;
  }

  /** As a verification in `contract` looks at it. @returns the kind of difference; what SQL has changed is noted. */
  async look(since = Date.now(), mode: Mode = 'content'): Promise<string | null> {
    const { cluster, database } = this.#hands;
    const both = { cluster: cluster.connection, keyspace: cluster.keyspace, database: database.connection };
    const depth = mode === 'content' ? 'whole' : 'outside';
    const looks = looksAt({ ...both, table: database.table } as Both, depth, Date.now, 5000);
    const [pair] = await look([this.key], looks, 'contract');
    const kind = compare('contract', pair as Pair, mode)?.kind ?? null;
    const what = changeOf(kind ?? '');
    const stores = { couchbase: cluster.store, oracle: database.store };
    if (what !== null) await noteChange(stores, this.key, what, since);
    return kind;
  }

  async both() {
    const { cluster, database } = this.#hands;
    const [held, row] = [await cluster.store.read(this.key), await database.store.read(this.key)];
    return { held, row, texts: [text(held.content), text(row.content)] };
  }

  async aside(): Promise<string[]> {
    const { connection, table } = this.#hands.database;
    const entries = await new SetAside(connection).list(table.name, { key: this.key }, null, 10);
    return entries.map(({ code }) => code);
  }

  async noted(): Promise<string[]> {
    const found = await this.changes.list(this.#hands.database.table.name, { key: this.key }, null, 10);
    return found.map(({ what }) => what);
  }

  /** Decides about what was noted of it, as an operator. @returns why not; null where it was done. */
  async decide(how: 'accept' | 'leave', phase: Phase): Promise<string | null> {
    const decision = { how, key: this.key, confirm: true, after: null, limit: 10 };
    const { outcomes } = await decideSqlChanges(decision, decidingIn(this.#hands, phase));
    return outcomes[0]?.why ?? null;
  }

  sql(statement: string, binds: oracledb.BindParameters = {}): Promise<void> {
    const { database } = this.#hands;
    return executed(database, statement, { key: this.key, ...binds });
  }
}

/** What an operator decides through, where each receipt is settled at once. */
export function decidingIn(hands: Hands, phase: Phase): DecideSqlPorts {
  const { connection, store, table } = hands.database;
  const parts = {
    stores: {
      of: () => ({ oracle: store, table, selection: WHOLE }),
      sqlChanges: new SqlChanges(connection),
    },
    phases: { current: async () => ({ phase }) },
    sendReceipt: async ({ key }: { readonly key: string }) => {
      await new Row(hands, key).receipt(phase);
      return true;
    },
    configuration: { timing: TIMING },
  } as unknown as Parameters<typeof decideSqlPorts>[0];
  return decideSqlPorts(parts, 'orders', () => 8000);
}

/** As another user than the functions'. */
async function executed(
  { credentials, server }: TestDatabase,
  statement: string,
  binds: oracledb.BindParameters = {},
): Promise<void> {
  const as = server === null ? credentials : { ...credentials, user: 'dba' };
  const session = await oracledb.getConnection(as);
  try {
    await session.execute(statement, binds, { autoCommit: true });
  } finally {
    await session.close();
  }
}
