/** A change feed from end to end: an embedded Couchbase whose Eventing service runs the printed function, the API's route over HTTP, and receipts as they are settled. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Feeds } from '../../functions/books/feeds.ts';
import { parseConfiguration } from '../../functions/configuration/configuration.ts';
import { changesRoute } from '../../functions/edge/changes_route.ts';
import type { Container } from '../../functions/edge/container.ts';
import { answerChanges, type ChangesRoute } from '../../functions/edge/http/changes.ts';
import { httpEvent } from '../../functions/edge/http/event.ts';
import { CHANGES_SCOPE } from '../../functions/edge/http/routes.ts';
import { problemOf } from '../../functions/edge/http/told.ts';
import { perform } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { write } from '../../functions/protocol/write.ts';
import { settleChange, type Told } from '../../functions/reconciliation/change.ts';
import { prefixOf } from '../../functions/records/feed.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { portOf } from '../../functions/stores/port.ts';
import type { Receipt } from '../../functions/stores/receipt.ts';
import { WHOLE } from '../../functions/stores/selection.ts';
import { eventingFunction } from '../../infra/console/eventing/definition.ts';
import type { Running } from '../../infra/local/servers/couchbase/start.ts';
import { document } from '../stores/contract/subject.ts';
import { type TestCluster, testCluster } from '../stores/couchbase/cluster.ts';
import { type TestDatabase, testDatabase } from '../stores/oracle/database.ts';
import { Reference } from '../stores/reference.ts';

export const CONFIGURATION = parseConfiguration(
  {
    collections: {
      documents: {
        couchbase: { bucket: 'crossfade', scope: 'test', collection: 'documents' },
        oracle: { table: 'DOCUMENTS' },
        feed: { quiet: 1000, silent: 60_000 },
      },
    },
    timing: { lease: 30_000, refresh: 5_000, request: 20_000, call: 3_000, backfill: 300_000 },
    connections: 2,
  },
  'test',
);

export class FeedWorld {
  phase: Phase = 'expand';
  /** What the function is answered with, in place of the route; null for the route. */
  answers: number | null = null;
  /** Milliseconds that have passed beside the real ones, by which receipts that were sent are on their way no more. */
  passed = 0;
  /** Requests that the function has made, and receipts that came of them. */
  posts = 0;
  readonly receipts: Receipt[] = [];
  /** What settling them has told. */
  readonly told: Told[] = [];
  readonly metrics = new Map<string, number>();
  /** Milliseconds from a mutation to the route, of each request. */
  readonly lags: number[] = [];
  readonly cluster: TestCluster;
  readonly database: TestDatabase;
  readonly feeds: Feeds;
  readonly #server: Server;
  #isDeployed = false;
  readonly route: ChangesRoute;
  /** Of a container, as far as feeds need it. */
  readonly parts: Pick<Container, 'stores' | 'metrics' | 'logger'>;

  private constructor(cluster: TestCluster, database: TestDatabase, server: Server) {
    [this.cluster, this.database, this.#server] = [cluster, database, server];
    this.feeds = new Feeds(database.connection);
    this.parts = {
      stores: {
        of: () => ({ database: database.connection, table: database.table, selection: WHOLE }),
        feeds: this.feeds,
      } as unknown as Container['stores'],
      metrics: {
        addMetric: (name: string, _: unknown, value: number) => {
          this.metrics.set(name, (this.metrics.get(name) ?? 0) + value);
          if (name === 'FeedLag') this.lags.push(value);
        },
      } as unknown as Container['metrics'],
      logger: { warn: () => {} } as unknown as Container['logger'],
    };
    this.route = changesRoute({
      ...{ ...this.parts, configuration: CONFIGURATION },
      sendReceipt: async (receipt) => Boolean(this.receipts.push(receipt)),
      ...{ now: Date.now, steady: () => performance.now() + this.passed },
    });
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { status, body } = await this.#answer(Buffer.concat(chunks).toString('utf8'));
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  }

  static async start(): Promise<FeedWorld> {
    const server = createServer().listen(0, '127.0.0.1');
    const [cluster, database] = await Promise.all([
      testCluster(),
      testDatabase({ size: 4 }),
      once(server, 'listening'),
    ]);
    await upgrade(database.connection, [CONTROL], null, () => {});
    return new FeedWorld(cluster, database, server);
  }

  get couchbase(): Running {
    return this.cluster.server as Running;
  }

  /** As an operator does, with a token in the binding. */
  async deploy(): Promise<void> {
    const { port } = this.#server.address() as AddressInfo;
    const { couchbase } = CONFIGURATION.collections.documents as { couchbase: TestCluster['keyspace'] };
    const metadata = { bucket: 'crossfade', scope: '_default', collection: '_default' };
    const made = eventingFunction('documents', { couchbase }, `http://127.0.0.1:${port}`, metadata);
    for (const binding of made.depcfg.curl) binding.bearer_key = 'a token';
    await this.couchbase.deploy(made);
    this.#isDeployed = true;
  }

  /** From then on nothing but a topic tells of changes. */
  async undeploy(): Promise<void> {
    this.#isDeployed = false;
    await this.couchbase.undeploy('crossfade-documents');
  }

  handlers() {
    return this.couchbase.handlers('crossfade-documents');
  }

  /** Until the function has nothing left to do. Then settles the receipts that it has led to, as the reconciler does. */
  async rest(): Promise<Told[]> {
    await this.until(async () => !this.#isDeployed || (await this.handlers()).waiting === 0);
    return this.settled();
  }

  /** What the receipts that are there come to. */
  async settled(): Promise<Told[]> {
    this.told.length = 0;
    for (const receipt of this.receipts.splice(0)) {
      const { oracle, couchbase } = { oracle: this.database.store, couchbase: this.cluster.store };
      const { told } = await settleChange(
        receipt,
        this.phase,
        { couchbase, oracle },
        async () => true,
        () => true,
        () => {},
      );
      this.told.push(told);
      const { collection, key } = receipt;
      if (told === 'foreign')
        await this.feeds.noteForeign(
          { collection, phase: this.phase, prefix: prefixOf(key), writes: 1 },
          Date.now(),
        );
    }
    return [...this.told];
  }

  /** By the API. @param body null for a deletion. */
  async put(phase: Phase, key: string, body: string | null): Promise<void> {
    const content = body === null ? null : document(body);
    const receipt = new Reference(Date.now).receipt;
    const stores = { couchbase: this.cluster.store, oracle: this.database.store, receipt };
    const { kind } = await perform(write(phase, { content, condition: UNCONDITIONAL }), portOf(key, stores));
    assert.equal(kind, 'done');
  }

  async until(is: () => Promise<boolean> | boolean): Promise<void> {
    for (const from = performance.now(); !(await is()); await setTimeout(10))
      if (performance.now() - from > 15_000)
        throw new Error(
          `Never came to be: ${JSON.stringify([await this.handlers(), this.posts, [...this.metrics]])}`,
        );
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await Promise.all([this.cluster.stop(), this.database.stop()]);
  }

  async #answer(body: string): Promise<{ readonly status: number; readonly body: string }> {
    this.posts++;
    if (this.answers !== null) return { status: this.answers, body: '{}' };
    const event = httpEvent({
      ...{ version: '2.0', routeKey: 'POST', rawPath: '/', body, headers: {} },
      requestContext: {
        ...{ requestId: 'r', http: { method: 'POST' } },
        authorizer: { jwt: { claims: { scope: CHANGES_SCOPE } } },
      },
    });
    try {
      const answered = await answerChanges(event, 'documents', this.phase, this.route);
      return { status: answered.statusCode, body: answered.body };
    } catch (error) {
      return { status: problemOf(error).status, body: '{}' };
    }
  }
}
