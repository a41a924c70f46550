/** Oracle runs out of room, and bulk work would make it worse. */
import assert from 'node:assert/strict';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';

const PAUSED: Row = {
  table: 'alarms',
  signs: ['BulkPaused'],
  happened:
    'Oracle is under load, or runs out of room: backfills, copy-backs and verifications pause. Requests are served as before, and gates that need such a run wait',
  advice:
    '`npx crossfade status` says which reading is too high, its limits, and what to do about it. Nothing is lost, and nothing has to be resumed: the runs go on by themselves within a ' +
    'minute after the reading is below its limit. See [While Oracle is under load](#while-oracle-is-under-load)',
};

const AREA = 'V$RECOVERY_FILE_DEST';
const used = (field: Field, percent: number) =>
  field.stack.stores.oracle.show(AREA, [
    { SPACE_LIMIT: 1000, SPACE_USED: 10 * percent, SPACE_RECLAIMABLE: 0 },
  ]);
const pace = (field: Field, rate: number) => field.put('/crossfade/backfill-pace', String(rate));

export const LOAD: readonly Day[] = [
  {
    name: 'recovery-area-full',
    row: PAUSED,
    provoke: async (field) => {
      field.noteFailures();
      await used(field, 92);
      // Slow enough for the next reading, which is due within half a minute.
      pace(field, 1);
      field.beside(field.crossfade('verify', 'start', 'countries'));
      await field.until(
        'no pause is published',
        () => field.statusOf('countries'),
        ({ load }) => (load?.pauses.length ?? 0) > 0,
      );
      pace(field, 100_000);
    },
    expect: async (field) => {
      const status = await field.succeed('status');
      assert.match(
        status,
        /bulk work {5}PAUSED, .*fast recovery area 92 % .*paused from 85 % on until below 80 %/,
      );
      assert.match(status, /not watched: lag of the standby, .*npx crossfade preflight NAME/);
      assert.ok(field.said('BULK_PAUSED'));
      field.noneFailed();
    },
    remedy: (field) => used(field, 20),
    healed: async (field) => {
      const { output, code } = await field.begun();
      assert.equal(code, 0, output);
      await field.stack.stores.oracle.show(AREA, null);
    },
  },
];
