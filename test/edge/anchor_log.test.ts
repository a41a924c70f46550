/** The hashes of the audit log on their way into CloudWatch Logs: signed, taken or rejected, and made up for where the log was away. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { SSMClient } from '@aws-sdk/client-ssm';
import { AnchorLog, anchorSender, STREAM } from '../../functions/edge/anchor_log.ts';
import { type Anchor, anchorOf } from '../../functions/records/anchors.ts';
import { BEGINNING, follow } from '../../functions/records/audit.ts';
import { type Endpoint, type Services, serveAws } from '../../infra/local/aws/endpoint.ts';
import { LogStore } from '../../infra/local/aws/logs.ts';
import { LOGS } from '../../infra/local/limits.ts';

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

function anchoring() {
  const warned: unknown[] = [];
  let steady = 0;
  const log = new AnchorLog({
    ...{ newId: () => 'id', send: sender(), steady: () => steady },
    warn: (message, about) => warned.push([message.split(':')[0], about.entry]),
  });
  const pass = (milliseconds: number) => {
    steady += milliseconds;
  };
  return { log, warned, pass };
}

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

test('a log that is away holds nothing up, is said, and gets what it has missed with the next entry', async () => {
  const { log, warned, pass } = anchoring();
  logs.away = true;
  await log.keep(anchor('begun'));
  await log.keep(anchor('entered'));
  assert.deepEqual(warned, [['AUDIT_UNANCHORED', 1]]);
  logs.away = false;
  // It is not asked again at once: entries one after the other would wait for it each time.
  await log.keep(anchor('begun', 2));
  assert.deepEqual(kept(), []);
  await log.keep(anchor('entered', 2));
  pass(30_000);
  await log.keep(anchor('begun', 3));
  assert.deepEqual(kept(), [anchor('late', 1), anchor('late', 2), anchor('begun', 3)]);
  await log.keep(anchor('entered', 3));
  assert.equal(kept().length, 4);
});

test('what is missed is sent at the next occasion, and once', async () => {
  const { log, pass } = anchoring();
  await log.settle();
  logs.away = true;
  await log.keep(anchor('entered'));
  pass(30_000);
  await log.settle();
  logs.away = false;
  pass(30_000);
  await log.settle();
  await log.settle();
  assert.deepEqual(kept(), [anchor('late')]);
});

test('an address where nobody is, or that never answers, is a log that is away', async () => {
  const send = anchorSender(client, { group: GROUP, endpoint: 'http://127.0.0.1:1' }, () => clocks.ours);
  await assert.rejects(send([anchor('begun')]));
});
