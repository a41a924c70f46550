/**
 * What is done before a write goes to Couchbase without durability. A failover may take it away after it was acknowledged, so gates wait for a
 * verification that begins after the last such write, and a crash must not hide that there was one. It lies in Oracle, beside the runs
 * that the gates are decided on:
 * 1 A container notes "until two bakes from now". 2 It writes without durability for one bake, and a call lasts less than another.
 * 3 It notes again. So every such write lands before the time that was noted before it, also where clocks are off by seconds, and Oracle has
 * one statement a bake and container, whatever the traffic.
 * In `legacy` nothing is noted, since Oracle may not be there: the gate `expand -> seal` asks for a backfill and a verification that
 * begin a bake after it anyway.
 */
import type { Phase } from '../protocol/phase.ts';

export interface NotDurablePorts {
  /** The present phase of a collection. */
  phase(collection: string): Promise<Phase>;
  note(collection: string, until: number): Promise<void>;
  /** Called for every such write. */
  count(): void;
  /** Called where it is noted, for the log. */
  warn(collection: string, until: number): void;
  /** Milliseconds since the epoch, as the beginnings of runs are counted. */
  now(): number;
  /** Milliseconds. */
  readonly bake: number;
}

/** @returns what is called before each such write of a collection. Where it rejects, the write must not be made. */
export function notingNotDurable(ports: NotDurablePorts): (collection: string) => Promise<void> {
  const noted = new Map<string, { readonly from: number; readonly done: Promise<void> }>();
  return async (collection) => {
    ports.count();
    if ((await ports.phase(collection)) === 'legacy') return;
    const [now, last] = [ports.now(), noted.get(collection)];
    if (last !== undefined && now >= last.from && now < last.from + ports.bake) return last.done;
    const until = now + 2 * ports.bake;
    ports.warn(collection, until);
    const next = { from: now, done: ports.note(collection, until) };
    noted.set(collection, next);
    // The next write tries again.
    next.done.catch(() => {
      if (noted.get(collection) === next) noted.delete(collection);
    });
    return next.done;
  };
}
