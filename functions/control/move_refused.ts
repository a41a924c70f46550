/** A move that is not made. */
import type { Phase } from '../protocol/phase.ts';

/** The move cannot be made, or not now. Nothing was done. */
export class MoveRefused extends Error {
  override readonly name = 'MoveRefused';
}

/** A move, and the version of the phase that it leaves: after any other move it is another one. */
export interface Planned {
  readonly from: Phase;
  readonly to: Phase;
  readonly version: number;
}

/** Throws `MoveRefused` where the move is not the one that was asked for. @param asked none for any. */
export function requireSame(asked: Planned | undefined, { from, to, version }: Planned): void {
  if (asked === undefined || (asked.from === from && asked.to === to && asked.version === version)) return;
  throw new MoveRefused(
    `REQUEST_OUTDATED: the move from ${asked.from} to ${asked.to} was asked for, and since then the phase has moved, or the flags want another. ` +
      'Nothing was done. Look at npx crossfade status, and ask again',
  );
}
