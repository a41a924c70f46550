/**
 * The mark of forced moves, at the end of what a phase says of who asked for it: `user/me; forced 17:settle>switch@m8x2k3l9`. It has no
 * member of its own. Functions of the version before refuse an unknown member, and so does the pattern of the parameter, which cannot be
 * changed: CloudFormation would write the parameter with it, and set the phase back.
 */
import { PHASES, type Phase } from '../protocol/phase.ts';
import { type RampMark, rampMarkIn, rampMarkOf, withoutRampMark } from './ramp_mark.ts';

/** A move that was made although its conditions did not hold, or could not be measured. */
export interface ForcedMove {
  readonly from: Phase;
  readonly to: Phase;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The version of the phase that it left: its claim has that name, and says who forced it, and why. */
  readonly claim: number;
}

/** Forced moves that a mark has, the newest ones. */
export const MOST_FORCED = 5;
/** Characters of a name with its mark. */
const LONGEST = 250;
/** Stands for the beginning of a name that is too long: the end says who it is, as in the ARN of a session of a role. */
const CUT = '...';

const MOVE = `\\d+:(?:${PHASES.join('|')})>(?:${PHASES.join('|')})@[0-9a-z]{1,9}`;
const MARK = new RegExp(`^(.*); forced (${MOVE}(?:,${MOVE}){0,${MOST_FORCED - 1}})$`, 's');

/** The forced moves that a text is marked with, the oldest first. */
export function markIn(by: string): readonly ForcedMove[] {
  const [, , mark] = MARK.exec(by) ?? [];
  return (mark ?? '').split(/,/).flatMap((text) => {
    const [claim, from, to, at] = text.split(/[:>@]/);
    if (at === undefined) return [];
    return [{ from: from as Phase, to: to as Phase, at: Number.parseInt(at, 36), claim: Number(claim) }];
  });
}

/** What stands after the name, and before the mark of forced moves, where a stay in `settle` follows `contract`. */
const FROM_CONTRACT = ', from contract';

/** Whether a stay in `settle` follows `contract`. @param by with its marks. */
export function followsContract(by: string): boolean {
  return withoutForced(by).endsWith(FROM_CONTRACT);
}

/** The mark of a ramp; null for none. @param by with its marks. */
export function rampIn(by: string): RampMark | null {
  return rampMarkIn(withoutForced(by));
}

/** Who asked, without the marks, in whichever order they are and how often: no name is to be read as what a move has said. */
export function withoutMark(by: string): string {
  const inner = withoutRampMark(withoutForced(by));
  const named = inner.endsWith(FROM_CONTRACT) ? inner.slice(0, -FROM_CONTRACT.length) : inner;
  return named === by ? by : withoutMark(named);
}

function withoutForced(by: string): string {
  return MARK.exec(by)?.[1] ?? by;
}

/** @param name who asked, without a mark. @param beside `from contract`: this is the move from `contract` to `settle`. A ramp: the share that the move sets. */
export function withMark(
  name: string,
  forced: readonly ForcedMove[],
  beside: 'from contract' | RampMark | null = null,
): string {
  const mark = beside === null ? '' : beside === 'from contract' ? FROM_CONTRACT : rampMarkOf(beside);
  const marks = `${mark}${markOf(forced)}`;
  const room = LONGEST - marks.length;
  const kept = name.length <= room ? name : `${CUT}${name.slice(CUT.length - room)}`;
  return `${kept.toWellFormed()}${marks}`;
}

function markOf(forced: readonly ForcedMove[]): string {
  if (forced.length === 0) return '';
  const moves = forced
    .slice(-MOST_FORCED)
    .map(({ from, to, at, claim }) => `${claim}:${from}>${to}@${at.toString(36)}`);
  return `; forced ${moves.join(',')}`;
}
