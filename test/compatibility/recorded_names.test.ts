/** Names that the version before has given to others are still there, or a step in CHANGELOG.md says what takes their place. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tableOf } from '../../functions/configuration/collection.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { collectionSubjects, SCHEMA_TABLE } from '../../functions/stores/oracle/schema.ts';
import { checkSettings } from '../../infra/settings.ts';
import { template } from '../infra/template.ts';
import { SETTINGS } from './configuration.ts';
import { columnsIn, namesInSource, namesInTemplate } from './names.ts';
import { recorded } from './recorded.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const before = recorded('names.json');
const [source, deployed] = [namesInSource(ROOT), namesInTemplate(template)];

/** Those that are gone, and that the section of the next release does not name. */
function unexplained(names: readonly string[], now: readonly string[]): string[] {
  const [, section = ''] = readFileSync(`${ROOT}CHANGELOG.md`, 'utf8').split(/^## Unreleased$/m);
  const [unreleased = ''] = section.split(/^## \d/m);
  return names.filter((name) => !now.includes(name) && !unreleased.includes(`\`${name}\``));
}

/** All of the functions' source. */
function sourceText(): string {
  const folder = join(ROOT, 'functions');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

test('no error, problem or route of the version before is gone', () => {
  assert.deepEqual(unexplained(before.source.errors, source.errors), []);
  assert.deepEqual(unexplained(before.source.problems, source.problems), []);
  assert.deepEqual(unexplained(before.template.routes, deployed.routes), []);
});

test('parameters keep their names and patterns, and resources their ids: CloudFormation would make others anew', () => {
  assert.deepEqual(unexplained(before.template.resources, deployed.resources), []);
  for (const [name, pattern] of Object.entries(before.template.parameters))
    assert.equal(deployed.parameters[name], pattern, name);
});

/** Variables that are new, and that code does without. */
const MISSING_AT_FIRST = [
  ...['AUDIT_LOG', 'CERTIFY_MACHINE'],
  ...['ORACLE_LOGINS', 'ORACLE_WORK_SECRET', 'ORACLE_CONTROL_SECRET'],
];

test('functions have the variables that they had, and need no other ones', () => {
  // Lambda changes code and environment one after the other, so each may meet the other's of the version before.
  for (const [handler, names] of Object.entries(before.template.variables))
    assert.deepEqual(
      deployed.variables[handler]?.filter((name) => !MISSING_AT_FIRST.includes(name)),
      names,
      handler,
    );
});

test('each metric is still counted somewhere, and each line of the log still written', () => {
  const text = sourceText();
  const missing = (names: readonly string[]) => names.filter((name) => !text.includes(name));
  const metrics = [...Object.keys(before.metrics), ...before.template.metrics];
  assert.deepEqual(unexplained(missing(metrics), []), []);
  for (const [name, { namespace, dimensions }] of Object.entries(before.metrics))
    assert.deepEqual([namespace, dimensions], ['Crossfade', [['service']]], name);
  assert.deepEqual(unexplained(missing(Object.keys(before.logs)), []), []);
});

test('no table or column is gone', () => {
  const subjects = [
    CONTROL,
    ...Object.values(checkSettings(SETTINGS, 'test').configuration.collections).flatMap(({ oracle }) =>
      collectionSubjects(tableOf(oracle)),
    ),
  ];
  const now = columnsIn([SCHEMA_TABLE, ...subjects.flatMap(({ steps }) => steps.flat())]);
  for (const [table, columns] of Object.entries(before.tables))
    assert.deepEqual(unexplained(columns, Object.keys(now[table] ?? {})), [], table);
});
