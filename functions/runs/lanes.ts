/**
 * The lanes of a run. A lane is one task of its state machine, with one message in the queue: its workers go from shard to shard, one after
 * another, until none is left that nobody has. So an execution has as many events for a billion documents as for a thousand, no list of
 * shards goes through its states, and the runs that share a queue take turns in it. A task of the version before stands for one shard.
 */

/** Tasks of one run at most: as many as an inline map of Step Functions works on at the same time. */
export const LANES = 40;

/** Milliseconds that a worker goes on before it hands its lane on: then the lanes of other runs have their turn. */
export const TURN = 60_000;

/** Milliseconds: a run in which nothing has moved for so long is nobody's any more, where few others are under way. */
export const BUSY = 900_000;

/** The same beside others: in half of that time each lane has had its turn, where a run has as many lanes as there are workers. */
export function busyBeside(runs: number): number {
  return Math.max(BUSY, 2 * TURN * runs);
}

/** A lane that finds nothing to do waits for this share of the time for which it has waited already, and for so many seconds at most. */
const [SHARE, LONGEST] = [8, 300];

/**
 * Seconds until the next look of a lane that cannot go on: its run is paused, others go first, or a store is away. Right after it has come to a
 * stop it looks often, later seldom: a pause of a week takes 2,000 messages a lane.
 * @param waited milliseconds since it has last worked on something. @param least seconds.
 */
export function untilNextLook(waited: number, least: number): number {
  return Math.max(least, Math.min(LONGEST, Math.floor(waited / 1000 / SHARE)));
}
