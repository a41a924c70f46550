/** Everything that is known of one document, but for what it holds. */
import { fingerprint } from '../protocol/fingerprint.ts';
import type { Phase } from '../protocol/phase.ts';
import { contains } from '../protocol/shard.ts';
import type { Noted } from '../records/finding.ts';
import type { Letter } from '../records/letter.ts';
import type { Repair } from '../records/repair.ts';
import type { Run, ShardRow } from '../records/run.ts';
import type { Entry } from '../stores/oracle/set_aside.ts';
import type { Taking } from '../stores/selection.ts';
import type { Pair, Seen } from '../stores/snapshot.ts';
import { compare } from '../verification/compare.ts';
import type { ExplainedRows } from '../verification/explain_rows.ts';
import { firstDifference } from '../verification/first_difference.ts';

export interface ExplainPorts {
  /** Whether the collection takes the key. */
  taking(key: string): Taking;
  /** That requests for the key act in. */
  phase(key: string): Promise<Phase>;
  /** @param phase tells which store is looked at first. */
  look(key: string, phase: Phase): Promise<Looked>;
  /** Of a collection with projections: its rows in their tables. @param oracle its row, as it was looked at. */
  projected?(key: string, oracle: Seen): Promise<ExplainedRows>;
  findings(key: string): Promise<readonly Noted[]>;
  repairs(key: string): Promise<readonly Repair[]>;
  letters(key: string): Promise<readonly Letter[]>;
  /** What its row held, and what was replaced. */
  setAside(key: string): Promise<readonly Entry[]>;
  /** Runs of the collection that are not finished, each with its shard that holds the key; null where none does. */
  runs(key: string): Promise<readonly (Run & { readonly shard: ShardRow | null })[]>;
}

/** What both stores hold. `bytes` of each body, where one of them is too large to be read here: then none is. */
export interface Looked extends Pair {
  readonly bytes?: Readonly<Record<keyof Pair, number | null>>;
}

export interface Side {
  readonly presence: Seen['presence'];
  readonly version: string;
  readonly expires: string | null;
  readonly bytes: number | null;
  /** Of the canonical form of the body. */
  readonly fingerprint: string | null;
  /** Of Oracle: the last version that Couchbase ordered, where Oracle orders the key. */
  readonly handoff: string | null;
}

export interface Explanation {
  readonly key: string;
  readonly phase: Phase;
  /** Missing where functions of the version before answer, which take every key. */
  readonly taking?: Taking;
  readonly couchbase: Side;
  readonly oracle: Side;
  /** What a verification would say of it; null also of a key that it passes over. */
  readonly difference: { readonly kind: string; readonly detail: string } | null;
  /** Why bodies were not compared; null where they were. Functions of the version before tell none. */
  readonly notCompared?: string | null;
  /** Where the bodies first differ, as a JSON Pointer (RFC 6901). */
  readonly differsAt: string | null;
  /** Of a collection with projections. Functions of the version before tell nothing of them. */
  readonly projected?: ExplainedRows;
  readonly findings: readonly Noted[];
  readonly repairs: readonly Repair[];
  readonly deadLetters: readonly Pick<Letter, 'reason' | 'state' | 'times' | 'firstSeen' | 'lastSeen'>[];
  readonly setAside: readonly Entry[];
  /** The shards of unfinished runs that it belongs to, and whether they have passed it. */
  readonly runs: readonly {
    readonly run: string;
    readonly kind: string;
    readonly shard: number;
    readonly passed: boolean;
  }[];
}

export async function explain(key: string, ports: ExplainPorts): Promise<Explanation> {
  const phase = await ports.phase(key);
  const [pair, findings, repairs, letters, runs, setAside] = await Promise.all([
    ...([ports.look(key, phase), ports.findings(key), ports.repairs(key)] as const),
    ...([ports.letters(key), ports.runs(key), ports.setAside(key)] as const),
  ]);
  const { couchbase, oracle, bytes } = pair;
  const projected = await ports.projected?.(key, oracle);
  const taking = ports.taking(key);
  return {
    ...{
      key,
      phase,
      taking,
      couchbase: sideOf(couchbase, bytes?.couchbase),
      oracle: sideOf(oracle, bytes?.oracle),
    },
    difference: taking === 'taken' ? compare(phase, pair, bytes === undefined ? 'content' : 'version') : null,
    notCompared: bytes === undefined ? null : TOO_LARGE,
    differsAt: firstDifference(pair.couchbase.body, pair.oracle.body),
    ...(projected === undefined ? {} : { projected }),
    ...{ findings, repairs, setAside },
    deadLetters: letters.map(({ reason, state, times, firstSeen, lastSeen }) => ({
      ...{ reason, state, times, firstSeen, lastSeen },
    })),
    runs: runs.flatMap(({ id, kind, shard }) =>
      shard === null ? [] : [{ run: id, kind, shard: shard.shard, passed: hasPassed(shard, key) }],
    ),
  };
}

function hasPassed({ state, after, doneKey }: ShardRow, key: string): boolean {
  return state === 'done' || (doneKey !== null && contains({ after, upTo: doneKey }, key));
}

const TOO_LARGE =
  'a body is too large to be read here: npx crossfade verify start NAME --mode content compares it';

/** @param bytes of a body that was not read. */
function sideOf({ presence, version, expires, body, handoff }: Seen, bytes: number | null = null): Side {
  return {
    ...{ presence, version: version.toString(), handoff: handoff?.toString() ?? null },
    expires: expires === null ? null : new Date(expires * 1000).toISOString(),
    bytes: body?.length ?? bytes,
    fingerprint: body === null ? null : fingerprint(body, null),
  };
}
