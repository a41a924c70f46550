/** Answers of every kind that the API can give, from requests and worlds of every kind. */
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { PHASES, type Phase } from '../../../functions/protocol/phase.ts';
import { ApiInMemory, type Failure, FEED } from './api_in_memory.ts';

type Answer = Awaited<ReturnType<ApiInMemory['ask']>>;
type Note = (asked: string, answer: Answer) => void;

const FAILURES: readonly Failure[] = ['away', 'lost answer', 'poison', 'bug', 'undurable'];
const CALLS = [
  ...(['couchbase.read', 'couchbase.upsert', 'couchbase.swap', 'couchbase.remove'] as const),
  ...(['oracle.read', 'oracle.apply', 'oracle.write', 'oracle.swap'] as const),
];
const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const;
const PATH = '/v1/collections/orders/documents';
const LONG = 'k'.repeat(251);

export async function provoked(): Promise<{ readonly asked: string; readonly answer: Answer }[]> {
  const all: { asked: string; answer: Answer }[] = [];
  const note: Note = (asked, answer) => all.push({ asked, answer });
  for (const phase of PHASES) {
    for (const call of CALLS)
      for (const failure of FAILURES) await inWorld(phase, new Map([[call, failure]]), note);
    await mistaken(phase, note);
  }
  await refused(note);
  await fed(note);
  await limited(note);
  return all;
}

async function inWorld(phase: Phase, failing: ApiInMemory['failing'], note: Note): Promise<void> {
  const it = new ApiInMemory();
  it.phase = phase;
  await it.ask('PUT', 'here', { body: '1' });
  it.failing = failing;
  for (const method of METHODS)
    for (const key of ['here', 'nowhere'])
      for (const headers of [{}, { 'if-match': '"1"' }, { 'if-match': '"1", "2"' }])
        note(method, await it.ask(method, key, { body: '{}', headers }));
  const writes = [
    { key: 'here', put: 1 },
    { key: 'nowhere', patch: {} },
    { key: 'gone', delete: true },
  ];
  note('BATCH', await it.batch(JSON.stringify({ writes })));
}

/** Requests that cannot be understood, or that a store can never obey. */
async function mistaken(phase: Phase, note: Note): Promise<void> {
  const it = new ApiInMemory();
  it.phase = phase;
  const headers = [
    { 'if-match': 'x' },
    { 'if-match': '"1"' },
    { ttl: 'x' },
    { 'idempotency-key': '' },
    { 'content-type': 'text/plain' },
  ];
  for (const method of METHODS) {
    for (const each of headers) note(method, await it.ask(method, 'k', { body: '{}', headers: each }));
    for (const body of ['{', '"\ufffd"']) note(method, await it.ask(method, 'k', { body }));
    for (const key of [LONG, '_sync:k']) note(method, await it.ask(method, key, { body: '{}' }));
    await misaddressed(it, method, note);
  }
  const writes = headers.slice(0, 4).flatMap((each, n) => [
    { key: `p${n}`, put: 1, ...each },
    { key: `d${n}`, delete: true, ...each },
  ]);
  for (const batch of [
    { writes: [...writes, { key: LONG, put: 1 }, { key: '_sync:k', put: 1 }] },
    { writes: [] },
  ])
    note('BATCH', await it.batch(JSON.stringify(batch)));
  for (const body of ['{', '"\ufffd"']) note('BATCH', await it.batch(body));
  note('BATCH', await it.batch('{}', undefined, { 'content-type': 'text/plain' }));
}

async function misaddressed(it: ApiInMemory, method: string, note: Note): Promise<void> {
  const routeKey = `${method} /v1/collections/{collection}/documents`;
  const body = '{}';
  for (const rawQueryString of ['', 'key=a&key=b', 'key=%'])
    note(method, await it.send({ method, routeKey, rawPath: PATH, rawQueryString, body }));
  const rawPath = `${PATH}/a%2520`;
  const pathParameters = { collection: 'orders', key: 'a%' };
  note(method, await it.send({ method, routeKey, rawPath, pathParameters, body }));
}

const CHANGE = '{"changes":[{"key":"k","cas":"1"}]}';

/** Of a change feed. */
async function fed(note: Note): Promise<void> {
  const it = new ApiInMemory();
  it.phase = 'expand';
  const told = async (...given: Parameters<ApiInMemory['changes']>) =>
    note('CHANGES', await it.changes(...given));
  for (const body of [CHANGE, '{', '"\ufffd"', '{"changes":[]}']) await told(body);
  await told(CHANGE, { sub: 'app' });
  await told(CHANGE, undefined, { 'content-type': 'text/plain' });
  it.queueIsAway = true;
  await told(CHANGE.replace('"k"', '"other"'));
  it.failing = new Map([['oracle.read', 'bug']]);
  await told(CHANGE);
  it.hasFeed = false;
  await told(CHANGE);
}

/** By what is there already. */
async function refused(note: Note): Promise<void> {
  const it = new ApiInMemory();
  await it.stores.couchbase.upsert('binary', { content: documentFrom(Buffer.from([255]), null) });
  note('PATCH', await it.ask('PATCH', 'binary', { body: '{}' }));
  const headers = { 'idempotency-key': 'once' };
  await it.ask('PUT', 'named', { body: '1', headers });
  for (const method of ['PUT', 'PATCH']) note(method, await it.ask(method, 'named', { body: '{}', headers }));
  const writes = [
    { key: 'binary', patch: {} },
    { key: 'named', put: 2, ...headers },
  ];
  note('BATCH', await it.batch(JSON.stringify({ writes })));
}

/** Before anything of it is looked at. */
async function limited(note: Note): Promise<void> {
  for (const it of [new ApiInMemory({ perSecond: 1, burst: 1 }), new ApiInMemory()]) {
    it.phaseIsAway = true;
    await it.ask('GET', 'k');
    for (const method of METHODS) note(method, await it.ask(method, 'k', { body: '{}' }));
    const routeKey = 'POST /v1/collections/{collection}/batch';
    note('BATCH', await it.batch('{}'));
    note('CHANGES', await it.changes(CHANGE));
    const rawPath = '/v1/collections/nowhere/documents';
    for (const method of METHODS)
      note(method, await it.send({ method, routeKey: method, rawPath, collection: 'nowhere' }));
    note('BATCH', await it.send({ method: 'POST', routeKey, rawPath, collection: 'nowhere' }));
    const claims = { iss: 'https://issuer.example', sub: 'other', scope: 'carts.read' };
    for (const method of METHODS) note(method, await it.ask(method, 'k', { body: '{}', claims }));
    note('BATCH', await it.batch('{}', claims));
    const changes = routeKey.replace('batch', 'changes');
    const feed = { method: 'POST', routeKey: changes, rawPath, collection: 'nowhere', claims: FEED };
    note('CHANGES', await it.send({ ...feed, body: CHANGE }));
  }
}
