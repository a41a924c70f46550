/**
 * The Eventing service, by what its documentation says: handlers see the newest state of a document (states in between are left out), each at least
 * once, documents in no order, and what a handler has thrown on is not tried again.
 */
import type { Bucket } from '../bucket.ts';
import { isJson } from '../documents.ts';
import type { Mutation } from '../mutation.ts';
import { requireCode } from './code.ts';
import { type Definition, definitionIn } from './definition.ts';
import { HandlerThread } from './worker.ts';

/** How the service works at the moment. */
export interface Unkind {
  /** Handlers get nothing; what is written meanwhile waits. */
  readonly stopped: boolean;
  /** Milliseconds between a mutation and its handler, at the least. */
  readonly lag: number;
  /** How often each state is handled. */
  readonly repeats: number;
  /** Whether handlers get the attributes of users, as a third argument: older releases do not give them. */
  readonly attributes: boolean;
}

export interface Handlers {
  readonly handled: number;
  readonly failed: number;
  /** Mutations that wait. */
  readonly waiting: number;
  /** What the last handler that threw has said. */
  readonly lastFailure: string | null;
}

const KIND: Unkind = { stopped: false, lag: 0, repeats: 1, attributes: true };
/** Milliseconds after which a service that is stopped, or lags, looks again. */
const PAUSE = 10;

export class Eventing {
  readonly #buckets: ReadonlyMap<string, Bucket>;
  readonly #deployed = new Map<string, Deployed>();
  #unkind = KIND;

  constructor(buckets: ReadonlyMap<string, Bucket>) {
    this.#buckets = buckets;
    for (const bucket of buckets.values())
      bucket.watch((mutation) => {
        for (const each of this.#deployed.values()) each.note(mutation);
      });
  }

  /** Throws for what the real service refuses, and for what is not simulated. */
  async deploy(given: unknown): Promise<void> {
    const definition = definitionIn(given);
    const { depcfg, appcode, appname } = definition;
    for (const [bucket, scope, collection] of [
      [depcfg.source_bucket, depcfg.source_scope, depcfg.source_collection],
      [depcfg.metadata_bucket, depcfg.metadata_scope, depcfg.metadata_collection],
    ] as const)
      if (this.#buckets.get(bucket)?.scopes.get(scope)?.collections.has(collection) !== true)
        throw new Error(`ERR_COLLECTION_MISSING: there is no ${bucket}.${scope}.${collection}`);
    const bindings = depcfg.curl.map(({ value }) => value);
    requireCode(appcode, bindings);
    await this.undeploy(appname);
    this.#deployed.set(appname, new Deployed(definition, () => this.#unkind));
  }

  async undeploy(name: string): Promise<void> {
    await this.#deployed.get(name)?.stop();
    this.#deployed.delete(name);
  }

  /** As the REST API tells of them: without the token of a binding, which the real service keeps to itself, too. */
  get told(): readonly object[] {
    return [...this.#deployed.values()].map(({ told }) => told);
  }

  be(unkind: Partial<Unkind>): void {
    this.#unkind = { ...KIND, ...unkind };
  }

  of(name: string): Handlers {
    const found = this.#deployed.get(name);
    if (found === undefined) throw new Error(`ERR_APP_NOT_DEPLOYED: ${name}`);
    return found.handlers;
  }

  async stop(): Promise<void> {
    for (const name of [...this.#deployed.keys()]) await this.undeploy(name);
  }
}

/** A function at work. Partitions are shared out among its workers, so each document is with one of them. */
class Deployed {
  readonly told: object;
  readonly #source: readonly [string, string];
  readonly #unkind: () => Unkind;
  readonly #workers: readonly { readonly thread: HandlerThread; readonly waiting: Map<string, Waiting> }[];
  readonly #ended: Promise<unknown>;
  #stopped = false;
  #handled = 0;
  #failed = 0;
  #lastFailure: string | null = null;

  constructor({ depcfg, settings, ...definition }: Definition, unkind: () => Unkind) {
    const { curl: _, ...places } = depcfg;
    const { appname } = definition;
    this.told = { appname, depcfg: places, settings: { ...settings, deployment_status: true } };
    this.#source = [depcfg.source_bucket, `${depcfg.source_scope}.${depcfg.source_collection}`];
    this.#unkind = unkind;
    const whole = { ...definition, depcfg, settings };
    this.#workers = Array.from({ length: settings.worker_count }, () => ({
      ...{ thread: new HandlerThread(whole), waiting: new Map<string, Waiting>() },
    }));
    this.#ended = Promise.all(this.#workers.map((_, n) => this.#work(n)));
  }

  get handlers(): Handlers {
    const waiting = this.#workers.reduce((sum, each) => sum + each.waiting.size, 0);
    return { handled: this.#handled, failed: this.#failed, waiting, lastFailure: this.#lastFailure };
  }

  note(mutation: Mutation): void {
    const [bucket, name] = this.#source;
    if (mutation.bucket !== bucket || mutation.name !== name) return;
    const worker = this.#workers[mutation.vbucket % this.#workers.length];
    worker?.waiting.set(mutation.key.toString('latin1'), { mutation, since: Date.now() });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#workers.map(({ thread }) => thread.stop()));
    // A handler that was at work is not answered any more.
    void this.#ended;
  }

  async #work(n: number): Promise<void> {
    const worker = this.#workers[n];
    while (worker !== undefined && !this.#stopped) {
      const { stopped, lag } = this.#unkind();
      const due = [...worker.waiting].filter(([, { since }]) => !stopped && Date.now() >= since + lag);
      if (due.length === 0) await new Promise((resolve) => setTimeout(resolve, PAUSE));
      // The last one first: nobody promises an order over documents.
      for (const [key, { mutation }] of due.reverse()) {
        if (worker.waiting.get(key)?.mutation === mutation) worker.waiting.delete(key);
        for (let times = 0; times < this.#unkind().repeats && !this.#stopped; times++)
          await this.#handle(worker.thread, mutation);
      }
    }
  }

  async #handle(thread: HandlerThread, mutation: Mutation): Promise<void> {
    const [entry, given] = handlerCall(mutation, this.#unkind().attributes);
    const { failed } = await thread.handle(entry, given);
    this.#handled++;
    if (failed === null) return;
    this.#failed++;
    this.#lastFailure = failed;
  }
}

interface Waiting {
  readonly mutation: Mutation;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

function handlerCall(mutation: Mutation, attributes: boolean): ['OnUpdate' | 'OnDelete', readonly unknown[]] {
  const { key, vbucket, document } = mutation;
  const { cas, seqno, expiry, flags, deleted, value, xattrs } = document;
  const datatype = isJson(value) ? 'json' : 'binary';
  const meta = {
    ...{ id: key.toString('utf8'), cas: String(cas), seq: Number(seqno), vb: vbucket, flags, datatype },
    expiration: deleted ? 0 : expiry,
  };
  // Whether a document was removed or has expired is not told here: older releases do not tell it.
  if (deleted) return ['OnDelete', [meta]];
  const doc: unknown = datatype === 'json' ? JSON.parse(value.toString('utf8')) : {};
  if (!attributes) return ['OnUpdate', [doc, meta]];
  const users = [...xattrs].filter(([name]) => !name.startsWith('_'));
  return ['OnUpdate', [doc, meta, Object.fromEntries(users.map(([name, text]) => [name, JSON.parse(text)]))]];
}
