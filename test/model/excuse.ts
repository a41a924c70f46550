/**
 * Histories that break a promise, and that the page of the protocol names as not covered, each with its reason. A history is excused only if
 * it is exactly one of them: which store forgot, between which two steps of which process, and what came of it. A fault alone excuses nothing.
 */
import { type Content, isOutdated } from '../../functions/protocol/state.ts';
import {
  type ActOf,
  acts,
  between,
  digestOf,
  goneWithoutTrace,
  isWriteOfClient,
  lastLook,
} from './deed_queries.ts';
import type { Act, Deed } from './deeds.ts';
import { isListed, writtenIn } from './documents.ts';
import { isOutrun } from './outrun.ts';
import { couchbase, type World } from './world.ts';

/** What is wrong, as the judge says it, and the stores when it was seen. */
export interface Wrong {
  readonly what: string;
  readonly world: World;
}

export interface Excuse {
  readonly name: string;
  /** As the page says it, under "Not covered". */
  readonly what: string;
  readonly holds: (deeds: readonly Deed[], wrong: Wrong) => boolean;
}

export const EXCUSES: readonly Excuse[] = [
  {
    name: 'marker-brought-back',
    what: 'a failover brings back the marker that a repair is about to remove, and another operation takes its tombstone for a deletion',
    holds: (deeds, { what }) =>
      removals(deeds).some(
        (removed) =>
          what ===
            `${digestOf(removed.before.row)}, acknowledged before a forced move, is gone without a trace` &&
          mistakenBy(deeds, removed),
      ),
  },
  {
    name: 'expand-beside-seal',
    what: 'Oracle comes back to before a key was given back, and a repair in seal puts that over what expand has written',
    holds: (deeds, wrong) => acts(deeds, 'couchbase.swap').some((put) => isPutOverExpand(deeds, put, wrong)),
  },
  {
    name: 'version-given-out-again',
    what: 'Oracle comes back, gives a version out once more that a repair has read, and the repair takes the new row for the old one',
    holds: (deeds, { what }) =>
      acts(deeds, 'oracle.swap').some(
        (swap) =>
          givesVersionToNothing(deeds, swap, what) ||
          (takesNewRowForOld(deeds, swap) &&
            (isOfOrder(what, swap.call.to) || what === goneWithoutTrace(swap.before.row)) &&
            nothingAnsweredSince(deeds, swap, what)),
      ),
  },
  {
    name: 'refused-after-written',
    what: 'beside a forced settle, a write is put over what Couchbase alone holds, and is refused by Oracle, which orders the key by then',
    holds: (deeds, { what }) =>
      acts(deeds, 'couchbase.swap').some(
        (swap) => what === goneWithoutTrace(swap.before) && isRefusedAfter(deeds, swap),
      ),
  },
  {
    name: 'seal-outrun',
    what: 'clients of expand, and repairs after them, change a key again and again that a forced move has left handed off, while seal gives it back',
    holds: (deeds, { what }) => isOutrun(deeds, what),
  },
  {
    name: 'outdated-copy-touched',
    what: 'somebody touches a copy that has come too late, and its new CAS looks like a write after what Oracle holds',
    holds: (deeds, { what }) =>
      acts(deeds, 'oracle.apply').some(
        (taken) =>
          isOfTouchedCopy(deeds, taken) &&
          isOfOrder(what, taken.call) &&
          nothingAnsweredSince(deeds, taken, what),
      ),
  },
];

/** The excuse for a history that has gone wrong, or null. */
export function excuseFor(deeds: readonly Deed[], wrong: Wrong): Excuse | null {
  return EXCUSES.find(({ holds }) => holds(deeds, wrong)) ?? null;
}

/**
 * Removals, in `expand` and `seal`, of a marker that a failover has brought back since the process has looked at the row: a document had
 * been put over it, and is in Oracle.
 */
function removals(deeds: readonly Deed[]): Act[] {
  return acts(deeds, 'couchbase.erase').filter((erase) => {
    const { call, before, after, phase } = erase;
    const marker = before.cas === call.cas && before.content === null && after.cas === 0n;
    const look = lastLook(deeds, erase);
    if (!marker || look === undefined || (phase !== 'expand' && phase !== 'seal')) return false;
    const written = before.row.content !== null && before.row.version !== look.before.row.version;
    return written && between(deeds, look, erase).some((deed) => bringsBack(deed, call.cas));
  });
}

function bringsBack(deed: Deed, cas: bigint): boolean {
  return (
    deed.kind === 'forget' && deed.store === 'couchbase' && deed.before.cas !== cas && deed.after.cas === cas
  );
}

/** Whether another process asked for the tombstone after the removal, and took what the row held for deleted. */
function mistakenBy(deeds: readonly Deed[], removed: Act): boolean {
  const later = between(deeds, removed);
  const { version } = removed.before.row;
  return acts(later, 'couchbase.gone').some((asked) => {
    const deletes = between(later, asked).find(
      (deed) => deed.kind === 'act' && deed.bit === asked.bit && mutates(deed) && !isPlaceholding(deed),
    );
    if (asked.bit === removed.bit || asked.before.cas !== 0n || deletes?.kind !== 'act') return false;
    const { call, before } = deletes;
    if (before.row.version !== version) return false;
    return call.name === 'oracle.swap'
      ? call.to.content === null && call.aside === undefined
      : call.name === 'couchbase.swap' && call.content === null && (call.version ?? 0n) > version;
  });
}

function isPlaceholding({ call }: Act): boolean {
  return call.name === 'couchbase.swap' && call.content === null && call.version === 0n;
}

function mutates({ before, after }: Act): boolean {
  return before.cas !== after.cas || before.row !== after.row || before.aside !== after.aside;
}

/**
 * Whether `seal` puts what the row holds over what a client has left in Couchbase in `expand`. Oracle has come back to before the key was
 * given back, and the client wrote after that.
 */
function isPutOverExpand(
  deeds: readonly Deed[],
  put: ActOf<'couchbase.swap'>,
  { what, world }: Wrong,
): boolean {
  const { call, before, after, phase, phases } = put;
  const { row } = before;
  const copies = after.cas !== before.cas && call.version === row.version && digestOf(call) === digestOf(row);
  if (phase !== 'seal' || !phases.includes('expand') || row.handoff === null || !copies) return false;
  const earlier = deeds.slice(0, deeds.indexOf(put));
  const fell = earlier.findLast((deed) => deed.kind === 'forget' && deed.store === 'oracle');
  if (fell?.kind !== 'forget' || fell.before.row.handoff !== null || fell.after.row.handoff === null)
    return false;
  const write = between(earlier, fell).findLast((deed) => deed.kind === 'act' && isWriteOfClient(deed));
  if (write?.kind !== 'act' || write.phase !== 'expand') return false;
  const written = digestOf(write.after);
  const traced = written === null || isListed(world.aside, written) || world.expired.includes(written);
  return traced && isOfOrder(what, call) && nothingAnsweredSince(deeds, put, what);
}

/** Whether a row is replaced that Oracle has written after it came back, in the version of the row that was read before. */
function takesNewRowForOld(deeds: readonly Deed[], swap: ActOf<'oracle.swap'>): boolean {
  const { call, before, after } = swap;
  const { from } = call;
  const look = lastLook(deeds, swap);
  if (look === undefined || before.row === after.row || before.row.version !== from.version) return false;
  const fell = between(deeds, look, swap).find(
    (deed) => deed.kind === 'forget' && deed.store === 'oracle' && deed.after.row.version !== from.version,
  );
  if (fell === undefined || digestOf(look.before.row) !== digestOf(from)) return false;
  // What was written may have expired since.
  return between(deeds, fell, swap).some(
    (deed) =>
      deed.kind === 'act' &&
      deed.before.row !== deed.after.row &&
      deed.after.row.version === from.version &&
      digestOf(deed.after.row) !== digestOf(from),
  );
}

/**
 * Whether a repair that has read Couchbase before a document was put there gives the version of that document, which Oracle has forgotten since,
 * to a deletion: the document then looks as if its time had come in Oracle first.
 */
function givesVersionToNothing(deeds: readonly Deed[], swap: ActOf<'oracle.swap'>, what: string): boolean {
  const { call, before, bit } = swap;
  const earlier = deeds.slice(0, deeds.indexOf(swap));
  const fell = earlier.findLast((deed) => deed.kind === 'forget' && deed.store === 'oracle');
  if (fell?.kind !== 'forget' || call.to.content !== null) return false;
  const lost = fell.before.row;
  const look = acts(earlier, 'couchbase.read').findLast((each) => each.bit === bit);
  if (look === undefined || deeds.indexOf(look) > deeds.indexOf(fell)) return false;
  const isLost = lost.version === call.to.version && fell.after.row.version < lost.version;
  const isHeld = digestOf(before) === digestOf(lost) && digestOf(look.before) !== digestOf(lost);
  return isLost && isHeld && lost.content?.expiresAt != null && what === goneWithoutTrace(lost);
}

/**
 * Whether a write of `switch`, in the bake of a forced move to `settle`, is put over a document that no backfill has copied, finds that Oracle
 * orders the key by then, and is refused there, since its condition names that document.
 */
function isRefusedAfter(deeds: readonly Deed[], swap: ActOf<'couchbase.swap'>): boolean {
  const { bit, phase, phases, before } = swap;
  const alone =
    digestOf(before) !== null && digestOf(before) !== digestOf(before.row) && before.row.handoff === null;
  const beside = phase === 'switch' && phases.includes('settle') && isWriteOfClient(swap);
  if (!alone || !beside || deeds.some(({ kind }) => kind === 'forget')) return false;
  const later = between(deeds, swap);
  const carries = acts(later, 'oracle.apply').find((carry) => carry.bit === bit);
  const found =
    carries !== undefined && carries.before.row === carries.after.row && carries.before.row.handoff !== null;
  return found && later.some((deed) => deed.kind === 'answered' && deed.bit === bit && deed.refused);
}

/** Whether Oracle takes what was an outdated copy in Couchbase until somebody touched it. */
function isOfTouchedCopy(deeds: readonly Deed[], { call, before, after }: ActOf<'oracle.apply'>): boolean {
  if (before.row === after.row) return false;
  return deeds.some(
    (deed) =>
      deed.kind === 'touch' &&
      deed.after.cas === call.version &&
      isOutdated(couchbase(deed.before, {}), deed.before.row),
  );
}

/** Whether what is wrong is the order of what was seen; at rest, that what was put there is seen. */
function isOfOrder(what: string, put: { readonly content: Content }): boolean {
  return (
    what === 'not linearizable' ||
    what === `at rest a read sees ${writtenIn(put.content) ?? 'nothing'}: not linearizable`
  );
}

/** Nothing that has begun later was answered but by a refusal, which changes nothing; nor does the answer count that shows what is wrong. */
function nothingAnsweredSince(deeds: readonly Deed[], act: Act, what: string): boolean {
  const later = between(deeds, act);
  const begun = new Set(later.flatMap((deed) => (deed.kind === 'begun' ? [deed.bit] : [])));
  const last = what === 'not linearizable' ? deeds.at(-1) : undefined;
  return !later.some(
    (deed) => deed.kind === 'answered' && begun.has(deed.bit) && !deed.refused && deed !== last,
  );
}
