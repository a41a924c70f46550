/** The hashes of the audit log on their way into CloudWatch Logs: signed, taken or rejected, and made up for where the log was away. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { SSMClient } from '@aws-sdk/client-ssm';
import { backlogIn } from '../../functions/edge/anchor_backlog.ts';
import { AnchorLog, anchorSender, STREAM } from '../../functions/edge/anchor_log.ts';
import { type Anchor, anchorOf } from '../../functions/records/anchors.ts';
import { BEGINNING, follow } from '../../functions/records/audit.ts';
import { type Endpoint, type Services, serveAws } from '../../infra/local/aws/endpoint.ts';
import { LogStore } from '../../infra/local/aws/logs.ts';
import { ParameterApi } from '../../infra/local/aws/parameter_api.ts';
import { ParameterStore } from '../../infra/local/aws/parameters.ts';
import { LOGS } from '../../infra/local/limits.ts';
import { clientOf } from './falling_world.ts';

const GROUP = 'Audit';
const ENTRY = follow(BEGINNING, { at: 1, actor: 'ann', action: 'orders: flags set', detail: 'é' });
const anchor = (event: Anchor['event'], seq = 1) => anchorOf(event, `id${seq}`, { ...ENTRY, seq });

let endpoint: Endpoint;
let logs: LogStore;
let allowed: string[];
/** What the functions' clock says, and that of the service. */
let clocks: { ours: number; theirs: number };
const asked: string[][] = [];

before(async () => {
  const services = {
    logs: { call: (operation: string, input: object) => logs.call(operation, { ...input }) },
    allows: (...given: string[]) => {
      asked.push(given);
      return allowed.includes(given[1] ?? '');
    },
  } as unknown as Services;
  endpoint = await serveAws(services);
});
after(() => endpoint.stop());
beforeEach(() => {
  clocks = { ours: 1_800_000_000_000, theirs: 1_800_000_000_000 };
  allowed = ['logs:PutLogEvents'];
  logs = new LogStore(null, () => clocks.theirs);
  logs.declare(GROUP, [STREAM], 365);
});

const client = new SSMClient({
  ...{ region: 'eu-central-1', credentials: { accessKeyId: 'KEY', secretAccessKey: 's', sessionToken: 't' } },
});

const sender = (group = GROUP) => anchorSender(client, { group, endpoint: endpoint.url }, () => clocks.ours);

function kept(): Anchor[] {
  const input = { logGroupName: GROUP, logStreamName: STREAM, startFromHead: true };
  const { events } = logs.call('GetLogEvents', input) as { events: { message: string }[] };
  return events.map(({ message }) => JSON.parse(message) as Anchor);
}

interface Waiting {
  readonly Name: string;
  readonly Value: string;
}

/** Containers share SSM, and the clock that its parameters change by. */
class Ssm {
  isAway = false;
  now = 7000;
  #steady = 0;
  readonly parameters = new ParameterStore(null, () => this.now);
  /** Page by page, and as fast as anybody likes. */
  readonly #api = new ParameterApi(
    this.parameters,
    () => 1,
    () => {
      this.#steady += 1000;
      return this.#steady;
    },
  );
  readonly client = clientOf({
    call: (operation: string, input: object, by: string) => {
      if (this.isAway) throw new Error('SSM is away');
      return this.#api.answer(operation, { ...input }, by);
    },
  } as unknown as ParameterStore);

  waiting(): string[] {
    const below = { Path: '/x/anchors', Recursive: true };
    const { Parameters } = this.parameters.call('GetParametersByPath', below, 'test') as {
      Parameters: Waiting[];
    };
    return Parameters.map(({ Name }) => Name);
  }
}

function anchoring(ssm = new Ssm()) {
  const warned: unknown[] = [];
  const unsent: number[] = [];
  let steady = 0;
  const log = new AnchorLog({
    ...{ newId: () => 'id', send: sender(), steady: () => steady, backlog: backlogIn(ssm.client, '/x') },
    unsent: (count) => unsent.push(count),
    warn: (message, about) => warned.push([message.split(':')[0], about.entry]),
  });
  const pass = (milliseconds: number) => {
    steady += milliseconds;
  };
  return { log, warned, unsent, pass, ssm };
}

const always = () => true;
const late = (seq: number): Anchor => ({ ...anchor('late', seq) });

test('an anchor is one event of the stream; to add it needs a right on that stream, and on no other', async () => {
  await sender()([anchor('begun')]);
  assert.deepEqual(kept(), [anchor('begun')]);
  const stream = `arn:aws:logs:eu-central-1:000000000000:log-group:${GROUP}:log-stream:${STREAM}`;
  assert.deepEqual(asked.at(-1), ['KEY', 'logs:PutLogEvents', stream]);
  allowed = [];
  await assert.rejects(sender()([anchor('entered')]), /400: .*not authorized to perform: logs:PutLogEvents/);
  assert.equal(kept().length, 1);
});

test('what the service rejects of a request that it takes is a failure, too: a clock that is far off', async () => {
  clocks.ours = clocks.theirs + LOGS.future + 1000;
  await assert.rejects(sender()([anchor('begun')]), /rejectedLogEventsInfo/);
  clocks.ours = clocks.theirs - LOGS.past - 1000;
  await assert.rejects(sender()([anchor('begun')]), /rejectedLogEventsInfo/);
  assert.deepEqual(kept(), []);
  await assert.rejects(sender('Other')([anchor('begun')]), /log group does not exist/);
});

test('where neither the log nor SSM answers nothing is held up, it is said and counted, and the log gets what it has missed with the next entry', async () => {
  const { log, warned, unsent, pass, ssm } = anchoring();
  logs.away = true;
  ssm.isAway = true;
  await log.keep(anchor('begun'));
  await log.keep(anchor('entered'));
  assert.deepEqual(
    warned,
    [1, 1, 1].map((seq) => ['AUDIT_UNANCHORED', seq]),
  );
  assert.deepEqual(unsent, [1, 1]);
  logs.away = false;
  // It is not asked again at once: entries one after the other would wait for it each time.
  await log.keep(anchor('begun', 2));
  assert.deepEqual(kept(), []);
  await log.keep(anchor('entered', 2));
  pass(30_000);
  await log.keep(anchor('begun', 3));
  assert.deepEqual(kept(), [late(1), late(2), anchor('begun', 3)]);
  await log.keep(anchor('entered', 3));
  assert.equal(kept().length, 4);
});

test('what is missed is sent at the next occasion, and once', async () => {
  const { log, pass, ssm } = anchoring();
  await log.settle();
  [logs.away, ssm.isAway] = [true, true];
  await log.keep(anchor('entered'));
  pass(30_000);
  await log.settle();
  logs.away = false;
  pass(30_000);
  await log.settle();
  await log.settle();
  assert.deepEqual(kept(), [anchor('late')]);
});

test('what a container has not sent when it ends waits in SSM, and the controller sends it with the time since which SSM had it', async () => {
  const { log, warned, ssm } = anchoring();
  logs.away = true;
  await log.keep(anchor('begun'));
  ssm.now = 9000;
  await log.keep(anchor('entered'));
  assert.deepEqual(warned, [['AUDIT_UNANCHORED', 1]]);
  assert.deepEqual(ssm.waiting(), ['/x/anchors/begun-id1', '/x/anchors/late-id1']);
  // That container is gone.
  const controller = anchoring(ssm);
  await controller.log.settleAll(always);
  assert.deepEqual(controller.unsent, [2]);
  logs.away = false;
  // It does not ask the log again at once.
  await controller.log.settleAll(always);
  assert.deepEqual([kept(), controller.unsent], [[], [2, 2]]);
  controller.pass(30_000);
  await controller.log.settleAll(always);
  assert.deepEqual(kept(), [
    { ...anchor('begun'), since: 7000 },
    { ...late(1), since: 9000 },
  ]);
  assert.deepEqual([ssm.waiting(), controller.unsent.length], [[], 2]);
  await controller.log.settleAll(always);
  assert.equal(kept().length, 2);
});

test('a container that is back in time has its entry in the log as any other, beside what waits in SSM of its beginning', async () => {
  const { log, pass, ssm } = anchoring();
  logs.away = true;
  await log.keep(anchor('begun'));
  logs.away = false;
  pass(30_000);
  await log.keep(anchor('entered'));
  assert.deepEqual(kept(), [anchor('entered')]);
  await anchoring(ssm).log.settleAll(always);
  assert.deepEqual(kept(), [anchor('entered'), { ...anchor('begun'), since: 7000 }]);
});

test('more than one answer of SSM holds is sent too; a text that is no hash stays, counts, and is said; without time nothing is asked', async () => {
  const { log, ssm } = anchoring();
  logs.away = true;
  for (let seq = 1; seq <= 23; seq++) await log.keep(anchor('entered', seq));
  ssm.parameters.call('PutParameter', { Name: '/x/anchors/mine', Value: 'hello', Type: 'String' }, 'test');
  logs.away = false;
  const controller = anchoring(ssm);
  await controller.log.settleAll(() => false);
  assert.deepEqual(kept(), []);
  await controller.log.settleAll(always);
  assert.equal(kept().length, 23);
  assert.deepEqual(ssm.waiting(), ['/x/anchors/mine']);
  assert.deepEqual([controller.unsent, controller.warned], [[1], [['AUDIT_NO_ANCHOR', 0]]]);
  ssm.isAway = true;
  await controller.log.settleAll(always);
  assert.match(String(controller.warned.at(-1)), /^Hashes of the audit log that wait in SSM/);
});

test('an address where nobody is, or that never answers, is a log that is away', async () => {
  const send = anchorSender(client, { group: GROUP, endpoint: 'http://127.0.0.1:1' }, () => clocks.ours);
  await assert.rejects(send([anchor('begun')]));
});
