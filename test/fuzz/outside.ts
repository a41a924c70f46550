/** Marked documents through a whole stack, with stores that fail and quote them: nothing of them may be seen outside. */
import { readFileSync } from 'node:fs';
import type { OperationName } from '../../functions/operations/request.ts';
import { RIGHT_OF } from '../../functions/operations/rights.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Fault as CouchbaseFault } from '../../infra/local/servers/couchbase/faults.ts';
import type { Fault as OracleFault } from '../../infra/local/servers/oracle/faults.ts';
import type { Local } from '../../infra/local/start.ts';
import { operator } from '../local/stack/operator.ts';
import { type Ask, bothStores, enter } from '../local/stack/running.ts';
import { BODIES, EXPIRES } from './marks.ts';
import type { Watched } from './watched.ts';

const QUOTED = "'zqvalue', 9182736455, zqname, zqkey";
/** What Oracle may say of a row: with the values that it refuses. 3113 ends the session. */
const WORDS: Readonly<Record<number, string>> = {
  1: `unique constraint (A.B) violated (${QUOTED})\nORA-03301: row with column values (${QUOTED})`,
  1722: `unable to convert string value containing ${QUOTED} to a number: `,
  1438: `value ${QUOTED} greater than specified precision (5, 2) for column X`,
  12899: `value too large for column "A"."B"."C" (actual: ${QUOTED}, maximum: 10)`,
  40441: `JSON syntax error\nJZN-00078: Invalid JSON keyword ${QUOTED}`,
  2290: `check constraint (A.B) violated: ${QUOTED}`,
  20001: `a trigger says ${QUOTED}`,
  29999: `nobody knows it: ${QUOTED}`,
  600: `internal error code, arguments: [${QUOTED}]`,
  604: `error occurred at recursive SQL level 1\nORA-20002: ${QUOTED}`,
};
export const NUMBERS = Object.keys(WORDS).map(Number);

export const oracleSays = (number: number, statement: string | null, times = 1): OracleFault => ({
  ...{ operation: 'execute', statement, times },
  action: { kind: 'error', number, text: WORDS[number] ?? QUOTED },
});
/** A status that no rule of ours names. */
export const couchbaseFails: CouchbaseFault = {
  ...{ operation: 'mutateIn', times: 1 },
  action: { kind: 'status', status: 0x84 },
};

export interface Stage {
  readonly local: Local;
  readonly ask: Ask;
  readonly watched: Watched;
}

/** Invokes the function that operators ask, as the gateway does. */
const EVENT = JSON.parse(readFileSync(new URL('../../events/operate.explain.json', import.meta.url), 'utf8'));
export async function operate({ local, watched }: Stage, operation: string, input: object): Promise<void> {
  const event = { ...EVENT, pathParameters: { operation }, body: JSON.stringify(input) };
  const operate = local.deployment.entry('operate');
  const right = Object.hasOwn(RIGHT_OF, operation) ? RIGHT_OF[operation as OperationName] : 'read';
  const alias = `${operate.settings.arn}:${right}`;
  const { body } = (await operate.invoke(event, undefined, alias)) as { body: string };
  watched.see(`answer ${operation}`, body);
}

/** Requests of an app: each body, well or wrongly asked for. */
export async function requests({ ask, watched }: Stage, phase: Phase): Promise<void> {
  const told = async (...given: Parameters<Ask>) => {
    const { status, body } = await ask(...given);
    if (status >= 400) watched.see('problem of the API', body);
  };
  for (const [kind, body] of Object.entries(BODIES)) {
    const key = `zqkey-${phase}-${kind}`;
    await told('PUT', key, body, { 'expires-at': EXPIRES });
    await told('PUT', key, body, { 'content-type': 'application/octet-stream' });
    await told('PATCH', key, body);
  }
  const key = `zqkey-${phase}-fits`;
  const once = { 'idempotency-key': 'zqvalue' };
  await told('PUT', key, BODIES.fits, once);
  await told('PUT', key, BODIES.scalar, once);
  // What is wrong with a header is quoted: it is none of a document.
  await told('PUT', key, BODIES.fits, { 'if-match': '"1"' });
  await told('DELETE', `zqkey-${phase}-scalar`);
}

/** A batch, with what is wrong in it in many ways. */
export async function batches({ local, watched }: Stage): Promise<void> {
  const { url, token } = local.deployment.gateway;
  const authorization = `Bearer ${await token('test')}`;
  const send = async (body: string) => {
    const answer = await fetch(`${url}/v1/collections/orders/batch`, {
      ...{ method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body },
    });
    watched.see('problem of the API', await answer.text());
  };
  const writes = Object.values(BODIES).flatMap((body, n) =>
    body.startsWith('{') && body.endsWith('}') ? [`{"key":"zqkey-b${n}","put":${body}}`] : [],
  );
  await send(`{"writes":[${writes.join()}]}`);
  for (const body of [
    BODIES.cut,
    BODIES.text,
    `{"writes":[{"key":"zqkey","zqname":1}]}`.replace('"zqname"', '"put":"zqvalue","total"'),
  ])
    await send(body);
  await send(`{"writes":[{"key":"zqkey","put":1,"delete":"zqvalue"},{"key":"zqkey","patch":["zqvalue"]}]}`);
}

/** A copy of planted documents. @param said by Oracle meanwhile. @param compares with a verification, which takes a bake. */
export async function runs(
  { local, watched }: Stage,
  said: readonly number[],
  compares: boolean,
): Promise<void> {
  const stores = bothStores(local.logins);
  const machines = operator(local);
  const plant = (kind: keyof typeof BODIES, expiresAt: number | null, key = kind) =>
    stores.couchbase.upsert(`zqkey-run-${key}`, {
      content: documentFrom(Buffer.from(BODIES[kind]), expiresAt),
    });
  const seen = async (machine: 'CopyAll' | 'VerifyAll') => {
    const ended = await machines.ended(machine, { collection: 'orders', prefix: 'zqkey-run' });
    watched.see(`run ${machine}`, JSON.stringify(ended));
  };
  try {
    for (const kind of Object.keys(BODIES) as (keyof typeof BODIES)[]) await plant(kind, Date.parse(EXPIRES));
    for (const number of said) await local.oracle.fault(oracleSays(number, 'ORDERS'));
    await seen('CopyAll');
    await local.oracle.calm();
    await plant('array', null, 'fits');
    if (compares) await seen('VerifyAll');
  } finally {
    machines.stop();
    await stores.close();
  }
}

const [why, collection] = ['a look at marks', 'orders'];
/** What operators ask after a run. */
const QUESTIONS: readonly (readonly [string, object])[] = [
  ...['fits', 'large', 'text'].map((kind) => ['explain', { collection, key: `zqkey-run-${kind}` }] as const),
  ['preflight', { collection, walk: 'anew' }],
  ['verified', { collection }],
  ['dead-letters', {}],
  ['redrive', { why, key: 'zqkey-run-large' }],
  ['discard', { why, key: 'zqkey-run-array' }],
  ['set-aside', { collection, bodies: true }],
  ['audit', {}],
  ['at-risk', { collection, kind: 'handed-off', after: null }],
  ['force', { collection, why }],
  ['status', {}],
];

export async function questions(stage: Stage): Promise<void> {
  for (const [name, input] of QUESTIONS) await operate(stage, name, input);
  await stage.local.oracle.fault(oracleSays(29999, null, 3));
  await operate(stage, 'explain', { collection, key: 'zqkey-run-fits' });
  await stage.local.oracle.calm();
}

/** The same with stores that fail: each request meets a fault. */
export async function failures(stage: Stage, phase: Phase, numbers: readonly number[]): Promise<void> {
  const { local, ask, watched } = stage;
  enter(local.parameters, phase);
  for (const [n, number] of numbers.entries()) {
    await local.oracle.fault(oracleSays(number, 'ORDERS', 2));
    if (n % 3 === 0) await local.couchbase.fault(couchbaseFails);
    const { status, body } = await ask('PUT', `zqkey-${phase}-${number}`, BODIES.fits, {
      'expires-at': EXPIRES,
    });
    if (status >= 400) watched.see('problem of the API', body);
    await local.oracle.calm();
    await local.couchbase.calm();
  }
}
