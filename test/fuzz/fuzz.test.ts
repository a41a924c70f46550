/** A sample of `npm run fuzz`, and that it finds what is planted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Answer, apiHolds, type Served } from './api.ts';
import { mutated } from './mutations.ts';
import { describedEvents, SECRET, samplesOf } from './samples.ts';
import { TARGETS } from './targets.ts';

/** Events of the API, and of each other function. */
const [OF_API, OF_OTHERS] = [800, 150];

for (const { name, property } of TARGETS)
  test(`${name} holds whatever it is invoked with`, async () => {
    const ends = new Set<string>();
    await fc.assert(
      property((how) => void ends.add(how)),
      { numRuns: name === 'api' ? OF_API : OF_OTHERS },
    );
    // Neither is all refused, nor is nothing.
    assert.ok(ends.size > 1, [...ends].join());
  });

test('each sample is served as it is', async () => {
  for (const event of describedEvents()) assert.match(await apiHolds('seal', event), /^(2|304|404|412)/);
  for (const event of samplesOf('api')) assert.match(await apiHolds('legacy', event), /^(2|304|404|412)/);
});

const PLANTED: readonly (readonly [string, (answer: Answer) => Answer])[] = [
  [
    'a failure of the server',
    (answer) => (answer.statusCode === 400 ? { ...answer, statusCode: 500 } : answer),
  ],
  [
    'a status that nobody has described',
    (answer) => (answer.statusCode === 204 ? { ...answer, statusCode: 202 } : answer),
  ],
  [
    'a header that nobody has described',
    (answer) => ({ ...answer, headers: { ...answer.headers, 'x-more': '1' } }),
  ],
  [
    'a value of a document',
    (answer) =>
      answer.statusCode === 412 ? { ...answer, body: answer.body.replace('Nothing', SECRET) } : answer,
  ],
  [
    'a problem without its instance',
    (answer) => ({ ...answer, body: answer.body.replace(/,"instance":"[^"]*"/, '') }),
  ],
  [
    'an answer that is too large',
    (answer) => (answer.statusCode === 204 ? { ...answer, body: ' '.repeat(7_000_000) } : answer),
  ],
  ['results in another order', (answer) => ({ ...answer, body: reversed(answer.body) })],
];

function reversed(body: string): string {
  if (!body.startsWith('{"phase"')) return body;
  const { phase, results } = JSON.parse(body) as { phase: string; results: object[] };
  return JSON.stringify({ phase, results: results.reverse() });
}

test('it finds what is planted, and a failure that nobody has thought of', async () => {
  const events = mutated([...samplesOf('api'), ...describedEvents()], 2);
  const found = async (plant: (answer: Answer) => Answer) => {
    const serve: Served = async (api, event) => plant(await api.serve(event, () => 20_000));
    const property = fc.asyncProperty(events, async (event) => void (await apiHolds('seal', event, serve)));
    return (await fc.check(property, { numRuns: 300, endOnFailure: true })).failed;
  };
  for (const [name, plant] of PLANTED) assert.ok(await found(plant), name);
  const bug = (): Answer => {
    throw new TypeError('x is not a function');
  };
  assert.ok(await found(bug), 'a bug');
  assert.ok(!(await found((answer) => answer)), 'nothing');
});
