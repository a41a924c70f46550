/** What is known of documents, as people read it. */
import type { Explanation, Side } from '../../../functions/operations/explain.ts';
import type { VerifiedUpTo } from '../../../functions/operations/verified.ts';
import type { Entry } from '../../../functions/stores/oracle/set_aside.ts';
import { explainedRowsLines, projectedLines } from './projected.ts';
import { entryLine } from './set_aside.ts';
import { instant } from './time.ts';

export function explanationLines(found: Explanation): string[] {
  const { key, phase, difference, differsAt, findings, repairs, deadLetters, runs } = found;
  // Functions of the version before tell no `setAside`.
  const setAside: readonly Entry[] | undefined = found.setAside;
  const { notCompared = null, taking = 'taken' } = found;
  const both = notCompared === null ? '  Both agree.' : '  Versions and expiries agree.';
  const agree = phase === 'legacy' || taking !== 'taken' ? NOT_COMPARED[taking] : both;
  return [
    `${JSON.stringify(key)}, in phase ${phase}`,
    sideLine('Couchbase', found.couchbase),
    sideLine('Oracle', found.oracle),
    difference === null ? agree : `  They differ: ${difference.kind}: ${difference.detail}`,
    ...(notCompared === null ? [] : [`  Contents were not compared: ${notCompared}`]),
    ...(differsAt === null ? [] : [`  The first difference is at ${differsAt}`]),
    ...(found.projected === undefined ? [] : explainedRowsLines(found.projected)),
    ...runs.map(
      ({ run, kind, shard, passed }) =>
        `  ${kind} ${run}: shard ${shard} ${passed ? 'has passed it' : 'has not come to it yet'}`,
    ),
    ...findings.map(
      ({ run, verdict, kind, detail, firstSeen }) =>
        `  ${instant(firstSeen)} found by ${run}: ${verdict}, ${kind}: ${detail}`,
    ),
    ...repairs.map(({ at, cause, detail }) => `  ${instant(at)} repaired (${cause}): ${detail}`),
    ...deadLetters.map(
      ({ state, times, reason, firstSeen }) =>
        `  ${instant(firstSeen)} set aside ${times} times, ${state}: ${reason}`,
    ),
    ...(setAside ?? []).map((entry) => `  Content of Oracle that was replaced, ${entryLine(entry)}`),
  ];
}

const NOT_COMPARED = {
  taken: '  In legacy nobody compares them.',
  ignored:
    '  Nobody compares or copies it, or serves it: keys.ignore of the collection has a pattern for the key.',
  elsewhere:
    '  Nobody compares or copies it, or serves it by this collection: no pattern of its keys.include matches the key.',
} as const;

function sideLine(store: string, { presence, version, expires, bytes, fingerprint, handoff }: Side): string {
  return (
    `  ${store.padEnd(10)}${presence}, version ${version}, ${bytes ?? 0} bytes, fingerprint ${fingerprint ?? '-'}` +
    `${expires === null ? '' : `, expires ${expires}`}${handoff === null ? '' : `, handed off at ${handoff}`}`
  );
}

export function verifiedLines({ clean, contents, last, oldest, projected }: VerifiedUpTo): string[] {
  return [
    clean === null
      ? 'Not verified: no clean verification of all keys is known.'
      : `What was written before ${instant(clean.started)} was equal in both stores, by ${clean.options.mode}, in phase ${clean.phase}.`,
    // Functions of the version before tell no `contents`.
    ...(clean === null || contents === undefined || clean.id === contents?.id
      ? []
      : [
          contents === null
            ? 'Contents were never compared: npx crossfade verify start NAME --mode content'
            : `What was written before ${instant(contents.started)} had the same contents, in phase ${contents.phase}.`,
        ]),
    ...(last === null || last.id === clean?.id
      ? []
      : [
          `The last run, ${last.id}, began ${instant(last.started)} in phase ${last.phase} and ended with ${last.outcome}.`,
        ]),
    ...(oldest === null
      ? []
      : [
          `The oldest difference stands since ${instant(oldest.firstSeen)}: ${oldest.kind} ${JSON.stringify(oldest.key)}: ${oldest.detail}`,
        ]),
    ...(projected === undefined
      ? []
      : [
          'The last run by content has compared:',
          ...projectedLines({ projected }).map((line) => `  ${line}`),
        ]),
  ];
}
