import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Group, groupsOf, needOf, spread } from './groups.ts';

const PURE = "import { test } from 'node:test';\nbefore(() => {});\ntest('a', () => {});\n";

const sources = (files: Readonly<Record<string, string>>) => (file: string) => files[file] ?? PURE;

const groupsIn = (files: readonly string[], given: Readonly<Record<string, string>>) =>
  groupsOf(files, sources(given)).map((group) => group.files);

test('files that leave nothing behind share a process with others of their folder', () => {
  const files = ['test/a/1.test.ts', 'test/a/2.test.ts', 'test/b/1.test.ts', 'test/b/2.test.ts'];
  assert.deepEqual(groupsIn(files, {}), [files.slice(0, 2), files.slice(2)]);
});

for (const [what, text] of [
  ['a stack', "import { startLocal } from '../../infra/local/start.ts';"],
  ['a mocked clock', "test('a', (t) => t.mock.timers.enable());"],
  ['an environment', "process.env.A = 'b';"],
  ['other environments', 'Object.assign(process.env, login);'],
  ['one less', 'delete process.env[name];'],
  ['another output', 'Object.assign(process.stdout, { write });'],
  ['a global', 'globalThis.fetch = fetch;'],
  ['a process', "import { spawn } from 'node:child_process';"],
] as const)
  test(`a file with ${what} has a process of its own, and so has one that imports it`, () => {
    const files = [1, 2, 3, 4, 5].map((n) => `test/a/${n}.test.ts`);
    const [first, second, third, fourth, fifth] = files as [string, string, string, string, string];
    const found = groupsIn(files, {
      [second]: PURE + text,
      [fourth]: "import { a } from '../world/a.ts';\n",
      'test/world/a.ts': "export { a } from './b.ts';\n",
      'test/world/b.ts': text,
    });
    assert.deepEqual(found, [[first, third, fifth], [second], [fourth]]);
  });

test('hooks of a file that is imported ask for a process, since they run once for all that import it', () => {
  const source = sources({ 'test/a/1.test.ts': "import { a } from '../world/a.ts';\n" });
  assert.equal(needOf('test/a/1.test.ts', source), 'process');
  assert.equal(needOf('test/a/2.test.ts', source), 'nothing');
});

test('a type that is imported, and an environment that is read, ask for no process', () => {
  const source = sources({
    'test/a/1.test.ts': "import type { A } from '../world/a.ts';\nconst { A = '' } = process.env;\n",
    'test/world/a.ts': 'process.exit(1);',
  });
  assert.equal(needOf('test/a/1.test.ts', source), 'nothing');
});

test('no process has so many files, or so many with servers, that it lasts', () => {
  const files = Array.from({ length: 40 }, (_, n) => `test/a/${n}.test.ts`);
  const lengths = (given: Readonly<Record<string, string>>) =>
    groupsIn(files, given).map(({ length }) => length);
  assert.deepEqual(lengths({}), [16, 16, 8]);
  const server = "import { testDatabase } from '../stores/oracle/database.ts';\n";
  const given = {
    ...Object.fromEntries(files.map((file) => [file, server])),
    'test/stores/oracle/database.ts':
      "import { startOracle } from '../../../infra/local/servers/oracle/start.ts';",
  };
  assert.deepEqual(lengths(given), Array(10).fill(4));
});

test('stacks come between the others in the first half, what needs nothing comes last, and each group once', () => {
  const of = (need: Group['need'], ...names: string[]): Group[] =>
    names.map((name) => ({ need, files: [name] }));
  const given = [
    ...of('nothing', 'n1', 'n2', 'n3', 'n4'),
    ...of('stack', 'k1', 'k2'),
    ...of('servers', 's1'),
    ...of('process', 'p1', 'p2'),
    ...of('servers', 's2'),
  ];
  const order = (groups: readonly Group[]) => spread(groups).map(({ files }) => files.join());
  assert.deepEqual(order(given), ['k1', 's1', 'p1', 'k2', 'p2', 's2', 'n1', 'n2', 'n3', 'n4']);
  assert.deepEqual(order(of('nothing', 'n1', 'n2')), ['n1', 'n2']);
});
