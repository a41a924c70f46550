/** Oracle comes back without its last commits, and neither its DBID nor its incarnation tells it: a storage snapshot, a restored machine. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Heartbeats } from '../../functions/books/heartbeats.ts';
import { acceptIdentity } from '../../functions/identity/accept.ts';
import type { Heartbeat } from '../../functions/records/heartbeat.ts';
import { proven, startWorld, type World } from './falling_world.ts';

const HEARTBEAT = 'oracle-heartbeat';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.stop());

test('an old clean verification opens no gate after Oracle has lost commits, until it is accepted and verified anew', async () => {
  const { stores, look } = world.controller();
  await proven(stores);
  await look();
  await world.oracle.restorePoint();
  await look();
  assert.equal(world.read(HEARTBEAT), '2');
  await world.oracle.fallBack({ resetLogs: false });
  world.want('settle');
  for (let looks = 0; looks < 2; looks++) {
    const counted = await look();
    assert.equal(world.phase(), 'expand');
    assert.equal(counted.get('IdentityChanged'), 1);
  }
  // It rests until the other state is accepted.
  assert.equal(world.read(HEARTBEAT), '2');
  const told =
    /IDENTITY_CHANGED: Oracle of orders .*\(history\): .* fell back from number 2 of \d.* to number 1 of \d.*, and was .* history unbroken/;
  assert.match(world.said.at(-1) ?? '', told);
  // Another container, which was not there before.
  const other = world.controller().stores;
  await assert.rejects(other.identity.require('orders', 'expand'), told);
  const accepted = await acceptIdentity(
    { collection: 'orders', why: 'the snapshot is what is left', truth: 'couchbase' },
    {
      phase: async () => ({ phase: 'expand', ahead: null }),
      sights: (phase) => other.identity.sights('orders', phase),
      audit: async () => {},
      note: (until) => other.notDurable.note('orders', until),
      accept: (affected) => other.identity.accept('orders', affected),
      // The time until which gates wait is rounded up to ten seconds.
      now: () => Date.now() - 20_000,
    },
  );
  assert.ok('before' in accepted);
  const { stores: later, look: lookLater } = world.controller();
  assert.equal((await lookLater()).get('IdentityChanged'), 0);
  assert.equal(world.phase(), 'expand');
  assert.equal(world.read(HEARTBEAT), '3');
  await proven(later, Date.now() - 5000);
  await lookLater();
  assert.equal(world.phase(), 'seal');
});

test('a parameter that holds no number fails the look and nothing else, and the lowest number there mends it', async () => {
  const { look, stores } = world.controller();
  world.put(HEARTBEAT, 'seven');
  await assert.rejects(
    look(),
    /HEARTBEAT_PARAMETER: the parameter \/x\/oracle-heartbeat holds "seven".*aws ssm put-parameter --overwrite --name \/x\/oracle-heartbeat --value 1$/,
  );
  await stores.identity.require('orders', 'seal');
  const { number } = (await new Heartbeats(stores.database).read()) as Heartbeat;
  world.put(HEARTBEAT, '1');
  await look();
  assert.equal(world.read(HEARTBEAT), String(number + 1));
});

test('without the table nothing goes on, and the message names what creates it', async () => {
  const { stores } = world.controller();
  await world.oracle.fault({
    ...{ operation: 'execute', statement: 'CROSSFADE_HEARTBEAT', times: 1 },
    action: { kind: 'error', number: 942, text: 'table or view does not exist' },
  });
  await assert.rejects(
    stores.identity.require('orders', 'seal'),
    /IDENTITY_UNKNOWN: .* npx crossfade schema/,
  );
});
