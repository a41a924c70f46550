/** Which certificate the first move of a collection wants, and where certifications work. */
import * as v from 'valibot';
import type { Durability } from '../stores/durability.ts';

const text = v.pipe(v.string(), v.nonEmpty('it must not be empty'));

/**
 * `whole`: every check must have passed on these servers. `short`: the checks that take seconds will do. `none`: no move waits for a certificate. A stack on
 * one machine asks for the short one, where the servers are made anew at each start.
 */
export const WANTED = ['whole', 'short', 'none'] as const;
export type WantedCertificate = (typeof WANTED)[number];

export const CERTIFICATION = v.optional(
  v.strictObject({
    wanted: v.optional(v.picklist(WANTED), 'whole'),
    /** Scope and collection that certifications write into, in each bucket that has a collection of ours. Nothing else may be in there. */
    scope: v.optional(text, 'crossfade'),
    collection: v.optional(text, 'certify'),
  }),
  {},
);

/** What decides how the stores treat documents, of one collection or several. */
export interface Treatment {
  readonly bucket: string;
  readonly durability: Durability;
  readonly durabilityImpossible: 'refuse' | 'accept';
}

interface Treated {
  readonly couchbase: { readonly bucket: string };
  readonly durability: Durability;
  readonly durabilityImpossible: 'refuse' | 'accept';
}

export function treatmentOf({ couchbase: { bucket }, durability, durabilityImpossible }: Treated): Treatment {
  return { bucket, durability, durabilityImpossible };
}

/** Each once: a certification is made for each of them, and another collection that is treated as one of them needs none. */
export function treatmentsIn(collections: Readonly<Record<string, Treated>>): Treatment[] {
  const all = Object.values(collections).map((each) => {
    const treatment = treatmentOf(each);
    return [JSON.stringify(treatment), treatment] as const;
  });
  return [...new Map(all).values()];
}

const PLACED = v.record(
  v.string(),
  v.object({ couchbase: v.object({ bucket: v.string(), scope: v.string(), collection: v.string() }) }),
);

/** Nothing where one of both has not the form that it must have: that is told already. */
export function scratchProblems(collections: unknown, certification: unknown): string[] {
  const [placed, scratch] = [v.safeParse(PLACED, collections), v.safeParse(CERTIFICATION, certification)];
  if (!placed.success || !scratch.success) return [];
  return Object.entries(placed.output).flatMap(([name, { couchbase }]) =>
    couchbase.scope === scratch.output.scope && couchbase.collection === scratch.output.collection
      ? [
          `certification: it would write into the documents of collections.${name}: name a collection that holds nothing else`,
        ]
      : [],
  );
}
