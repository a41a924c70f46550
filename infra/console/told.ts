/** Answers of the operators' route, as people read them. */
import type { Move } from '../../functions/control/publish.ts';
import type { Seen } from '../../functions/edge/controller.ts';
import type { AtRisk } from '../../functions/operations/at_risk.ts';
import type { AuditEntry } from '../../functions/operations/audit.ts';
import type { Listed } from '../../functions/operations/dead_letters.ts';
import type { Explanation } from '../../functions/operations/explain.ts';
import type { Preflight } from '../../functions/operations/preflight.ts';
import type { VerifiedUpTo } from '../../functions/operations/verified.ts';
import { PHASES } from '../../functions/protocol/phase.ts';

export function tellStatus(seen: readonly Seen[]): void {
  for (const each of seen) tellCollection(each);
}

function tellCollection({ collection, wish, effective, decision }: Seen): void {
  const { phase, since, by } = effective;
  console.log(collection);
  console.log(PHASES.map((each) => (each === phase ? `[${each}]` : each)).join(' - '));
  console.log(`In ${phase} since ${time(since)}, by ${by}.`);
  if (wish !== null) {
    const { couchbaseWrites, oracleWrites, reads } = wish.flags;
    console.log(
      `Wanted: couchbase-writes ${couchbaseWrites}, oracle-writes ${oracleWrites}, reads ${reads}.`,
    );
  }
  if (decision.kind === 'arrived') console.log('That is where it is.');
  if (decision.kind === 'refused') {
    console.log(`Refused: ${decision.reason} The service goes on as it is.`);
    process.exitCode = 1;
  }
  if (!('conditions' in decision)) return;
  console.log(`On the way to ${decision.wanted}. Next: ${decision.to}.`);
  for (const { holds, name, measured } of decision.conditions)
    console.log(`  ${holds ? 'holds' : 'WAITS'}  ${name}: ${measured}`);
}

export interface Forced {
  readonly atRisk: AtRisk;
  readonly moved: Move | null;
}

export function tellForced({ atRisk: { unknown, receipts, keys }, moved }: Forced): void {
  if (unknown !== null) console.log(`What is at risk cannot be told: ${unknown}`);
  if (receipts !== null)
    console.log(
      `Receipts: ${receipts.delayed} on their way, ${receipts.due} due, ${receipts.waiting} waiting.`,
    );
  console.log(`${keys.length} keys are known to be at risk.`);
  for (const { key, why } of keys) console.log(`  ${JSON.stringify(key)}: ${why}`);
  if (moved === null) console.log('Nothing was done. Say --confirm to move.');
  else console.log(`The phase went from ${moved.from} to ${moved.to}.`);
}

export function tellExplanation(found: Explanation): void {
  const { couchbase, oracle, difference, differsAt, findings, repairs, deadLetters, runs } = found;
  console.log(`${JSON.stringify(found.key)}, in phase ${found.phase}`);
  for (const [store, { presence, version, expires, bytes, fingerprint, handoff }] of Object.entries({
    Couchbase: couchbase,
    Oracle: oracle,
  }))
    console.log(
      `  ${store.padEnd(10)}${presence}, version ${version}, ${bytes ?? 0} bytes, fingerprint ${fingerprint ?? '-'}` +
        `${expires === null ? '' : `, expires ${expires}`}${handoff === null ? '' : `, handed off at ${handoff}`}`,
    );
  const agree = found.phase === 'legacy' ? '  In legacy nobody compares them.' : '  Both agree.';
  console.log(difference === null ? agree : `  They differ: ${difference.kind}: ${difference.detail}`);
  if (differsAt !== null) console.log(`  The first difference is at ${differsAt}`);
  for (const { run: id, kind, shard, passed } of runs)
    console.log(`  ${kind} ${id}: shard ${shard} ${passed ? 'has passed it' : 'has not come to it yet'}`);
  for (const { run: id, verdict, kind, detail, firstSeen } of findings)
    console.log(`  ${time(firstSeen)} found by ${id}: ${verdict}, ${kind}: ${detail}`);
  for (const { at, cause, detail } of repairs) console.log(`  ${time(at)} repaired (${cause}): ${detail}`);
  for (const { state, times, reason: told, firstSeen } of deadLetters)
    console.log(`  ${time(firstSeen)} set aside ${times} times, ${state}: ${told}`);
}

export function tellPreflight({ checked, refused, notJson, largest, samples }: Preflight): void {
  console.log(`${checked} documents, the largest of ${largest} bytes.`);
  console.log(`${notJson} are no JSON: they are kept byte for byte, in a column of their own.`);
  console.log(refused === 0 ? 'Oracle can hold all of them.' : `${refused} would be set aside:`);
  for (const { key: each, why: told } of samples) console.log(`  ${JSON.stringify(each)}: ${told}`);
}

export function tellVerified({ clean, last, oldest }: VerifiedUpTo): void {
  if (clean === null) console.log('Not verified: no clean verification of all keys is known.');
  else
    console.log(
      `What was written before ${time(clean.started)} was equal in both stores, by ${clean.options.mode}, in phase ${clean.phase}.`,
    );
  if (last !== null && last.id !== clean?.id)
    console.log(
      `The last run, ${last.id}, began ${time(last.started)} in phase ${last.phase} and ended with ${last.outcome}.`,
    );
  if (oldest !== null)
    console.log(
      `The oldest difference stands since ${time(oldest.firstSeen)}: ${oldest.kind} ${JSON.stringify(oldest.key)}: ${oldest.detail}`,
    );
  if (last?.outcome !== 'clean') process.exitCode = 1;
}

/** @param each whether the letters themselves are wanted, and not their causes alone. */
export function tellLetters({ groups, letters }: Listed, each: boolean): void {
  if (groups.length === 0) console.log('There are no dead letters.');
  for (const { cause: told, count, oldest } of groups)
    console.log(`${count}, since ${time(oldest)}: ${told}`);
  if (!each) return;
  for (const letter of letters)
    console.log(`  ${letter.collection ?? '-'} ${JSON.stringify(letter.key)}: ${letter.reason}`);
}

export interface Audited {
  /** The latest first. */
  readonly entries: readonly AuditEntry[];
  readonly brokenAt: number | null;
}

export function tellAudit({ entries, brokenAt }: Audited): void {
  for (const { seq, at, actor, action, detail } of entries)
    console.log(`${seq} ${time(at)} ${actor} ${action} ${detail}`);
  const [last] = entries;
  if (brokenAt !== null) {
    console.log(`Entry ${brokenAt} does not follow the one before it: somebody has changed the log.`);
    process.exitCode = 1;
  } else if (last !== undefined) console.log(`The chain is whole. Its last hash is ${last.hash}.`);
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
