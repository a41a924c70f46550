/** A move after which requests are worse off, of all keys or of a share of them, on stacks with a guard. */
import assert from 'node:assert/strict';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';

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
      const action = { kind: 'delay', milliseconds: 1200 } as const;
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

const shareOf = async (field: Field) => {
  const { phase, ramp } = (await field.statusOf('cities')).effective;
  return `${phase} ${ramp?.percent ?? 'all'}`;
};

export const RAMPED: readonly Day[] = [
  {
    name: 'slow-for-a-share',
    row: TURNED,
    provoke: async (field) => {
      await field.place('expand', 60_000, 'expand');
      await field.succeed('set', 'settle', '--collection', 'cities');
      const isAhead = (seen: string) => seen === 'expand 30';
      await field.until('no share goes ahead', () => shareOf(field), isAhead);
      // Only the share waits for Oracle.
      const action = { kind: 'delay', milliseconds: 1200 } as const;
      const fault = { operation: 'execute', statement: 'CITIES', times: null, action } as const;
      await field.stack.stores.oracle.fault(fault);
    },
    expect: async (field) => {
      const isBack = (seen: string) => seen === 'expand 0';
      await field.until('the share does not go back', () => shareOf(field), isBack);
      assert.match(
        await field.succeed('status', 'cities'),
        /GUARD {4}the flags were set back from seal to expand, .*seal compared with expand: .*p99 \d+ ms, \d+ ms before/,
      );
    },
    remedy: async (field) => {
      await field.stack.stores.oracle.calm();
      // CloudWatch tells of minutes as a whole: a share that is ahead again in this one would be judged by what was slow in it.
      const minute = () => Math.floor(Date.now() / 60_000);
      const slow = minute();
      await field.until('the minute does not end', minute, (now) => now > slow, 90_000);
      await field.succeed('set', 'settle', '--collection', 'cities');
      // The stay in expand goes on, and with it what was proven in it: nothing has to be copied again.
      const isThrough = (seen: string) => seen === 'seal 100';
      // The guard has its minutes in expand once more, and then for the share.
      await field.until('the ramp does not go through', () => shareOf(field), isThrough, 600_000);
      await field.succeed('set', 'expand', '--collection', 'cities');
    },
    healed: async (field) => {
      const log = await field.succeed('audit');
      assert.match(log, /cities: phase expand, with 30 % of the keys in seal/);
      assert.match(log, /cities: phase expand again for all keys, none in seal/);
      assert.doesNotMatch(await field.succeed('status', 'cities'), /GUARD/);
    },
  },
];
