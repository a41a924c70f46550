/** The operations `hold` and `commit`: moves wait for an operator, and one of them is let through. */
import type { Controller } from '../control/controller.ts';
import type { Planned } from '../control/move_refused.ts';
import { parameterText } from '../parsing/parameter_text.ts';
import { type Commit, HOLDABLE, type Hold, holdingText } from '../phases/hold.ts';
import type { Caller } from './caller.ts';
import { shownActor } from './person.ts';
import { BadOperation, type OperationOf } from './request.ts';

/** Writes what operators have said of the moves of one collection over whatever is there. @returns the version that it has then. */
export type WriteHold = (text: string) => Promise<number>;

export interface HoldPorts {
  readonly control: Pick<Controller, 'committable'>;
  writeHold(collection: string): WriteHold;
  /** Milliseconds since the epoch, by SSM's clock, which bakes and windows are counted by. Never rejects. */
  time(): Promise<number>;
}

/** What was written, and whether the audit log has an entry of it: a hold waits for no log. */
export interface Held {
  readonly collection: string;
  /** Null where the collection is no longer held by an operator. */
  readonly hold: Hold | null;
  readonly audited: boolean;
  /** Why it has none; null where it has one. */
  readonly because: string | null;
}

export interface Committed extends Omit<Planned, 'version'> {
  readonly collection: string;
  readonly commit: Commit;
}

/** Bytes that a parameter has room for, and characters of a name. */
const [ROOM, LONGEST] = [4096, 250];

/** Takes effect with the next look of the controller. Takes back what was committed. */
export async function hold(
  { collection, before = [...HOLDABLE], why, release }: OperationOf<'hold'>,
  caller: Caller,
  { writeHold, time }: HoldPorts,
): Promise<Held> {
  const by = nameOf(caller);
  const said: Hold | null = release ? null : { before, by, at: await time(), why };
  await writeHold(collection)(textOf({ hold: said, commit: null }));
  const action = release ? 'released' : `moves into ${before.join(' and ')} held`;
  const entered = caller.enter(`${collection}: ${action}`, why ?? 'no reason was given');
  return entered.then(
    () => ({ collection, hold: said, audited: true, because: null }),
    (error: Error) => ({ collection, hold: said, audited: false, because: error.message }),
  );
}

/**
 * Lets the next move through, and no other. It is entered before: what has no entry is not committed. Throws `MoveRefused` where no move waits
 * for it. SSM writes over whatever is there: where that was written meanwhile, the commit does not count, and all that can be held waits.
 */
export async function commit(
  { collection, why, within, outsideWindow }: OperationOf<'commit'>,
  caller: Caller,
  { control, writeHold, time }: HoldPorts,
): Promise<Committed> {
  const { from, to, version, holding } = await control.committable(collection, outsideWindow);
  const [at, over] = [await time(), holding.version];
  const until = within === null ? null : at + within;
  const said: Commit = { from, to, version, by: nameOf(caller), at, why, until, outsideWindow, over };
  const text = textOf({ hold: holding.hold, commit: said });
  const bounds = [
    ...(until === null ? [] : [`until ${new Date(until).toISOString()}`]),
    ...(outsideWindow ? ['outside of windows'] : []),
  ];
  const detail = [...bounds, why ?? 'no reason was given'].join(', ');
  await caller.enter(`${collection}: commit of ${from} to ${to}`, detail);
  if ((await writeHold(collection)(text)) !== over + 1)
    throw new BadOperation(
      `HOLD_CHANGED: somebody else has changed the hold of ${collection} at the same time. Nothing is let through. npx crossfade status tells what is held now; ` +
        'give hold, and then commit, again',
    );
  return { collection, from, to, commit: said };
}

function nameOf({ actor }: Caller): string {
  const shown = shownActor(actor);
  return shown.length <= LONGEST ? shown : `...${shown.slice(3 - LONGEST)}`;
}

/** Throws `BadOperation` where a parameter has no room for it. */
function textOf(holding: Parameters<typeof holdingText>[0]): string {
  // As SSM takes it: what it refuses stands there in more characters.
  const text = parameterText(holdingText(holding));
  if (Buffer.byteLength(text) <= ROOM) return text;
  throw new BadOperation(
    'REASON_TOO_LONG: there is no room for this reason. Nothing was done. Say it in fewer words',
  );
}
