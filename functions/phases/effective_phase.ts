/** The value of a collection's parameter `phase`: what routers obey. Only the phase controller writes it. */
import * as v from 'valibot';
import { issueText } from '../parsing/issue.ts';
import { quoted } from '../parsing/quoted.ts';
import { PHASES, type Phase } from '../protocol/phase.ts';
import { type ForcedMove, followsContract, markIn, rampIn } from './forced_mark.ts';
import { aheadOf, type Ramp } from './ramp.ts';

const VALUE = v.strictObject({
  phase: v.picklist(PHASES),
  /** Milliseconds since the epoch. */
  since: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Who asked for it. */
  by: v.pipe(v.string(), v.maxLength(250)),
  /** Couchbase is not kept any more: there is no way back. */
  retired: v.optional(v.literal(true)),
});

export interface EffectivePhase {
  readonly phase: Phase;
  readonly since: number;
  readonly by: string;
  readonly retired?: true | undefined;
  /** Forced moves that nothing was known to have healed: `by` is marked with them. */
  readonly forced?: readonly ForcedMove[] | undefined;
  /** A stay in `settle` that follows `contract`: nobody has told Couchbase yet what was written there. `by` is marked with it. */
  readonly followsContract?: true | undefined;
  /** The share of the keys that acts a phase ahead, or that the whole collection has come to `seal` or `switch` by such shares. `by` is marked with it. */
  readonly ramp?: Ramp | undefined;
}

/** The phase of a new stack. */
export const INITIAL_PHASE: EffectivePhase = { phase: 'legacy', since: 0, by: 'deployment' };

/** The parameter says nothing that can be obeyed. */
export class MalformedPhase extends Error {
  override readonly name = 'MalformedPhase';

  constructor(text: string, why: string, cause?: unknown) {
    super(
      `The phase parameter holds ${quoted(text)}, which cannot be obeyed: ${why}. ` +
        'Only the phase controller may write it: put back its last value from the parameter’s history.',
      { cause },
    );
  }
}

export function parsePhase(text: string): EffectivePhase {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MalformedPhase(text, 'it is no JSON', error);
  }
  const { success, output, issues } = v.safeParse(VALUE, value);
  if (success) {
    const forced = markIn(output.by);
    return {
      ...output,
      ...(forced.length > 0 && { forced }),
      ...(output.phase === 'settle' && followsContract(output.by) && { followsContract: true as const }),
      ...rampOf(output),
    };
  }
  const [issue] = issues;
  throw new MalformedPhase(text, `${issueText(issue)}`);
}

/** A share that has changed begins no new stay in the phase. */
function rampOf({
  phase,
  since,
  by,
}: Pick<EffectivePhase, 'phase' | 'since' | 'by'>): Partial<Pick<EffectivePhase, 'ramp' | 'since'>> {
  const mark = rampIn(by);
  if (mark === null) return {};
  const { percent, stay } = mark;
  if (percent === 100) return phase === 'seal' || phase === 'switch' ? { ramp: { percent, since } } : {};
  return aheadOf(phase) === null ? {} : { ramp: { percent, since }, since: stay };
}
