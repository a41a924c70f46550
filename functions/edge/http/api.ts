/** The write API: from an HTTP API's event to its response. */
import { bake, lastCall, type Parsed } from '../../configuration/configuration.ts';
import { VERBS, type Verb } from '../../configuration/grants.ts';
import { quoted, shortened } from '../../parsing/quoted.ts';
import type { PhaseCache } from '../../phases/phase_cache.ts';
import { phaseOfKey } from '../../phases/ramp.ts';
import type { Phase } from '../../protocol/phase.ts';
import { type ItemAnswer, writeAll } from '../../routing/batch.ts';
import type { CallerLimits } from '../../routing/caller_limits.ts';
import { NO_PRECONDITION } from '../../routing/precondition.ts';
import type { Answer, Place, WriteRequest } from '../../routing/request.ts';
import type { Router, Surroundings } from '../../routing/router.ts';
import { Window } from '../../routing/window.ts';
import { LARGEST_ANSWER } from '../../stores/answerable.ts';
import { Selection, WHOLE } from '../../stores/selection.ts';
import { askedOf, collectionOf, jsonIn } from './asked.ts';
import { type BatchWrite, batchIn } from './batch.ts';
import { callerOf, digestIn } from './caller.ts';
import { answerChanges, type ChangesRoute, requireScope } from './changes.ts';
import { type HttpEvent, httpEvent, NotHttp } from './event.ts';
import { type Granted, grantedBy, neededBy, refusalOf } from './granted.ts';
import type { Asker } from './idempotency.ts';
import { type BadRequest, LONGEST_MESSAGE, type Problem, problemDetails, tooMany } from './problem.ts';
import { BATCH_ROUTE, CHANGES_ROUTE } from './routes.ts';
import { notTaken } from './taken.ts';
import { dressed, etagOf, problemIn, problemOf, problemResponse, type Response, responseTo } from './told.ts';

/** What operators get to know of each request. Never a body, nor a value in it; and texts have a bound. */
export interface Told {
  /** A request whose outcome is in doubt, or that found a store away. @param causes what went wrong underneath. */
  doubt(place: Place, kind: 'unknown' | 'unavailable', causes: readonly string[]): void;
  /** Something nobody has thought of. */
  failed(error: unknown): void;
  refused(problem: Problem): void;
  /** The token does not grant the request. @param collection as it was asked for, in quotes. @param caller a digest: see `digestIn`. */
  notGranted(collection: string, verb: Verb, caller: string): void;
  /** A write was acknowledged that Oracle can never take. @param caller a digest: see `digestIn`. */
  unstorable(place: Place, caller: string): void;
}

export interface Surrounding {
  readonly router: Router;
  readonly phases: PhaseCache;
  readonly configuration: Parsed;
  /** Null for none. */
  readonly callers: CallerLimits | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds of a steady clock. */
  readonly steady: () => number;
  readonly told: Told;
  /** Of change feeds; none where no collection has one. */
  readonly changes?: ChangesRoute;
}

/** Of a request of a collection, in whose phase it is answered where it is about no single key. */
interface Stay extends Surroundings {
  readonly phaseOf: (key: string) => Phase;
}

export class Api {
  readonly #surrounding: Surrounding;
  readonly #collections: readonly string[];
  readonly #selections: ReadonlyMap<string, Selection>;
  readonly #began: number;
  readonly #window: Window;

  /** Once for each container, when it begins. */
  constructor(surrounding: Surrounding) {
    this.#surrounding = surrounding;
    this.#began = surrounding.now();
    const { collections } = surrounding.configuration;
    this.#collections = Object.keys(collections);
    this.#selections = new Map(
      Object.entries(collections).map(([name, { keys }]) => [name, new Selection(keys)]),
    );
    this.#window = new Window(surrounding.configuration.connections);
  }

  /**
   * Answers any request. Rejects only for an event that is no HTTP request at all.
   * @param remaining milliseconds until the function is ended from outside.
   */
  async serve(event: unknown, remaining: () => number): Promise<Response> {
    const http = httpEvent(event);
    let phase: Phase | null = null;
    try {
      const caller = callerOf(http.claims);
      this.#admit(caller);
      const isFeed = http.routeKey.endsWith(CHANGES_ROUTE);
      const granted = grantedBy(this.#surrounding.configuration.grants, http.claims);
      if (isFeed) requireScope(http.claims);
      else this.#requireGranted(http, granted, caller);
      const collection = collectionOf(http, this.#collections, this.#known(granted));
      const effective = await this.#surrounding.phases.current(collection);
      phase = effective.phase;
      if (isFeed) return await answerChanges(http, collection, phase, this.#surrounding.changes);
      const last = lastCall(this.#surrounding.configuration.timing);
      const phaseOf = (key: string) => phaseOfKey(effective, key);
      const stay = { phase, phaseOf, since: effective.since, timely: () => remaining() > last, caller };
      return http.routeKey.endsWith(BATCH_ROUTE)
        ? await this.#batch(http, stay)
        : await this.#document(http, stay);
    } catch (error) {
      return this.#problem(error, http, phase);
    }
  }

  #problem(error: unknown, http: HttpEvent, phase: Phase | null): Response {
    if (error instanceof NotHttp) throw error;
    const response = problemResponse(this.#reported(error), http.requestId);
    const headers = phase === null ? {} : { 'crossfade-phase': phase };
    return dressed(response, headers, { bodiless: http.method === 'HEAD' });
  }

  /** Throws where the caller has sent too many. */
  #admit(caller: string): void {
    const wait = this.#surrounding.callers?.refusal(caller) ?? null;
    if (wait !== null) throw tooMany(wait);
  }

  /** Throws where the token does not grant the request, before anything is read. */
  #requireGranted(http: HttpEvent, granted: Granted, caller: string): void {
    const { configuration, told } = this.#surrounding;
    const { collection: asked = '' } = http.parameters;
    const missing = neededBy(http).find((verb) => !granted.may(asked, verb));
    if (missing === undefined) return;
    told.notGranted(quoted(asked), missing, digestIn(caller));
    throw refusalOf(configuration.grants, asked, missing);
  }

  /** Collections that the caller may be told of: those that the token grants something on. What a change feed's token needs is about none. */
  #known(granted: Granted): string[] {
    return this.#collections.filter((name) => VERBS.some((verb) => granted.may(name, verb)));
  }

  async #document(http: HttpEvent, stay: Stay): Promise<Response> {
    const { keysInPath } = this.#surrounding.configuration;
    const collection = collectionOf(http, this.#collections);
    const asked = askedOf(http, collection, keysInPath, this.#asker(http));
    const refused = this.#notTaken(collection, asked.key);
    if (refused !== null) throw refused;
    const phase = stay.phaseOf(asked.key);
    try {
      return await this.#answer(http, asked, { ...stay, phase });
    } catch (error) {
      return this.#problem(error, http, phase);
    }
  }

  async #answer(
    http: HttpEvent,
    asked: ReturnType<typeof askedOf>,
    surroundings: Surroundings,
  ): Promise<Response> {
    const served = { phase: surroundings.phase, instance: http.requestId, bodiless: http.method === 'HEAD' };
    const { router } = this.#surrounding;
    if (asked.verb !== 'read') {
      const answer = this.#noted(asked, await router.write(asked, surroundings), surroundings);
      return responseTo(answer, served, NO_PRECONDITION);
    }
    const answer = await router.read(asked, surroundings, LARGEST_ANSWER);
    return responseTo(this.#noted(asked, answer, surroundings), served, asked.precondition);
  }

  async #batch(http: HttpEvent, stay: Stay): Promise<Response> {
    const collection = collectionOf(http, this.#collections);
    const read = batchIn(jsonIn(http, 'application/json').body, collection, this.#asker(http));
    const writes = read.map((write) => this.#taken(collection, write));
    this.#surrounding.callers?.owe(stay.caller ?? '', writes.length - 1);
    const requests = writes.flatMap((write) => ('request' in write ? [write.request] : []));
    const { router, steady } = this.#surrounding;
    const at = (key: string) => ({ ...stay, phase: stay.phaseOf(key) });
    const answers = (await writeAll(router, requests, at, this.#window, steady)).values();
    const results = writes.map((write) =>
      'request' in write
        ? this.#result(write.request, answers.next().value as ItemAnswer, stay)
        : this.#failed(write.key, write.refused),
    );
    const { phase } = stay;
    return {
      statusCode: results.every(({ status }) => status < 400) ? 200 : 207,
      headers: { 'content-type': 'application/json', 'crossfade-phase': phase, 'cache-control': 'no-store' },
      body: JSON.stringify({ phase, results }),
      isBase64Encoded: false,
    };
  }

  #notTaken(collection: string, key: string): BadRequest | null {
    return notTaken(collection, key, this.#selections.get(collection) ?? WHOLE);
  }

  #taken(collection: string, write: BatchWrite): BatchWrite {
    if ('refused' in write) return write;
    const { key } = write.request;
    const refused = this.#notTaken(collection, key);
    return refused === null ? write : { key, refused };
  }

  #asker({ claims }: HttpEvent): Asker {
    const { now, configuration } = this.#surrounding;
    return { claims, now: now(), began: this.#began, bake: bake(configuration.timing) };
  }

  #result(request: WriteRequest, answer: ItemAnswer, surroundings: Surroundings) {
    const { key } = request;
    if (answer.kind === 'failed') return this.#failed(key, answer.error);
    const problem = problemIn(this.#noted(request, answer, surroundings));
    if (problem !== null) return resultOf(key, problem);
    const version = answer.kind === 'written' ? answer.version : 0n;
    return { key, status: 204, ...(version === 0n ? {} : { etag: etagOf(version) }) };
  }

  #failed(key: string, error: unknown) {
    return resultOf(key, this.#reported(error));
  }

  /** The problem that a failure is to the client, once operators know of it. */
  #reported(error: unknown): Problem {
    const problem = problemOf(error);
    if (problem.status >= 500) this.#surrounding.told.failed(error);
    else this.#surrounding.told.refused(problem);
    return problem;
  }

  #noted({ collection, key }: Place, answer: Answer, { caller = '' }: Surroundings): Answer {
    const { told } = this.#surrounding;
    const place = { collection, key: shortened(key, LONGEST_KEY) };
    if (answer.kind === 'unknown' || answer.kind === 'unavailable') {
      const causes = answer.causes.map((cause) => shortened(String(cause), LONGEST_MESSAGE));
      told.doubt(place, answer.kind, causes);
    }
    if (answer.kind === 'written' && answer.unstorable) told.unstorable(place, digestIn(caller));
    return answer;
  }
}

/** Characters of the longest key that there can be: it may have 250 bytes. A longer one is refused, and named by its beginning. */
const LONGEST_KEY = 250;

/** What is told of one write of a batch that failed. */
function resultOf(key: string, problem: Problem) {
  return { key: shortened(key, LONGEST_KEY), status: problem.status, problem: problemDetails(problem) };
}
