/** CloudWatch Logs on this machine: what it takes, what it rejects, and how it is read. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LogStore } from '../../infra/local/aws/logs.ts';
import { LOGS } from '../../infra/local/limits.ts';

const NOW = 1_800_000_000_000;
const PLACE = { logGroupName: 'g', logStreamName: 's' };
const folder = mkdtempSync(join(tmpdir(), 'crossfade-'));
after(() => rmSync(folder, { recursive: true }));

function store(file: string | null = null, days = 365): LogStore {
  const logs = new LogStore(file, () => NOW);
  logs.declare('g', ['s'], days);
  return logs;
}

const event = (message: string, timestamp = NOW) => ({ message, timestamp });
const put = (logs: LogStore, logEvents: readonly object[], place: object = PLACE) =>
  logs.call('PutLogEvents', { ...place, logEvents });

interface Page {
  readonly events: readonly { readonly message: string; readonly ingestionTime: number }[];
  readonly nextForwardToken: string;
}
const get = (logs: LogStore, more: object = {}) =>
  logs.call('GetLogEvents', { ...PLACE, startFromHead: true, ...more }) as Page;

test('events are told in their order, page by page, until the same token comes again', () => {
  const logs = store();
  put(logs, [event('a'), event('b')]);
  put(logs, [event('c')]);
  const first = get(logs, { limit: 2 });
  assert.deepEqual(
    first.events.map(({ message }) => message),
    ['a', 'b'],
  );
  assert.equal(first.events[0]?.ingestionTime, NOW);
  const second = get(logs, { limit: 2, nextToken: first.nextForwardToken });
  assert.deepEqual(
    second.events.map(({ message }) => message),
    ['c'],
  );
  const third = get(logs, { nextToken: second.nextForwardToken });
  assert.deepEqual([third.events, third.nextForwardToken], [[], second.nextForwardToken]);
});

test('what is too old or too new is rejected with a success, and the rest of the batch is taken', () => {
  const logs = store(null, 1);
  const DAY = 86_400_000;
  assert.deepEqual(
    put(logs, [event('old', NOW - DAY - 1), event('now'), event('new', NOW + LOGS.future + 1)]),
    {
      rejectedLogEventsInfo: { tooNewLogEventStartIndex: 2, tooOldLogEventEndIndex: 1 },
    },
  );
  assert.equal(get(logs).events.length, 1);
  assert.deepEqual(put(store(), [event('old', NOW - DAY - 1)]), {});
});

test('a request that CloudWatch would refuse is refused', () => {
  const logs = store();
  const refused = (name: string, logEvents: readonly object[], place?: object) =>
    assert.throws(() => put(logs, logEvents, place), { type: name });
  refused('ResourceNotFoundException', [event('a')], { ...PLACE, logGroupName: 'x' });
  refused('ResourceNotFoundException', [event('a')], { ...PLACE, logStreamName: 'x' });
  refused('InvalidParameterException', []);
  refused('InvalidParameterException', [event('')]);
  refused('InvalidParameterException', [event('b', NOW), event('a', NOW - 1)]);
  refused('InvalidParameterException', [event('a'.repeat(LOGS.batch))]);
  for (const operation of ['DeleteLogStream', 'PutRetentionPolicy'])
    assert.throws(() => logs.call(operation, PLACE), { type: 'UnknownOperationException' });
  assert.deepEqual(get(logs).events, []);
});

test('events outlive the process where they have a file', () => {
  const file = join(folder, 'logs.jsonl');
  put(store(file), [event('a'), event('b')]);
  assert.equal(get(store(file)).events.length, 2);
});
