/** What a look at all documents of Couchbase before a backfill has found, and how far it is. */
import * as v from 'valibot';
import { shortened } from '../parsing/quoted.ts';
import type { Shard } from '../protocol/shard.ts';
import { bothFillings, type Fillings, fillingsIn, fillingsText } from './filling.ts';

/**
 * What is wrong with a document. `refused`: a run would set it aside. `too-large`: no answer of the API can carry it. `unread`: nobody knows. `orphan`: no
 * collection takes its key.
 */
export const FAULTS = ['refused', 'too-large', 'unread', 'orphan'] as const;
export type Fault = (typeof FAULTS)[number];

export interface Example {
  readonly key: string;
  readonly why: string;
  /** Functions of the version before tell none. */
  readonly fault?: Fault | undefined;
}

/** Counts of documents, but for `largest`. A document may be refused and too large at the same time. */
export interface Found {
  readonly checked: number;
  readonly refused: number;
  readonly tooLarge: number;
  /** Could not be read in time, or not at all, while their neighbours could. */
  readonly unread: number;
  /** Are no JSON: they are kept byte for byte, in a column of their own. */
  readonly notJson: number;
  /** Are JSON, and no object: no column is filled from them. */
  readonly notObject: number;
  /** Keys that are listed and not looked at: the settings ignore them, another collection takes them, or none does. */
  readonly ignored: number;
  readonly elsewhere: number;
  readonly orphans: number;
  /** Orphans by the walk before this one of the same range: they count until this one is done. */
  readonly orphansBefore: number;
  /** Bytes of the largest body. */
  readonly largest: number;
  /** Undefined where there are no projections, or functions of the version before have counted. */
  readonly fillings?: Fillings | undefined;
  /** Why documents are refused, and how many for each reason: without keys, so a column has one. */
  readonly causes: Readonly<Record<string, number>>;
  /** Some of each fault, the first ones. */
  readonly samples: readonly Example[];
}

export const NOTHING_FOUND: Found = {
  ...{ checked: 0, refused: 0, tooLarge: 0, unread: 0, notJson: 0, notObject: 0, largest: 0 },
  ...{ ignored: 0, elsewhere: 0, orphans: 0, orphansBefore: 0 },
  ...{ causes: {}, samples: [] },
};

/** A walk along the keys of one range, and its place. Times are milliseconds since the epoch. */
export interface Walk {
  readonly collection: string;
  readonly range: Shard;
  /** What the collection was mapped by, as of a run: see `runs/stamp.ts`. */
  readonly stamp: string;
  /** Rises each time that somebody takes the walk: whoever has it may write. */
  readonly epoch: number;
  readonly state: 'going' | 'done';
  /** The last key that was looked at; null before the first. */
  readonly doneKey: string | null;
  readonly started: number;
  readonly changed: number;
  readonly found: Found;
  /** Too large by the walks before this one of the same range: they count until this one is done. */
  readonly largeBefore: number;
  /** As many documents that are too large an operator has accepted. */
  readonly accepted: number;
  /** As many that no collection takes. */
  readonly acceptedOrphans: number;
}

/** How many documents of the range are known to be of no collection, by this walk and by the one before it. */
export function orphansIn({ state, found }: Pick<Walk, 'state' | 'found'>): number {
  return state === 'done' ? found.orphans : Math.max(found.orphans, found.orphansBefore);
}

/** How many documents of the range are known to be too large, by this walk and by those before it. */
export function largeIn({
  state,
  found,
  largeBefore,
}: Pick<Walk, 'state' | 'found' | 'largeBefore'>): number {
  return state === 'done' ? found.tooLarge : Math.max(found.tooLarge, largeBefore);
}

/** Examples of each fault, causes, and characters of one reason and of how tables are filled. */
const MOST = { samples: 8, causes: 20, reason: 200, fillings: 2500 } as const;
const OTHERS = 'other reasons';

/** Both together. */
export function added(one: Found, other: Found): Found {
  const fillings = bothFillings(one.fillings, other.fillings);
  return {
    ...{ checked: one.checked + other.checked, refused: one.refused + other.refused },
    ...{ tooLarge: one.tooLarge + other.tooLarge, unread: one.unread + other.unread },
    ...{ notJson: one.notJson + other.notJson, notObject: one.notObject + other.notObject },
    ...{ ignored: one.ignored + other.ignored, elsewhere: one.elsewhere + other.elsewhere },
    orphans: one.orphans + other.orphans,
    orphansBefore: Math.max(one.orphansBefore, other.orphansBefore),
    largest: Math.max(one.largest, other.largest),
    ...(fillings === undefined ? {} : { fillings }),
    causes: summed(one.causes, other.causes),
    samples: FAULTS.flatMap((fault) =>
      [...one.samples, ...other.samples].filter((each) => each.fault === fault).slice(0, MOST.samples),
    ),
  };
}

function summed(one: Found['causes'], other: Found['causes']): Found['causes'] {
  const all = { ...one };
  for (const [cause, count] of Object.entries(other)) {
    const isKnown = Object.hasOwn(all, cause) || Object.keys(all).length < MOST.causes;
    const name = isKnown ? cause : OTHERS;
    all[name] = (all[name] ?? 0) + count;
  }
  return all;
}

/** @param why for people, without a value of the document. */
export function example(fault: Fault, key: string, why: string): Example {
  return { key, why: shortened(why, MOST.reason), fault };
}

/** As it is kept, in at most so many bytes of UTF-8: the last examples are left out where there is no room, then the names of the last causes. */
export function foundText({ fillings, ...found }: Found, bytes: number): string {
  let { samples, causes } = found;
  const filled = fillings === undefined ? {} : { fillings: fillingsText(fillings, MOST.fillings) };
  for (;;) {
    const text = JSON.stringify({ ...found, ...filled, samples, causes });
    if (Buffer.byteLength(text) <= bytes) return text;
    if (samples.length > 0) samples = samples.slice(0, -1);
    else if (Object.keys(causes).length > 1) causes = folded(causes);
    else return text;
  }
}

/** The last of them counts as another reason. */
function folded({ [OTHERS]: others = 0, ...named }: Found['causes']): Found['causes'] {
  const all = Object.entries(named);
  const [, count] = all.at(-1) ?? ['', 0];
  return { ...Object.fromEntries(all.slice(0, -1)), [OTHERS]: others + count };
}

const count = v.optional(v.number(), 0);
/** Members that are added later are passed over: functions of two versions read what either writes. */
const FOUND = v.object({
  ...{ checked: count, refused: count, tooLarge: count, unread: count, notJson: count, notObject: count },
  ...{ largest: count, ignored: count, elsewhere: count, orphans: count, orphansBefore: count },
  causes: v.optional(v.record(v.string(), v.number()), {}),
  fillings: v.optional(v.pipe(v.string(), v.transform(fillingsIn))),
  samples: v.optional(
    v.array(
      v.object({
        key: v.string(),
        why: v.string(),
        fault: v.fallback(v.optional(v.picklist(FAULTS)), undefined),
      }),
    ),
    [],
  ),
});

/** Throws for what none of our versions has written. */
export function foundIn(text: string): Found {
  return v.parse(FOUND, JSON.parse(text));
}
