import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Flags,
  isPhase,
  nextPhase,
  PHASES,
  RESTING_PHASES,
  ROUTES,
  storesOf,
  wantedPhase,
} from '../../functions/protocol/phase.ts';

const anyFlags: fc.Arbitrary<Flags> = fc.record({
  couchbaseWrites: fc.boolean(),
  oracleWrites: fc.boolean(),
  reads: fc.constantFrom('couchbase', 'oracle'),
});

test('a phase is known by its name, and nothing else is one', () => {
  for (const phase of PHASES) assert.equal(isPhase(phase), true);
  for (const other of ['', 'finale', 'Legacy', 'retired']) assert.equal(isPhase(other), false, other);
});

test('every combination of flags either names the one resting phase that has them or is refused with a reason', () => {
  fc.assert(
    fc.property(anyFlags, (flags) => {
      const wanted = wantedPhase(flags);
      const rows = RESTING_PHASES.filter(
        (phase) => JSON.stringify(ROUTES[phase].flags) === JSON.stringify(flags),
      );
      if ('phase' in wanted) assert.deepEqual(rows, [wanted.phase]);
      else {
        assert.deepEqual(rows, []);
        assert.match(wanted.refused, /Set /);
        const none = !(flags.couchbaseWrites || flags.oracleWrites);
        assert.equal(/both false/.test(wanted.refused), none);
      }
    }),
  );
});

test('a walk between any two phases visits every phase between them, one at a time', () => {
  for (const from of PHASES)
    for (const to of PHASES) {
      const walk: string[] = [from];
      for (let at = from; at !== to; walk.push(at)) at = nextPhase(at, to);
      const span = PHASES.slice(
        Math.min(PHASES.indexOf(from), PHASES.indexOf(to)),
        Math.max(PHASES.indexOf(from), PHASES.indexOf(to)) + 1,
      );
      assert.deepEqual(walk, PHASES.indexOf(from) <= PHASES.indexOf(to) ? span : span.reverse());
      assert.equal(nextPhase(to, to), to);
    }
});

test('neighbouring phases differ in one column of the table, so that they can run side by side', () => {
  for (const [index, phase] of PHASES.entries()) {
    const before = PHASES[index - 1];
    if (before === undefined) continue;
    const [a, b] = [ROUTES[before], ROUTES[phase]];
    const changes = [
      a.flags.reads !== b.flags.reads,
      a.acknowledge !== b.acknowledge,
      a.first !== b.first,
      (a.second === null) !== (b.second === null),
    ];
    assert.ok(changes.filter(Boolean).length <= 2, `${before} to ${phase} changes too much at once`);
  }
});

test('the table in the protocol page is the table in the code', async () => {
  const page = await readFile(new URL('../../functions/protocol/README.md', import.meta.url), 'utf8');
  for (const phase of PHASES) {
    const { flags, first, second, acknowledge } = ROUTES[phase];
    const acknowledged =
      acknowledge === 'both'
        ? 'both have it'
        : `first has it${second === null ? '' : ', and second or a receipt'}`;
    const cells = [
      flags.couchbaseWrites,
      flags.oracleWrites,
      flags.reads,
      first,
      second ?? '–',
      acknowledged,
    ];
    const row = `| \`${phase}\` | ${cells.join(' | ')} |`;
    assert.ok(page.includes(row), `the page lacks the row ${row}`);
  }
});

test('requests need the stores that are written in their phase, the one that decides first', () => {
  const stores = Object.fromEntries(PHASES.map((phase) => [phase, storesOf(phase).join(', ')]));
  assert.deepEqual(stores, {
    ...{ legacy: 'couchbase', expand: 'couchbase, oracle', seal: 'couchbase, oracle' },
    ...{ switch: 'couchbase, oracle', settle: 'oracle, couchbase', contract: 'oracle' },
  });
});
