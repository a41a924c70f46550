/** A move that waits for an operator, while clients write and read. */
import assert from 'node:assert/strict';
import { isReady } from '../../../functions/control/hold.ts';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';
import { ready } from '../ready.ts';

const WHY = 'not before the sale is over';

const HELD: Row = {
  table: 'messages',
  signs: ['READY: … is ready for the move from … to …', 'held by …'],
  advice:
    'an operator, or `moves.hold` of the configuration, lets this move wait: `npx crossfade commit NAME` lets it through, `npx crossfade hold NAME --release` ends the hold. ' +
    'See [Moving in a window](#moving-in-a-window)',
};

const UNREADABLE: Row = {
  table: 'messages',
  signs: ['HOLD_UNREADABLE', 'HOLD_CHANGED'],
  advice:
    'the parameter `/crossfade/collections/NAME/hold` was written by hand, or by two operators at the same time; forward moves wait: `npx crossfade hold NAME` writes it anew, ' +
    '`npx crossfade hold NAME --release` ends the hold',
};

/** How often operators were told that it is ready for the move into `seal`, which this day holds. */
function timesTold({ stack }: Field): number {
  const { published } = stack.deployment.topics;
  return published.filter(
    ({ message }) =>
      message.startsWith('READY: cities is ready for the move from expand to seal') && message.includes(WHY),
  ).length;
}

/** Until all that the move needs is there, and it waits for an operator alone. */
async function readyFor(field: Field, to: string): Promise<void> {
  await field.until(
    `cities is not ready for ${to}`,
    async () => (await field.statusOf('cities')).decision,
    (decision) => decision.kind === 'wait' && decision.to === to && isReady(decision.conditions),
  );
}

async function comesTo(field: Field, phase: string): Promise<void> {
  await field.until(
    `it does not come to ${phase}`,
    async () => (await field.statusOf('cities')).effective.phase,
    (now) => now === phase,
  );
}

/** The second one ends in `settle`. */
export const HOLDS: readonly Day[] = [
  {
    name: 'hold-by-hand',
    row: UNREADABLE,
    provoke: async (field) => {
      await field.place('expand', 60_000, 'settle');
      field.put('/crossfade/collections/cities/hold', 'until Monday');
    },
    expect: async (field) => {
      await field.until(
        'status does not say so',
        () => field.crossfade('status', 'cities'),
        ({ output }) =>
          output.includes('HOLD_UNREADABLE: /crossfade/collections/cities/hold holds "until Monday"'),
      );
    },
    remedy: async (field) => {
      await field.succeed('hold', 'cities', '--release');
      await field.succeed('set', 'expand');
    },
    healed: async (field) => {
      assert.doesNotMatch(await field.succeed('status', 'cities'), /HOLD_/);
    },
  },
  {
    name: 'held-and-committed',
    row: HELD,
    provoke: async (field) => {
      await ready(field);
      await field.succeed('hold', 'cities', '--why', WHY);
      await field.succeed('set', 'settle', '--collection', 'cities');
      await readyFor(field, 'seal');
    },
    expect: async (field) => {
      assert.match(
        await field.succeed('status', 'cities'),
        /READY {4}for seal; held by .* since .*, because not before the sale is over/,
      );
      // Many looks later it stands where it stood, and nobody was told twice.
      await field.until(
        'it is not told',
        () => timesTold(field),
        (times) => times > 0,
      );
      for (let looks = 0; looks < 3; looks++) await field.stack.deployment.entry('control').invoke({});
      assert.equal(timesTold(field), 1);
      assert.equal((await field.statusOf('cities')).effective.phase, 'expand');
    },
    remedy: async (field) => {
      await field.succeed('commit', 'cities', '--within', '1h', '--why', 'the sale is over');
      await comesTo(field, 'seal');
      await readyFor(field, 'switch');
      await field.succeed('hold', 'cities', '--release');
      await comesTo(field, 'settle');
    },
    healed: async (field) => {
      assert.match(await field.succeed('audit'), /cities: commit of expand to seal .*the sale is over/);
    },
  },
];
