/** The log that keeps the hashes of the audit log is away, and functions that have written entries meanwhile end. */
import assert from 'node:assert/strict';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';

const UNANCHORED: Row = {
  table: 'alarms',
  signs: ['AuditUnanchored'],
  happened:
    'CloudWatch Logs does not take hashes of the audit log, so that for now an entry could be changed by somebody who can write the database and the parameters `anchors/…`. Entries are written, and nothing else waits for it',
  advice:
    'the logs of Operate and Control have the reason, with `AUDIT_UNANCHORED`: is the log group there, do their roles have `logs:PutLogEvents` on it, and in a VPC is there a way to CloudWatch Logs? ' +
    'Hashes wait in SSM, and the controller sends them by itself. Then `npx crossfade audit --verify` names the entries with `AUDIT_LATE`; those that it names with `AUDIT_UNANCHORED` have none. `AUDIT_NO_ANCHOR` names a parameter that ' +
    'somebody has put: see who, and delete it. See [The audit log](#the-audit-log)',
};

/** What `npx crossfade audit --verify` says, once the log group has all hashes. */
async function verified(field: Field): Promise<void> {
  const { output } = await field.until(
    'hashes that have waited in SSM are not in the log group',
    () => field.crossfade('audit', '--verify'),
    ({ code }) => code === 0,
  );
  assert.match(output, /AUDIT_LATE: the log group has taken the hashes of entr.* SSM had them since/);
  assert.match(output, /AUDIT_WHOLE/);
}

export const AUDIT: readonly Day[] = [
  {
    name: 'audit-log-away',
    row: UNANCHORED,
    provoke: async (field) => {
      await field.place('expand', 60_000, 'expand');
      field.stack.logs.away = true;
      // The controller enters who has changed a flag, and to which version.
      field.want('expand');
      await field.until('nothing says so', () => field.said('AUDIT_UNANCHORED'), Boolean);
      field.stack.deployment.entry('control').kill();
    },
    remedy: async ({ stack }) => {
      stack.logs.away = false;
    },
    healed: verified,
  },
];
