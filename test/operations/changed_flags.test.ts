/** Each change of a flag is entered once, with who made it and when, as SSM tells: whoever made it, and by whatever tool. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlagVersion } from '../../functions/books/flag_versions.ts';
import {
  type ChangedFlagsPorts,
  enterChangedFlags,
  type FlagChange,
} from '../../functions/operations/changed_flags.ts';
import type { Flag } from '../../functions/phases/flags.ts';
import type { Act } from '../../functions/records/audit.ts';

const READS: Flag = { name: '/x/reads', collection: null, flag: 'reads' };
const OWN: Flag = { name: '/x/collections/orders/reads', collection: 'orders', flag: 'reads' };
const ANN = 'arn:aws:iam::000000000000:user/ann';

const change = (version: number, value: string, at = 10 * version, by = ANN): FlagChange => ({
  ...{ version, value, at, by },
});

class World {
  readonly histories = new Map<string, FlagChange[]>();
  /** What this look has read, where it is not the newest of the history. */
  read: FlagVersion | null = null;
  readonly entered = new Map<string, FlagVersion>();
  readonly acts: Act[] = [];
  readonly said: string[] = [];
  asked = 0;
  left = 100;
  oracleIsAway = false;

  async look(): Promise<string[]> {
    this.acts.splice(0);
    await enterChangedFlags(this.#ports());
    return this.acts.map(
      ({ at, actor, action, detail }) => `${at} ${actor.split('/')[1]} ${action}: ${detail}`,
    );
  }

  #ports(): ChangedFlagsPorts {
    return {
      flags: () =>
        new Map(
          [READS, OWN].flatMap((flag) => {
            const newest = this.read ?? this.histories.get(flag.name)?.at(-1);
            return newest === undefined ? [] : [[flag, newest] as const];
          }),
        ),
      entered: async () => {
        if (this.oracleIsAway) throw new Error('Oracle is away');
        return new Map(this.entered);
      },
      history: async (name) => {
        this.asked++;
        // The service promises no order.
        return (this.histories.get(name) ?? []).toReversed();
      },
      enter: async (act, name, before, { version, at }) => {
        if (this.oracleIsAway) throw new Error('Oracle is away');
        assert.deepEqual(before, this.entered.get(name) ?? null);
        this.entered.set(name, { version, at });
        this.acts.push(act);
      },
      timely: () => this.left-- > 0,
      warn: (message, { cause }) => void this.said.push(`${message} (${cause})`),
    };
  }
}

test('what a deployment has put is no change; each one after it is entered, with who, when and what, and once', async () => {
  const world = new World();
  world.histories.set(READS.name, [change(1, 'couchbase')]);
  world.histories.set(OWN.name, [change(1, 'inherit')]);
  assert.deepEqual([await world.look(), world.asked], [[], 0]);
  world.histories.get(READS.name)?.push(change(2, 'oracle'), change(3, 'couchbase', 30, 'arn:x:role/bob'));
  world.histories.get(OWN.name)?.push(change(2, 'oracle'));
  assert.deepEqual(await world.look(), [
    '20 ann all collections: flag changed: reads oracle: version 2 of /x/reads in SSM',
    '30 bob all collections: flag changed: reads couchbase: version 3 of /x/reads in SSM',
    '20 ann orders: flag changed: reads oracle: version 2 of /x/collections/orders/reads in SSM',
  ]);
  assert.deepEqual([await world.look(), world.asked], [[], 2]);
});

test('where Oracle is away the next look enters them, and goes on where the one before came to', async () => {
  const world = Object.assign(new World(), { oracleIsAway: true });
  world.histories.set(READS.name, [change(1, 'couchbase'), change(2, 'oracle'), change(3, 'couchbase')]);
  assert.deepEqual(await world.look(), []);
  assert.match(world.said[0] ?? '', /the next look enters them \(Error: Oracle is away\)/);
  world.entered.set(READS.name, { version: 2, at: 20 });
  world.oracleIsAway = false;
  assert.deepEqual(await world.look(), [
    '30 ann all collections: flag changed: reads couchbase: version 3 of /x/reads in SSM',
  ]);
});

test('a read that is late is no change; a parameter that was made anew begins anew', async () => {
  const world = new World();
  world.entered.set(READS.name, { version: 3, at: 30 });
  world.histories.set(READS.name, [change(1, 'couchbase'), change(2, 'oracle'), change(3, 'couchbase')]);
  world.read = { version: 2, at: 20 };
  assert.deepEqual(await world.look(), []);
  world.read = null;
  world.histories.set(READS.name, [change(1, 'couchbase', 100), change(2, 'oracle', 110)]);
  assert.deepEqual(await world.look(), [
    '100 ann all collections: flag changed: reads couchbase: version 1 of /x/reads in SSM',
    '110 ann all collections: flag changed: reads oracle: version 2 of /x/reads in SSM',
  ]);
  // The history may be read as it was before: what it does not have yet is entered with the next look.
  world.read = { version: 3, at: 120 };
  assert.deepEqual(await world.look(), []);
});

test('changes that SSM does not keep any more are told as such', async () => {
  const world = new World();
  world.histories.set(READS.name, [change(120, 'couchbase'), change(121, 'oracle')]);
  assert.deepEqual(await world.look(), [
    '1200 ann all collections: flag changed: reads couchbase: version 120 of /x/reads in SSM; of 2 to 119 SSM tells no more',
    '1210 ann all collections: flag changed: reads oracle: version 121 of /x/reads in SSM',
  ]);
});

test('where there is no time left the rest is entered with the next look', async () => {
  const world = Object.assign(new World(), { left: 1 });
  for (const { name } of [READS, OWN]) world.histories.set(name, [change(1, 'a'), change(2, 'b')]);
  assert.equal((await world.look()).length, 1);
  world.left = 1;
  assert.equal((await world.look()).length, 1);
});
