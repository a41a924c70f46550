/** Documents that both stores can hold and the API cannot serve, as looks before a backfill have counted them. */
import type { Fillings } from '../records/filling.ts';
import { largeIn, orphansIn, type Walk } from '../records/preflight.ts';
import { intoleranceText, isIntolerable, type Leniency } from '../records/tolerance.ts';
import type { Condition } from './condition.ts';

export interface PreflightEvidence {
  /** The last look at all keys, if it has come to its end; null for none. */
  readonly whole: {
    /** When it ended, in milliseconds since the epoch. */
    readonly at: number;
    readonly checked: number;
    readonly refused: number;
    readonly unread: number;
  } | null;
  /** Documents that are known to be too large for an answer. */
  readonly tooLarge: number;
  /** As many an operator has accepted. */
  readonly accepted: number;
  /** Documents whose keys no collection takes, by the last look at all keys, and as many as an operator has accepted. */
  readonly orphans?: number;
  readonly acceptedOrphans?: number;
  /** Columns of projections that are more lenient than they tolerate by the last look at all keys, and those of which it does not tell. */
  readonly lenient?: readonly Leniency[];
}

/** @param walks of one collection, as it is mapped now. @param leniencies of the columns of its projections. */
export function preflightEvidence(
  walks: readonly Walk[],
  leniencies: (fillings: Fillings) => readonly Leniency[] = () => [],
): PreflightEvidence {
  const all = walks.find(({ range }) => range.after === null && range.upTo === null);
  const whole = all?.state === 'done' ? all : null;
  // What a part has shown before the last look at all keys, that look has seen again.
  const counted = walks.filter((walk) => whole === null || walk === whole || walk.changed > whole.started);
  return {
    whole:
      whole === null
        ? null
        : {
            ...{ at: whole.changed, checked: whole.found.checked },
            ...{ refused: whole.found.refused, unread: whole.found.unread },
          },
    tooLarge: Math.max(0, ...counted.map(largeIn)),
    accepted: all?.accepted ?? 0,
    ...{ orphans: all === undefined ? 0 : orphansIn(all), acceptedOrphans: all?.acceptedOrphans ?? 0 },
    lenient:
      whole?.found.fillings === undefined
        ? []
        : leniencies(whole.found.fillings).filter((each) => isIntolerable(each) || each.lenient === null),
  };
}

/**
 * The condition that an operator knows of documents that are too large. Where nobody has looked it holds, and says so: a collection that is moved for
 * a trial needs no more than its flags.
 */
export function preflightOf(name: string, preflight: PreflightEvidence | undefined): Condition[] {
  if (preflight === undefined) return [];
  const { whole, tooLarge, accepted, orphans = 0, acceptedOrphans = 0, lenient = [] } = preflight;
  if (tooLarge > accepted)
    return [
      {
        ...{ name: 'preflight', holds: false },
        measured: `TOO_LARGE: ${tooLarge} documents are too large for an answer of the API, which can never serve them. npx crossfade preflight ${name} tells their keys: split or delete them and look again, or accept it`,
        command: `npx crossfade preflight accept ${name} --too-large ${tooLarge} --why "…"`,
      },
    ];
  if (orphans > acceptedOrphans)
    return [
      {
        ...{ name: 'preflight', holds: false },
        measured: `ORPHANS: the keys of ${orphans} documents beside those of ${name} match no pattern of any collection, so they would stay behind in Couchbase. npx crossfade preflight ${name} names some: take them into a collection (keys), ignore or delete them and look again, or accept it`,
        command: `npx crossfade preflight accept ${name} --orphans ${orphans} --why "…"`,
      },
    ];
  const above = lenient.filter(isIntolerable);
  if (above.length > 0)
    return [
      {
        ...{ name: 'preflight', holds: false },
        measured: `${above.map(intoleranceText).join('; ')}. Mend the documents, or the type or tolerate of the column, and look again`,
        command: `npx crossfade preflight ${name} --again`,
      },
    ];
  return [
    { name: 'preflight', holds: true, measured: whole === null ? noneOf(name) : toldOf(preflight, whole) },
  ];
}

function noneOf(name: string): string {
  return `nobody has looked at all documents yet. npx crossfade preflight ${name} tells what Oracle could not take, and what the API could not serve`;
}

function toldOf(
  { tooLarge, orphans = 0, lenient = [] }: PreflightEvidence,
  { at, checked, refused, unread }: NonNullable<PreflightEvidence['whole']>,
): string {
  const parts = [
    tooLarge === 0 ? 'none too large for the API' : `${tooLarge} too large for the API, which was accepted`,
    ...(refused === 0 ? [] : [`${refused} that a backfill would set aside`]),
    ...(unread === 0 ? [] : [`${unread} that could not be read`]),
    ...(lenient.length === 0
      ? []
      : [
          `${lenient.length} columns whose lenient values are not known: there are too many columns to keep counts of`,
        ]),
    ...(orphans === 0 ? [] : [`beside ${orphans} that no collection takes, which was accepted`]),
  ];
  return `${checked} documents by ${new Date(at).toISOString()}, ${parts.join(', ')}`;
}
