/** The operation `preflight-accept`: an operator accepts that the API can never serve some documents. */
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

export interface AcceptedLarge {
  readonly collection: string;
  readonly tooLarge: number;
}

const ALL = { after: null, upTo: null };

/** Throws `BadOperation` where nothing was accepted. */
export async function acceptLarge(
  { collection, tooLarge, why }: OperationOf<'preflight-accept'>,
  { enter }: Caller,
  { walks, accept }: AcceptLargePorts,
): Promise<AcceptedLarge> {
  const known = preflightEvidence(await walks());
  if (known.whole === null)
    throw new BadOperation(
      `No look at all documents of ${collection} has come to its end, so how many are too large is not known. Nothing was accepted. ` +
        `First: npx crossfade preflight ${collection}`,
    );
  if (known.tooLarge !== tooLarge)
    throw new BadOperation(
      `${known.tooLarge} documents of ${collection} are known to be too large, and not ${tooLarge}. Nothing was accepted. ` +
        `Look at them again: npx crossfade preflight ${collection}`,
    );
  // Before it is done: what has no entry has not happened.
  await enter(`${collection}: too large accepted`, `${tooLarge} documents. ${why}`);
  await accept(collection, ALL, tooLarge);
  return { collection, tooLarge };
}
