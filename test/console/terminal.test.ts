/** What a command prints: no key that a client has chosen, and no text of a server, steers the terminal of an operator. */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { tellDecided } from '../../infra/console/decisions.ts';
import { Terminal } from '../../infra/console/terminal.ts';
import { auditLines } from '../../infra/console/told/audit.ts';
import { changeLine } from '../../infra/console/told/sql_changes.ts';

/** Goes up two lines and writes over them, in the form of 8 bits, which JSON leaves as it is. */
const KEY = 'k\x9b2A\x9b2Kall is well\u202e';

function printed(print: (terminal: Terminal) => void, json: boolean): string {
  let all = '';
  const take = (text: unknown) => {
    all += text;
    return true;
  };
  const writes = [process.stdout, process.stderr].map((stream) => mock.method(stream, 'write', take));
  try {
    print(new Terminal({ json }));
  } finally {
    for (const each of writes) each.mock.restore();
  }
  return all;
}

test('lines and JSON have such characters escaped, and their ends of lines', () => {
  const change = {
    ...({ key: KEY, what: 'delete', version: '1', handoff: null, handback: '0', changes: 1 } as const),
    ...{ firstAt: 0, lastAt: 0, user: 'A\rB', osUser: null, module: '\x1b]0;title\x07' },
  };
  const line = changeLine(change);
  for (const json of [false, true]) {
    const all = printed((terminal) => {
      terminal.show(change, [line, line]);
      terminal.each(change, line);
      terminal.say(line);
    }, json);
    assert.doesNotMatch(all.replaceAll('\n', ''), /[\p{Cc}\u202e]/u);
    assert.match(all, /k\\u009b2A\\u009b2Kall is well\\u202e/);
  }
  const [told] = JSON.parse(`[${printed((terminal) => terminal.each(change, line), true)}]`);
  assert.deepEqual(told, change);
});

test('an entry of the audit log is one line, whatever its reason is', () => {
  const entry = { seq: 1, at: 0, actor: 'ann', action: 'orders: released', hash: 'h' };
  const lines = auditLines({
    entries: [{ ...entry, detail: 'so\n2 1970-01-01 boss orders: force' }],
    brokenAt: null,
  });
  assert.equal(
    lines[0],
    '1 1970-01-01T00:00:00.000Z ann orders: released so 2 1970-01-01 boss orders: force',
  );
});

test('a program reads each entry that was decided about, a line of JSON each, also those that were done as asked for', async (t) => {
  const outcomes = async function* () {
    yield* [
      { key: 'a', does: 'leave', why: null },
      { key: 'b', does: 'nothing', why: 'it was changed again' },
    ];
  };
  const told = async (json: boolean, confirm: boolean) => {
    const lines: string[] = [];
    const take = (text: unknown) => lines.push(String(text)) > 0;
    const writes = [
      t.mock.method(process.stdout, 'write', take),
      t.mock.method(process.stderr, 'write', () => true),
    ];
    await tellDecided(new Terminal({ json }), outcomes(), confirm, ({ key }) => key);
    for (const each of writes) each.mock.restore();
    process.exitCode = 0;
    return lines.join('').split('\n').slice(0, -1);
  };
  const whole = [
    { key: 'a', does: 'leave', why: null },
    { key: 'b', does: 'nothing', why: 'it was changed again' },
  ];
  const read = async (confirm: boolean) => (await told(true, confirm)).map((line) => JSON.parse(line));
  assert.deepEqual([await read(true), await read(false)], [whole, whole]);
  // People read what stays open; the rest is counted.
  assert.deepEqual([await told(false, true), await told(false, false)], [['b'], ['a', 'b']]);
});
