/** The operators' manual says what the game days do, and misses no alarm. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Properties, templateOf } from '../infra/assembled.ts';
import { KAFKA } from '../judges/variants.ts';
import { isNamed, isOnlyInAws } from './alarms.ts';
import { alarmsOf, commandsIn } from './day.ts';
import { DAYS, ROWS } from './days/all.ts';
import { PAGE, rewritten, sectionOf } from './page.ts';

/** Of a template with all that has alarms. */
const { Resources } = templateOf(KAFKA);
const all = (type: string): [string, Properties][] =>
  Object.entries(Resources).flatMap(([id, { Type, Properties: properties }]) =>
    Type === type ? [[id, properties]] : [],
  );

test('the tables of the page are those of the list', () => {
  const page = readFileSync(PAGE, 'utf8');
  assert.equal(page, rewritten(page, ROWS), 'npm run gamedays -- --page writes them');
});

test('a section names the commands that its days give, and no others', () => {
  const page = readFileSync(PAGE, 'utf8');
  const named = (text: string) => [...new Set(commandsIn(text))].sort();
  for (const { signs, advice } of ROWS.filter(({ table }) => table === 'sections'))
    assert.deepEqual(named(sectionOf(page, signs[0] as string)), named(advice), signs[0]);
});

test('each alarm of the template has one row, each alarm of a row is in the template, and goes off on a day unless only AWS measures it', () => {
  const ids = all('AWS::CloudWatch::Alarm').map(([id, properties]) => ({ id, properties }));
  const rows = ROWS.filter(({ table }) => table === 'alarms');
  const names = rows.flatMap(({ signs }) => signs);
  for (const alarm of ids)
    assert.equal(names.filter((name) => isNamed(alarm, name)).length, 1, `${alarm.id} has not one row`);
  for (const name of names) {
    const named = ids.filter((alarm) => isNamed(alarm, name));
    assert.ok(named.length > 0, `there is no alarm ${name}`);
    const isMeasured = named.some(({ properties }) => !isOnlyInAws(properties));
    assert.equal(
      DAYS.some((day) => alarmsOf(day).includes(name)),
      isMeasured,
      `${name} goes off on no day, or cannot`,
    );
  }
});

test('errors of each function are watched, but of those whose answer somebody waits for, and of one that nothing depends on', () => {
  const watched = all('AWS::CloudWatch::Alarm').filter(([, { MetricName }]) => MetricName === 'Errors');
  const names = watched.map(([, { Dimensions }]) => Dimensions[0].Value.Ref.slice(9, -8));
  assert.deepEqual(
    [...names, 'Certify', 'Prove', 'Schema'].sort(),
    all('AWS::Lambda::Function')
      .map(([id]) => id.slice(9, -8))
      .sort(),
  );
});

test('days have names of their own', () => {
  assert.deepEqual(
    DAYS.map(({ name }) => name).filter((name, n, names) => names.indexOf(name) !== n),
    [],
  );
});

test('commands are found in what a row says', () => {
  const advice =
    'First `npx crossfade status`, then `npx crossfade verify start NAME --repair`, `npx crossfade set …`; no `npm start`';
  assert.deepEqual(commandsIn(advice), ['status', 'verify start', 'set']);
});
