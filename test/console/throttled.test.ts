/** A command whose operation AWS refuses to run, since too much is under way, tries again; what may have been done is never repeated. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Service } from '../../infra/console/service.ts';
import { type Pauses, untilTaken } from '../../infra/console/throttled.ts';
import { type Gateway, serveApi } from '../../infra/local/gateway.ts';
import { Account } from '../../infra/local/lambda/concurrency.ts';
import type { LocalFunction } from '../../infra/local/lambda/function.ts';
import { OPERATOR } from '../../infra/local/policy.ts';
import { routed } from '../local/routed.ts';

const ARN = 'arn:aws:lambda:eu-central-1:000000000000:function:Operate';
const template = routed(ARN, { 'GET /documents': 'JWT', 'POST /v1/operations/{operation}': 'AWS_IAM' });
const CREDENTIALS = {
  ...{ AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: OPERATOR, AWS_SECRET_ACCESS_KEY: 'x' },
};

/** One invocation at a time, as a function with one reserved invocation. */
const pool = new Account().pool('Operate', 1);
let answer: () => Promise<object>;
let performed: number;
let gateway: Gateway;
before(async () => {
  Object.assign(process.env, CREDENTIALS);
  const invoke = async () => {
    const release = pool.take();
    performed++;
    return answer().finally(release);
  };
  const operate = { settings: { name: 'Operate' }, invoke } as unknown as LocalFunction;
  gateway = await serveApi(template, new Map([[ARN, operate]]), 0);
});
after(() => gateway.stop());

const DONE = { statusCode: 200, body: '{"done":true}' };
/** Time passes with pauses alone. */
let time: number;
let slept: number[];
const pauses: Pauses = {
  now: () => time,
  sleep: async (milliseconds) => {
    time += milliseconds;
    slept.push(milliseconds);
  },
  random: () => 1,
};
beforeEach(() => {
  [time, slept, performed] = [0, [], 0];
});

test('a command that meets another one waits for it, and is done then', async () => {
  let end = () => {};
  answer = () =>
    new Promise((resolve) => {
      end = () => resolve(DONE);
    });
  const begun = new Promise<void>((resolve) => {
    const first = answer;
    answer = () => {
      resolve();
      return first();
    };
  });
  const first = new Service(gateway.url).ask('status');
  await begun;
  answer = async () => DONE;
  const sleep = async () => {
    end();
    await first;
  };
  const second = await new Service(gateway.url, { ...pauses, sleep }).ask('status');
  assert.deepEqual([second, performed], [{ done: true }, 2]);
});

test('a command that is refused again and again ends with a code, after pauses that grow, and has done nothing', async () => {
  const release = pool.take();
  try {
    await assert.rejects(
      new Service(gateway.url, pauses).ask('retire'),
      /^Error: THROTTLED: 503: Service Unavailable\. .* nothing was done: .*Try again in a minute/,
    );
  } finally {
    release();
  }
  assert.deepEqual(slept, [250, 500, 1000, 2000, 4000, 4000, 4000, 4000]);
  assert.equal(performed, 0);
});

test('what the function has answered, or may have done, is sent once', async () => {
  for (const [result, message] of [
    [
      async () => ({ statusCode: 503, body: '{"type":"urn:…","detail":"Oracle is away"}' }),
      /^Error: 503: Oracle is away$/,
    ],
    [
      async () => {
        throw new Error('timed out');
      },
      /^Error: 500: Internal Server Error\. .*failed, or took too long/,
    ],
  ] as const) {
    performed = 0;
    answer = result;
    await assert.rejects(new Service(gateway.url, pauses).ask('retire'), message);
    assert.deepEqual([performed, slept], [1, []]);
  }
});

test('the gateway answers the same where it has waited for the function, and that is not repeated', async () => {
  const text = '{"message":"Service Unavailable"}';
  for (const [status, took, attempts] of [
    [503, 24_999, 9],
    [503, 25_000, 1],
    [429, 29_000, 9],
    [500, 5, 1],
    [504, 5, 1],
  ] as const) {
    let sent = 0;
    const send = async () => {
      sent++;
      return { status, text, took };
    };
    await untilTaken(send, pauses);
    assert.equal(sent, attempts, `${status} after ${took} ms`);
  }
});
