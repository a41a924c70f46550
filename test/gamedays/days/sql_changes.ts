/** Somebody changes a row by SQL, past the API, and the trigger sees it. */
import assert from 'node:assert/strict';
import { LOGINS } from '../../../functions/stores/oracle/rights.ts';
import { dropWatch, enableWatch, watchTrigger } from '../../../functions/stores/oracle/sql_watch.ts';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';

const CHANGED: Row = {
  table: 'alarms',
  signs: ['SqlChangesOpen'],
  happened:
    'rows of a table in Oracle were changed by SQL, past the API, and nobody has decided on them. The trigger of `npx crossfade schema --watch-sql on` has seen it, or a repair in ' +
    '`settle` or a verification in `contract` has found a row whose content has no version of its own. Gates on and back wait, but for `contract` → `settle`',
  advice:
    '`npx crossfade sql-changes list NAME` tells the keys, what was changed, when and by whom. What is wanted: `npx crossfade sql-changes accept NAME --prefix P --why …` tells what ' +
    'would be done, and `--confirm` does it: each row becomes a write of the service, and Couchbase is told of it. Where nothing is to be written: `npx crossfade sql-changes leave`. ' +
    'See [Changes by SQL](#changes-by-sql)',
};

const PLACE = { collection: 'cities', key: 'by-sql' };
const BODY = '{"name":"Babel","country":"IQ","population":1}';

const openIn = async (field: Field) => {
  const { evidence } = await field.statusOf(PLACE.collection);
  return 'missing' in evidence ? null : (evidence.collection.sqlChanges ?? null);
};

export const SQL_CHANGES: readonly Day[] = [
  {
    name: 'row-changed-by-sql',
    row: CHANGED,
    provoke: async (field) => {
      const { logins } = field.stack.stores;
      const users = LOGINS.map((login) => logins.functions[login].user.toUpperCase());
      await field.sql(watchTrigger('CITIES', users));
      await field.sql(enableWatch('CITIES'));
      await field.app.put(PLACE, BODY);
      await field.held(PLACE.collection, PLACE.key, BODY);
      await field.sql(`UPDATE CITIES SET expires = 9999999999 WHERE doc_key = '${PLACE.key}'`);
      await field.until(
        'nothing is noted',
        () => openIn(field),
        (open) => open === 1,
      );
    },
    expect: async (field) => {
      const told = await field.succeed('status');
      assert.match(told, / {2}SQL {6}1 rows were changed by SQL .*npx crossfade sql-changes list cities/);
    },
    remedy: async (field) => {
      assert.match(
        await field.succeed('sql-changes', 'list', 'cities'),
        /^"by-sql" its document was changed, last .*, by EMBEDDED .*; version \d+$/m,
      );
      const accept = ['sql-changes', 'accept', 'cities', '--prefix', PLACE.key, '--why', 'a correction'];
      const { output, error, code } = await field.crossfade(...accept, '--confirm');
      assert.match(output + error, /"by-sql" stays open: in expand Couchbase orders the documents/);
      assert.equal(code, 1);
      const leave = ['sql-changes', 'leave', 'cities', PLACE.key, '--why', 'a job that was stopped'];
      assert.match(await field.succeed(...leave), /"by-sql" would be left as it is/);
      assert.equal(await openIn(field), 1);
      assert.match(await field.succeed(...leave, '--confirm'), /1 entries were closed, 0 stay open/);
      await field.sql(dropWatch('CITIES'));
      // Couchbase decides in expand: whoever looks at the key takes it back.
      await field.app.get(PLACE);
    },
    healed: async (field) => {
      assert.equal(await openIn(field), 0);
      await field.held(PLACE.collection, PLACE.key, BODY);
      assert.match(await field.succeed('audit'), /sql-changes leave .*a job that was stopped/);
    },
  },
];
