/** What the audit log tells: who has changed a flag by whatever tool, and that somebody has rewritten it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import oracledb from 'oracledb';
import { type AuditEntry, BEGINNING, follow } from '../../../functions/records/audit.ts';
import type { Local } from '../../../infra/local/start.ts';
import { crossfade, crossfadeText } from './operator.ts';
import { eventually, SETTINGS } from './running.ts';

export function changesAreAudited(running: () => Local): void {
  test('a flag that somebody has changed past the command is in the audit log, with who it was', async () => {
    const actor = 'arn:aws:iam::000000000000:user/by/hand';
    const change = { Name: '/crossfade/collections/carts/reads', Value: 'couchbase', Overwrite: true };
    running().parameters.call('PutParameter', change, actor);
    const { entries } = await eventually(
      () => crossfade(running(), 'audit'),
      (audited) => audited.entries.some((each: AuditEntry) => each.actor === actor),
    );
    const found = entries.find((each: AuditEntry) => each.actor === actor);
    assert.equal(found.action, 'carts: flag changed');
    assert.match(
      found.detail,
      /^reads couchbase: version 2 of \/crossfade\/collections\/carts\/reads in SSM$/,
    );
  });

  test('an audit log that was rewritten with new hashes in Oracle is told by the hashes that were kept outside of it', async () => {
    const { output, code, error } = await crossfadeText(running(), 'audit', '--verify');
    assert.deepEqual([code, error], [0, ''], output);
    assert.match(
      output,
      /^\d+ entries, and \d+ anchors of them in the log group FunctionsAuditLog\w+, from entry 1 on\.\n/,
    );
    assert.match(output, /AUDIT_WHOLE: nothing was changed, and nothing taken out\. The last hash is/);
    const { entries } = await crossfade(running(), 'audit');
    await disown(running(), entries, entries[1].seq);
    const verified = await crossfadeText(running(), 'audit', '--verify');
    assert.equal(verified.code, 1, verified.output);
    const [newest, forged] = [entries[0].seq, entries[1].seq];
    assert.match(
      verified.output,
      new RegExp(`AUDIT_CHANGED: entries ${forged} to ${newest} are not what was entered`),
    );
    assert.match(verified.output, new RegExp(`when their hashes were kept: entries 1 to ${forged - 1}`));
  });
}

/** As somebody who has the database: gives an entry another actor, and makes all hashes anew. */
async function disown(local: Local, entries: readonly AuditEntry[], from: number): Promise<void> {
  const { SecretString } = local.secrets.call('GetSecretValue', {
    SecretId: SETTINGS.deployment.secrets.oracleOwner,
  }) as { SecretString: string };
  const { user, password, connectString } = JSON.parse(SecretString);
  const owner = await oracledb.getConnection({ user, password, connectString });
  let last: Pick<AuditEntry, 'seq' | 'hash'> = entries.find(({ seq }) => seq === from - 1) ?? BEGINNING;
  for (const entry of entries.toReversed().filter(({ seq }) => seq >= from)) {
    const actor = entry.seq === from ? 'arn:aws:iam::000000000000:user/somebody/else' : entry.actor;
    const { seq, hash } = follow(last, { ...entry, actor });
    const set = 'UPDATE CROSSFADE_AUDIT SET actor = :actor, hash = :hash WHERE seq = :seq';
    await owner.execute(set, { actor, hash, seq });
    last = { seq, hash };
  }
  await owner.commit();
  await owner.close();
}
