/** Lambda: what operators do beside starting runs, behind the route of the HTTP API that wants AWS's signature. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { bake, lastCall, lastQuestion } from './configuration/configuration.ts';
import { MoveRefused } from './control/controller.ts';
import { container, VARIABLES } from './edge/container.ts';
import { CONTROL_VARIABLES, controllerOver, lookOver } from './edge/controller.ts';
import { letterPorts } from './edge/dead_letters.ts';
import { variables } from './edge/environment.ts';
import { forcing } from './edge/force.ts';
import { httpEvent } from './edge/http/event.ts';
import { problemBody } from './edge/http/problem.ts';
import { probeKeys } from './edge/probe_keys.ts';
import { ofSetAside, setAsidePorts } from './edge/set_aside.ts';
import { acceptIdentity } from './identity/accept.ts';
import type { Sight } from './identity/sight.ts';
import { discard, listLetters, redrive } from './operations/dead_letters.ts';
import { explain } from './operations/explain.ts';
import { flagsSet } from './operations/flags_set.ts';
import { overview } from './operations/overview.ts';
import { preflight } from './operations/preflight.ts';
import { type About, BadOperation, type Operation, parseOperation } from './operations/request.ts';
import { verifiedUpTo } from './operations/verified.ts';
import { brokenAt } from './records/audit.ts';
import { CONCURRENCY, couchbaseKeys, couchbaseSizes } from './runs/ports.ts';
import { type Progress, progressOf } from './runs/summary.ts';
import { readMany } from './stores/couchbase/read_many.ts';
import { Reach } from './stores/reach.ts';
import type { Pair } from './stores/snapshot.ts';
import { look } from './verification/look.ts';
import { looksAt } from './verification/ports.ts';

const environment = variables(process.env, [...VARIABLES, ...CONTROL_VARIABLES]);
const parts = container(environment);
const { logger, stores, phases, queues, configuration } = parts;
const control = controllerOver(parts, environment);
const { collections, timing } = configuration;

/** What whoever has the address of the API has to know beside it. */
function about(): About {
  const { PARAMETERS: parameters, COPY_MACHINE: copy, VERIFY_MACHINE: verify } = environment;
  return {
    parameters,
    machines: { copy, verify },
    collections: Object.keys(collections),
    ...{ bake: bake(timing), request: timing.request },
  };
}

async function underWay(collection: string): Promise<Progress[]> {
  const { ledger, findings } = stores;
  const runs = await ledger.underWay(collection);
  return Promise.all(runs.map((run) => progressOf(run, { ledger, findings }, parts.now())));
}

async function explainKey(collection: string, key: string) {
  const { phase } = await phases.current(collection);
  const looks = looksAt(stores.of(collection), 'whole', Date.now, timing.call);
  return explain(key, phase, {
    look: async (each) => (await look([each], looks, phase))[0] as Pair,
    findings: (each) => stores.findings.ofKey(each, 20),
    repairs: (each) => stores.repairs.of(collection, each, 20),
    letters: (each) => stores.letters.ofKey(collection, each),
    setAside: (each) => setAsidePorts(stores, collection).list({ key: each }, null, 100),
    runs: async () => {
      const runs = await stores.ledger.underWay(collection);
      return Promise.all(runs.map(async (run) => ({ ...run, shards: await stores.ledger.shards(run.id) })));
    },
  });
}

function preflightRange(
  { collection, after, upTo }: Operation & { name: 'preflight' },
  timely: () => boolean,
) {
  const both = stores.of(collection);
  return preflight(
    { after, upTo },
    {
      ...{ keys: couchbaseKeys(both, timing.call), sizes: couchbaseSizes(both, timing.call), timely },
      read: (keys) =>
        readMany(both.couchbase, keys, { concurrency: CONCURRENCY, most: Number.POSITIVE_INFINITY }),
      require: (key, content) => both.oracle.require(key, content),
      durabilityProblem: () => both.couchbase.durabilityProblem(probeKeys()),
    },
  );
}

/** What was done is entered; where the claim is made and the entry is not, the claim says it. */
async function retire({ collection, why, confirm }: Operation & { name: 'retire' }, actor: string) {
  const by = actor.slice(0, 200);
  const retired = await control.retire(collection, confirm ? { by, why } : null);
  if (retired.moved !== null)
    await stores.audit.write({ at: Date.now(), actor, action: `${collection}: retired`, detail: why });
  const { table } = stores.of(collection);
  return { ...retired, table: table.name };
}

async function accept(
  operation: Operation & { name: 'accept-identity' },
  actor: string,
): Promise<{ readonly collection: string; readonly before: readonly Sight[] }> {
  const { collection } = operation;
  const { identity, audit, notDurable } = stores;
  const done = await acceptIdentity(operation, {
    // As it is published: what a container remembers may be of before a forced move.
    phase: async () => (await control.effective(collection)).phase,
    sights: (phase) => identity.sights(collection, phase),
    audit: (action, detail) => audit.write({ at: Date.now(), actor, action, detail }),
    note: (until) => notDurable.note(collection, until),
    accept: (affected) => identity.accept(collection, affected),
    now: parts.now,
  });
  if ('refused' in done) throw new BadOperation(done.refused);
  return { collection, before: done.before };
}

function status(reach: Reach) {
  return overview({
    look: () => control.look(lookOver(parts, environment, reach)),
    runs: (collection) => reach.ask('oracle', () => underWay(collection)),
  });
}

async function auditLog() {
  const entries = await stores.audit.latest(1000);
  return { entries, brokenAt: brokenAt([...entries].reverse()) };
}

/** A sweep leaves time for the letters themselves. @param left milliseconds. */
function lettersWithin(left: () => number) {
  const half = left() / 2;
  const times = { timely: () => left() > 0, sweeping: () => left() > half };
  return letterPorts(queues, environment, stores.letters, times);
}

async function closeLetters(
  operation: Operation & { name: 'redrive' | 'discard' },
  actor: string,
  ports: ReturnType<typeof lettersWithin>,
) {
  // Before it is done: what has no entry has not happened.
  const { name, ...detail } = operation;
  await stores.audit.write({
    ...{ at: Date.now(), actor, action: `dead-letters ${name}` },
    detail: JSON.stringify(detail),
  });
  return name === 'redrive' ? redrive(operation, ports) : discard(operation, ports);
}

/** @param remaining milliseconds until the function is ended from outside. */
async function perform(operation: Operation, actor: string, remaining: () => number): Promise<unknown> {
  // Of what is changed in one step, another call follows.
  const left = () => remaining() - lastCall(timing) - timing.call;
  const timely = () => left() > 0;
  const ports = lettersWithin(left);
  const reach = new Reach(() => remaining() > lastQuestion(timing));
  switch (operation.name) {
    case 'explain':
      return explainKey(operation.collection, operation.key);
    case 'preflight':
      return preflightRange(operation, timely);
    case 'verified':
      return verifiedUpTo({
        history: () => stores.ledger.history('verify', operation.collection, 100),
        mismatches: (run) => stores.findings.of(run, 'mismatch', 1000),
      });
    case 'dead-letters':
      return listLetters(operation, ports);
    case 'redrive':
    case 'discard':
      return closeLetters(operation, actor, ports);
    case 'set-aside':
    case 'set-aside-body':
    case 'set-aside-decide':
      return ofSetAside(parts, operation, actor, left);
    case 'about':
      return about();
    case 'status':
      return status(reach);
    case 'flags':
      return control.wishes();
    case 'force':
    case 'at-risk':
      return forcing({ parts, control, queues: environment }, operation, actor, remaining);
    case 'retire':
      return retire(operation, actor);
    case 'accept-identity':
      return accept(operation, actor);
    case 'set':
      return stores.audit.write(flagsSet(operation, Date.now(), actor));
    case 'audit':
      return auditLog();
  }
}

function answer(statusCode: number, body: string, type = 'application/json') {
  return { statusCode, headers: { 'content-type': type, 'cache-control': 'no-store' }, body };
}

export const handler = middy<unknown>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event: unknown, context: Context) => {
    const { parameters, body, actor, requestId } = httpEvent(event);
    try {
      if (actor === null)
        throw new BadOperation('Nobody has signed the request: this is a route for operators');
      const operation = parseOperation(parameters.operation ?? '', jsonIn(body), Object.keys(collections));
      logger.info('An operation', { operation: operation.name, actor });
      return answer(
        200,
        JSON.stringify(await perform(operation, actor, () => context.getRemainingTimeInMillis())),
      );
    } catch (error) {
      const refused = error instanceof BadOperation || error instanceof MoveRefused;
      if (!refused) logger.error('An operation failed', error as Error);
      const problem = {
        ...(refused
          ? {
              slug: 'operation-refused',
              status: 400,
              title: 'The operation cannot be done as it is asked for',
            }
          : { slug: 'operation-failed', status: 503, title: 'The operation did not succeed' }),
        detail: (error as Error).message,
      };
      return answer(problem.status, problemBody(problem, requestId), 'application/problem+json');
    }
  });

function jsonIn(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new BadOperation('The body is no JSON');
  }
}
