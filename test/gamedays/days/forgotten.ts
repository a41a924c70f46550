/** A store has forgotten what it had acknowledged, a repair has replaced something, and an operator decides. */
import assert from 'node:assert/strict';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';

const CONFLICTS: Row = {
  table: 'alarms',
  signs: ['ConflictsOpen'],
  happened:
    'a store had forgotten what it had acknowledged (a failover or a fallback with loss), or a row was changed by SQL before `settle`, and a repair has replaced contents. They are set aside, and nobody has decided on ' +
    'them. No gate that wants a clean verification opens before',
  advice:
    '`npx crossfade status` says how many, and of which collection; `npx crossfade set-aside list NAME --open` which keys, and `npx crossfade set-aside show NAME KEY` what they ' +
    'held. What is still wanted: `npx crossfade set-aside restore NAME --prefix P --why …` tells what would be written, and `--confirm` writes it. The rest: ' +
    '`npx crossfade set-aside keep NAME --prefix P --why … --confirm`. See [When a store has forgotten](#when-a-store-has-forgotten)',
};

const PLACE = { collection: 'cities', key: 'forgotten' };
const BODY = '{"name":"Atlantis","country":"GR","population":1}';

const conflictsIn = async (field: Field) => {
  const { evidence } = await field.statusOf(PLACE.collection);
  return 'missing' in evidence ? null : (evidence.collection.conflicts ?? null);
};

export const FORGOTTEN: readonly Day[] = [
  {
    name: 'store-forgets',
    row: CONFLICTS,
    // A failover leaves in doubt what clients write meanwhile.
    isQuiet: true,
    provoke: async (field) => {
      const { couchbase } = field.stack.stores;
      await couchbase.lagReplication();
      // As a write without durability: it is acknowledged, no replica hears of it, and its receipt copies it to Oracle.
      await field.stores.upsert(PLACE, BODY);
      await field.app.get(PLACE);
      await field.held(PLACE.collection, PLACE.key, BODY);
      await couchbase.failOver();
      await couchbase.nodesBack();
      const look = async () => {
        await field.app.get(PLACE);
        return conflictsIn(field);
      };
      await field.until('nothing is set aside', look, (open) => open === 1);
    },
    expect: async (field) => {
      const told = await field.succeed('status');
      assert.match(
        told,
        /CONFLICTS {2}1 contents were replaced .*npx crossfade set-aside list cities --open/,
      );
      await field.held(PLACE.collection, PLACE.key, null);
    },
    remedy: async (field) => {
      assert.match(
        await field.succeed('set-aside', 'list', 'cities', '--open'),
        /"forgotten" set aside .*open\n/,
      );
      assert.ok((await field.succeed('set-aside', 'show', 'cities', PLACE.key)).includes(BODY));
      const restore = ['set-aside', 'restore', 'cities', '--prefix', 'forgot', '--why', 'a failover lost it'];
      assert.match(await field.succeed(...restore), /"forgotten" would be restored/);
      assert.equal(await conflictsIn(field), 1);
      assert.match(await field.succeed(...restore, '--confirm'), /1 entries were closed, 0 stay open/);
      const keep = [
        'set-aside',
        'keep',
        'cities',
        '--prefix',
        'forgot',
        '--why',
        'what is left',
        '--confirm',
      ];
      assert.match(await field.succeed(...keep), /0 entries were closed, 0 stay open/);
    },
    healed: async (field) => {
      await field.held(PLACE.collection, PLACE.key, BODY);
      assert.equal(await conflictsIn(field), 0);
      assert.doesNotMatch(await field.succeed('status'), /CONFLICTS/);
      assert.match(await field.succeed('audit'), /set-aside restore .*a failover lost it/);
    },
  },
];
