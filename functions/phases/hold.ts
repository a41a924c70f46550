/**
 * What operators have said of the moves of one collection: which of them wait for a commit, and which one was committed. It is the value of the
 * parameter `hold`, which functions make when it is first needed: `inherit`, or JSON.
 */
import * as v from 'valibot';
import { issueText } from '../parsing/issue.ts';
import { quoted } from '../parsing/quoted.ts';
import { PHASES, type Phase } from '../protocol/phase.ts';
import { INHERIT } from './parameters.ts';

/** Moves that can be held, by where they lead. They are those forward: no move back is ever held. */
export const HOLDABLE = ['seal', 'switch'] as const satisfies readonly Phase[];
export type Holdable = (typeof HOLDABLE)[number];

const name = v.pipe(v.string(), v.maxLength(250));
const reason = v.nullable(v.pipe(v.string(), v.maxLength(500)));
/** Milliseconds since the epoch, by SSM's clock. */
const time = v.pipe(v.number(), v.integer(), v.minValue(0));

const HOLD = v.strictObject({
  before: v.pipe(v.array(v.picklist(HOLDABLE)), v.minLength(1)),
  ...{ by: name, at: time, why: reason },
});

const COMMIT = v.strictObject({
  /** The move, and the version of the phase that it leaves: after any other move the commit is of no use. */
  ...{ from: v.picklist(PHASES), to: v.picklist(PHASES), version: v.pipe(v.number(), v.integer()) },
  ...{ by: name, at: time, why: reason },
  /** Until when the move has to be made; null for without an end. */
  until: v.nullable(time),
  /** Whether it is made outside of the windows of the configuration, too. */
  outsideWindow: v.boolean(),
  /** The version of this parameter that it was written over, 0 for none: SSM writes over whatever is there, and another one may be a hold that it knows nothing of. */
  over: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

const VALUE = v.strictObject({ hold: v.nullable(HOLD), commit: v.nullable(COMMIT) });

export type Hold = v.InferOutput<typeof HOLD>;
export type Commit = v.InferOutput<typeof COMMIT>;
type Value = v.InferOutput<typeof VALUE>;

export interface Holding extends Value {
  /** Of the parameter; 0 where there is none yet. */
  readonly version: number;
}

/** Nobody has said anything: the configuration counts alone. */
export const NO_HOLDING: Holding = { hold: null, commit: null, version: 0 };

/** What an operator has said, or why nobody can tell. */
export type ReadHolding = Holding | { readonly unreadable: string };

/** The value of the parameter, and its version. */
export interface StoredHolding {
  readonly value: string;
  readonly version: number;
}

/** @param stored undefined where there is no such parameter yet. @param parameter its name. */
export function readHolding(stored: StoredHolding | undefined, parameter: string): ReadHolding {
  const { value, version } = stored ?? { value: INHERIT, version: 0 };
  if (value === INHERIT) return { ...NO_HOLDING, version };
  const { success, output, issues } = v.safeParse(VALUE, jsonIn(value));
  const told = `Moves into ${HOLDABLE.join(' and ')} wait: npx crossfade hold writes it anew, and hold --release ends it`;
  if (!success)
    return {
      unreadable: `HOLD_UNREADABLE: ${parameter} holds ${quoted(value)}, which says nothing (${issueText(issues[0])}). ${told}`,
    };
  if (output.commit === null || output.commit.over + 1 === version) return { ...output, version };
  return {
    unreadable: `HOLD_CHANGED: while ${output.commit.by} has committed a move, somebody else has changed ${parameter}. ${told}`,
  };
}

export function holdingText({ hold, commit }: Value): string {
  return hold === null && commit === null ? INHERIT : JSON.stringify({ hold, commit });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
