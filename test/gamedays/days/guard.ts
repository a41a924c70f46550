/** A move after which requests are worse off, on a stack with a guard. */
import assert from 'node:assert/strict';
import type { Day, Row } from '../day.ts';

const TURNED: Row = {
  table: 'alarms',
  signs: ['GuardTurned'],
  happened:
    'requests of a collection were worse off since a move than in the phase before, and the guard has set its flags back. It goes off for as long as nobody has set them anew',
  advice:
    '`npx crossfade status NAME` has the figures under `GUARD`. Mend what they tell of: mostly Oracle is slow, or refuses. Then `npx crossfade set settle --collection NAME`, or `set inherit --collection NAME`, and `npx crossfade backfill start NAME` where it is in `expand` again: it goes forward; ' +
    '`npx crossfade set expand --collection NAME`, and it stays. See [The guard](#the-guard)',
};

export const GUARDED: readonly Day[] = [
  {
    name: 'slow-in-seal',
    row: TURNED,
    provoke: async (field) => {
      await field.place('expand', 60_000, 'expand');
      await field.succeed('set', 'settle', '--collection', 'cities');
      await field.obeyed('seal', ['cities']);
      // No call fails, and in expand nobody waits for Oracle.
      const action = { kind: 'delay', milliseconds: 400 } as const;
      const fault = { operation: 'execute', statement: 'CITIES', times: null, action } as const;
      await field.stack.stores.oracle.fault(fault);
    },
    expect: async (field) => {
      await field.until(
        'it does not go back',
        async () => (await field.statusOf('cities')).effective.phase,
        (phase) => phase === 'expand',
      );
      assert.match(
        await field.succeed('status', 'cities'),
        /GUARD {4}the flags were set back from seal to expand, .*p99 \d+ ms, \d+ ms before/,
      );
      const { published } = field.stack.deployment.topics;
      assert.equal(published.filter(({ message }) => message.startsWith('GUARD_TURNED: cities')).length, 1);
      assert.equal((await field.statusOf('countries')).effective.phase, 'expand');
    },
    remedy: async (field) => {
      await field.stack.stores.oracle.calm();
      await field.succeed('set', 'settle', '--collection', 'cities');
      // It is refused until the phase has baked.
      await field.until(
        'no backfill succeeds',
        () => field.crossfade('backfill', 'start', 'cities'),
        ({ code }) => code === 0,
      );
      await field.succeed('set', 'expand', '--collection', 'cities');
    },
    healed: async (field) => {
      assert.match(await field.succeed('audit'), /guard.*cities: flags set back to expand/);
      assert.doesNotMatch(await field.succeed('status', 'cities'), /GUARD/);
    },
  },
];
