/** The operation `preflight-accept`: an operator accepts that the API can never serve some documents, or that no collection takes some. */
import type { Preflights } from '../books/preflights.ts';
import { preflightEvidence } from '../control/preflight.ts';
import type { Walk } from '../records/preflight.ts';
import type { Caller } from './caller.ts';
import { BadOperation, type OperationOf } from './request.ts';

export interface AcceptLargePorts {
  /** Of the collection, as it is mapped now. */
  walks(): Promise<readonly Walk[]>;
  readonly accept: Preflights['accept'];
}

/** What was accepted; functions of the version before know `tooLarge` alone. */
export interface AcceptedLarge {
  readonly collection: string;
  readonly tooLarge?: number;
  readonly orphans?: number;
}

const ALL = { after: null, upTo: null };
const ARE = { tooLarge: 'too large', orphans: 'taken by no collection' } as const;
const ENTRY = { tooLarge: 'too large accepted', orphans: 'orphans accepted' } as const;

/** Throws `BadOperation` where nothing was accepted. */
export async function acceptLarge(
  { collection, tooLarge, orphans, why }: OperationOf<'preflight-accept'>,
  { enter }: Caller,
  { walks, accept }: AcceptLargePorts,
): Promise<AcceptedLarge> {
  const [what, count] =
    orphans === undefined ? (['tooLarge', tooLarge ?? 0] as const) : (['orphans', orphans] as const);
  const known = preflightEvidence(await walks());
  if (known.whole === null)
    throw new BadOperation(
      `No look at all documents of ${collection} has come to its end, so how many are ${ARE[what]} is not known. Nothing was accepted. ` +
        `First: npx crossfade preflight ${collection}`,
    );
  const found = known[what] ?? 0;
  if (found !== count)
    throw new BadOperation(
      `${found} documents ${what === 'orphans' ? 'beside those ' : ''}of ${collection} are known to be ${ARE[what]}, and not ${count}. Nothing was accepted. ` +
        `Look at them again: npx crossfade preflight ${collection}`,
    );
  // Before it is done: what has no entry has not happened.
  await enter(`${collection}: ${ENTRY[what]}`, `${count} documents. ${why}`);
  await accept(collection, ALL, count, what);
  return { collection, [what]: count };
}
