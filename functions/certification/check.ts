/** One check of a certification, and the ports over the stores that it is run with. */
import type { StoreName } from '../protocol/phase.ts';
import type { Shard } from '../protocol/shard.ts';
import type { Pair } from '../routing/router.ts';
import type { Tried, Unlock } from '../stores/oracle/outside.ts';
import type { Checked, Form } from './certificate.ts';
import type { Told } from './certify_state.ts';

export const GROUPS = ['contract', 'races', 'documents', 'outside', 'rehearsal', 'broken'] as const;
export type Group = (typeof GROUPS)[number];

/** Faults of Oracle that need no test system: they strike sessions and rows of the check's own. */
export interface Outside {
  /** Has the row of a key locked by a transaction of another session. */
  lockRow(key: string): Promise<Unlock>;
  /**
   * Kills a session that has changed the row of a key, and not committed. @returns how its next statement has failed, as the store tells it; null
   * where it has not.
   */
  killSession(key: string): Promise<Tried<Error | null>>;
}

/** By what it is seen that something of a test system is broken. */
export interface Broken {
  /** Whether Oracle has refused a write since it has no room. @param error what the write has thrown; null where it was done. */
  noRoom(error: unknown): boolean;
  /** Whether a session of Oracle was lost, or none is to be had. */
  lostSession(error: unknown): boolean;
  /** Whether Couchbase has refused a write since it has no memory. */
  noMemory(error: unknown): boolean;
  /**
   * Partitions of Couchbase that another node has taken over since it was asked first, of those that these keys are in. It only reads: where too few
   * replicas are left, no write tells anything. Throws what a store throws that does not answer.
   */
  failedOver(keys: readonly string[]): Promise<number>;
}

/** What Couchbase can be asked about its durability. */
export interface Durability {
  readonly level: string;
  /** Why mutations cannot be as durable as they are to be; null where they can. @param keys of no documents. */
  problem(keys: readonly string[]): Promise<string | null>;
}

/**
 * Both stores over a scratch collection and a scratch table, which nobody else writes into. Whoever calls makes them before the first step, and
 * drops them after the last one. Documents whose keys do not begin with `OWN` make the first check fail, and no other is run.
 */
export interface Ports extends Pair {
  /** The first keys of a shard, in byte order, as a backfill or a copy-back lists them. Oracle lists deleted rows that it orders, too. */
  readonly keys: Readonly<Record<StoreName, (shard: Shard, limit: number) => Promise<string[]>>>;
  readonly outside: Outside;
  readonly broken: Broken;
  /** Shows the operator what to do. That it cannot be shown ends nothing. */
  readonly tell: (told: Told) => Promise<void>;
  /** Both stores again, over the same places: a call may take longer, since a document of 20 MiB takes longer on a machine that has much to do. */
  readonly large: Pick<Pair, 'couchbase' | 'oracle'>;
  readonly durability: Durability;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds on a clock that never goes back. */
  readonly steady: () => number;
  /** @param milliseconds to wait. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Calls back after so many milliseconds. @returns what cancels that. */
  readonly after: (milliseconds: number, act: () => void) => () => void;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Milliseconds that one call of a store may take. */
  readonly call: number;
  /** Milliseconds that this step may still take. A check is begun where it takes no longer than that. */
  readonly timeLeft: () => number;
}

/** Each key of a check begins with it: so it is known which documents are not the check's own. */
export const OWN = 'crossfade-certify/';

/** Without `name` and `took`, which the step adds. */
export type Finding = Omit<Checked, 'name' | 'took'>;

export interface Check {
  /** Stable: for scripts. */
  readonly name: string;
  readonly title: string;
  readonly group: Group;
  /** What it shows, in a sentence. */
  readonly proves: string;
  /** Rights or settings that it needs beyond those of the functions; empty for none. A check that lacks one is skipped. */
  readonly needs: readonly string[];
  /** A certificate may pass without it. */
  readonly optional: boolean;
  /** The forms that it belongs to; all that belong to the whole one belong to that of a test system, too. */
  readonly forms: readonly Form[];
  /** Milliseconds after which it is given up, and has failed. */
  readonly atMost: number;
  /** Throws `NotKept` for what the stores do wrong. Anything else that it throws makes it fail, too. */
  run(ports: Ports): Promise<Finding>;
}

export function belongs({ forms }: Pick<Check, 'forms'>, form: Form): boolean {
  return forms.includes(form) || (form === 'test-system' && forms.includes('whole'));
}
