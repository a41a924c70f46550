/** The write API over both stores in memory, with everything around it made to fail at will. */
import { type Parsed, parseConfiguration } from '../../../functions/configuration/configuration.ts';
import type { KeysInPath } from '../../../functions/configuration/keys_in_path.ts';
import { Api } from '../../../functions/edge/http/api.ts';
import type { ChangesRoute } from '../../../functions/edge/http/changes.ts';
import { PhaseCache } from '../../../functions/phases/phase_cache.ts';
import type { CallName } from '../../../functions/protocol/call.ts';
import type { Phase } from '../../../functions/protocol/phase.ts';
import { type CallerLimit, CallerLimits } from '../../../functions/routing/caller_limits.ts';
import { RecentReceipts } from '../../../functions/routing/changes.ts';
import { Router } from '../../../functions/routing/router.ts';
import type { Answers } from '../../../functions/stores/port.ts';
import { type Receipt, Receipts, type SendReceipt } from '../../../functions/stores/receipt.ts';
import { EVERY_KEY, IGNORED, type Keys, Selection } from '../../../functions/stores/selection.ts';
import type { Unstorable } from '../../../functions/stores/storable.ts';
import { Reference } from '../../stores/reference.ts';
import { asRest } from './as_rest.ts';
import { type Failure, failureOf } from './failure_of.ts';

export type { Failure };

export const NOW = Date.UTC(2026, 0, 1);
const CONFIGURATION = parseConfiguration(
  {
    collections: {
      orders: { couchbase: { bucket: 'b', scope: 's', collection: 'c' }, oracle: { table: 'ORDERS' } },
    },
    timing: { lease: 30_000, refresh: 5_000, request: 20_000, call: 3_000, backfill: 300_000 },
    connections: 4,
  },
  'test',
);

const ORDERS = CONFIGURATION.collections.orders as Parsed['collections'][string];
const mutable = ({ include, ignore }: Keys) => ({ include: [...include], ignore: [...ignore] });

interface Sent {
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** Of the caller's token. */
  readonly claims?: Record<string, unknown>;
  readonly isBase64Encoded?: boolean;
}

/** Of the token of a change feed. */
export const FEED = { iss: 'https://issuer.example', sub: 'feed', scope: 'crossfade/changes' };
const APP = { iss: 'https://issuer.example', sub: 'app' };
/** Of tokens that say nothing else. */
const SCOPE = '*.read *.write *.batch';

interface Event extends Sent {
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString?: string;
  readonly method: string;
  readonly collection?: string;
  /** As the gateway has decoded them, where it is not the collection alone. */
  readonly pathParameters?: Readonly<Record<string, string>>;
}

/** What is in front: an HTTP API, or with `API_GATEWAY=rest` a private REST API. */
const GATEWAY = process.env.API_GATEWAY ?? 'http';
/** For tests of what is otherwise behind a REST API: why they are skipped there. */
export const OTHERWISE =
  GATEWAY === 'rest' && 'behind a REST API an empty key and bytes that are no UTF-8 are other problems';

export class ApiInMemory {
  gateway = GATEWAY;
  phase: Phase = 'legacy';
  /** Who asked for the phase, with marks. */
  by = 'test';
  failing: ReadonlyMap<CallName, Failure | Error> = new Map();
  /** What the stores were asked. */
  called: CallName[] = [];
  sent: Receipt[] = [];
  queueIsAway = false;
  /** What becomes of a write in `expand` that Oracle can never take. */
  unstorable: Unstorable = 'refuse';
  phaseIsAway = false;
  sampled = false;
  /** The queue takes a message, and says nothing. */
  queueIsSilent = false;
  /** Milliseconds that the function has left. */
  remaining = 20_000;
  doubts: string[] = [];
  failures: unknown[] = [];
  /** Whether the collection has a change feed. */
  hasFeed = true;
  /** Probes that have come back, and keys of writes that are only counted. */
  fed: string[] = [];
  /** What the log has of requests that were refused, or are in doubt. */
  lines: string[] = [];
  /** Milliseconds since the epoch. */
  time = NOW;
  readonly stores = new Reference(() => NOW);
  readonly callers: CallerLimits | null;
  readonly api: Api;
  readonly #selection: Selection;

  /** @param limit of each caller; null for none. */
  constructor(
    limit: CallerLimit | null = null,
    keysInPath: KeysInPath = 'refuse',
    keys: Keys = { include: EVERY_KEY, ignore: IGNORED },
  ) {
    this.#selection = new Selection(keys);
    this.callers = limit === null ? null : new CallerLimits(limit, () => this.time - NOW);
    const send: SendReceipt = async (receipt) => {
      if (!this.queueIsAway) this.sent.push(receipt);
      if (this.queueIsSilent) await new Promise(() => {});
      return !this.queueIsAway;
    };
    const receipts = new Receipts(send);
    const couchbase = { ...this.#failable('couchbase', this.stores.couchbase), require: () => {} };
    // Keys tell what Oracle can never hold.
    const requireFit = (key: string) => {
      if (key.startsWith('unfit')) throw failureOf('poison', 'write');
    };
    const oracle = { ...this.#failable('oracle', this.stores.oracle), require: requireFit };
    this.api = new Api({
      router: new Router(
        () => ({ couchbase, oracle, unstorable: this.unstorable }),
        receipts,
        () => this.sampled,
      ),
      phases: this.#phases(),
      configuration: {
        ...CONFIGURATION,
        collections: { orders: { ...ORDERS, keys: mutable(keys) } },
        keysInPath,
      },
      callers: this.callers,
      now: () => this.time,
      steady: () => this.time - NOW,
      changes: this.#changes(send, oracle),
      told: {
        doubt: ({ key }, kind, causes) => {
          this.doubts.push(`${kind} ${key}`);
          this.lines.push(`${kind} ${key} ${causes}`);
        },
        failed: (error) => this.failures.push(error),
        refused: ({ slug, detail }) => this.lines.push(`${slug}: ${detail}`),
        notGranted: (collection, verb, caller) =>
          this.lines.push(`not granted ${verb} of ${collection} to ${caller}`),
        unstorable: ({ key }, caller) => this.lines.push(`unstorable ${key} of ${caller}`),
      },
    });
  }

  ask(method: string, key: string, { body, headers = {}, ...more }: Sent = {}) {
    const encoded = encodeURIComponent(key);
    // Only there every key can be in the path.
    const inPath = this.gateway === 'rest';
    return this.send({
      routeKey: `${method} /v1/collections/{collection}/documents${inPath ? '/{key+}' : ''}`,
      rawPath: `/v1/collections/orders/documents${inPath ? `/${encoded}` : ''}`,
      ...(inPath
        ? { pathParameters: { collection: 'orders', key: encoded } }
        : { rawQueryString: `key=${encoded}` }),
      ...{ method, headers, ...more },
      ...(body === undefined ? {} : { body }),
    });
  }

  /** A batch of writes. */
  batch(body: string, claims = APP, headers: Record<string, string> = {}) {
    return this.send({
      routeKey: 'POST /v1/collections/{collection}/batch',
      rawPath: '/v1/collections/orders/batch',
      ...{ method: 'POST', body, headers, claims },
    });
  }

  /** What a change feed tells. */
  changes(body: string, claims: Record<string, unknown> = FEED, headers: Record<string, string> = {}) {
    return this.send({
      routeKey: 'POST /v1/collections/{collection}/changes',
      rawPath: '/v1/collections/orders/changes',
      ...{ method: 'POST', body, headers, claims },
    });
  }

  async send({ method, collection = 'orders', claims: given = APP, ...rest }: Event) {
    const claims = { scope: SCOPE, ...given };
    const event = {
      ...{ version: '2.0', pathParameters: { collection }, ...rest },
      requestContext: { requestId: 'r-1', http: { method }, authorizer: { jwt: { claims, scopes: null } } },
    };
    const sent = this.gateway === 'rest' ? asRest(event) : event;
    const response = await this.api.serve(sent, () => this.remaining);
    const problem = response.headers['content-type'] === 'application/problem+json' && response.body !== '';
    return {
      ...response,
      status: response.statusCode,
      etag: response.headers.etag ?? '',
      problem: problem ? (JSON.parse(response.body) as { type: string; detail: string }) : null,
    };
  }

  #changes(send: SendReceipt, oracle: Answers<'oracle'>): ChangesRoute {
    return {
      hasFeed: () => this.hasFeed,
      now: () => this.time,
      took: () => {},
      ports: {
        versions: (_, keys) =>
          Promise.all(
            keys.map(async (key) => {
              const row = await oracle.read(key, {});
              return { ...row, gone: row.content === null, expired: false };
            }),
          ),
        taking: (_, key) => this.#selection.of(key),
        send,
        cameBack: async (_, key) => void this.fed.push(`probe ${key}`),
        lost: async (_, keys) => void this.fed.push(`lost ${keys}`),
        recent: new RecentReceipts(5000, () => this.time, 3),
      },
    };
  }

  #phases(): PhaseCache {
    const read = async () => {
      if (this.phaseIsAway) throw new Error('throttled');
      const value = JSON.stringify({ phase: this.phase, since: 1, by: this.by });
      return new Map(
        Object.keys(CONFIGURATION.collections).map((name) => [name, { value, version: 1, changed: 0 }]),
      );
    };
    // Read anew for every request.
    const ages = { refresh: -1, lease: 30_000, retry: -1, settling: 0 };
    return new PhaseCache(read, { wall: () => NOW, steady: () => 0 }, ages, () => {});
  }

  #failable<Store extends 'couchbase' | 'oracle'>(name: Store, store: Answers<Store>): Answers<Store> {
    const calls = Object.entries(store as Record<string, (key: string, args: unknown) => Promise<unknown>>);
    const failable = calls.map(([verb, act]) => {
      const call = `${name}.${verb}` as CallName;
      const asked = async (key: string, args: unknown) => {
        this.called.push(call);
        const failure = this.failing.get(call);
        if (failure === undefined) return act(key, args);
        if (failure === 'lost answer') await act(key, args);
        throw failureOf(failure, call);
      };
      return [verb, asked];
    });
    return Object.fromEntries(failable) as Answers<Store>;
  }
}
