/**
 * The mark of a ramp, behind the name of who asked for it: `controller, ramp 10 since m8x2k3l9`. As that of forced moves, it is no member of its own: functions of the version
 * before would refuse that. They take a collection with the mark to be in its own phase, with all of its keys, which is as safe.
 */
export interface RampMark {
  /** Of the keys; 100 where the whole collection has come to its phase by a ramp. */
  readonly percent: number;
  /** When its stay in the phase began, in milliseconds since the epoch: each change of the share writes the parameter anew, and so makes it later. */
  readonly stay: number;
}

const MARK = /^(.*), ramp (0|[1-9]\d?|100) since ([0-9a-z]{1,9})$/s;

/** @param named who asked, without the mark of forced moves. Null for no mark. */
export function rampMarkIn(named: string): RampMark | null {
  const [, , percent, stay] = MARK.exec(named) ?? [];
  return stay === undefined ? null : { percent: Number(percent), stay: Number.parseInt(stay, 36) };
}

export function rampMarkOf({ percent, stay }: RampMark): string {
  return `, ramp ${percent} since ${stay.toString(36)}`;
}

export function withoutRampMark(named: string): string {
  return MARK.exec(named)?.[1] ?? named;
}
