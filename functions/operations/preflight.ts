/** What Oracle could not hold exactly, or would refuse, found before anything is copied. Reads, and changes nothing. */

import { payloadOf } from '../protocol/payload.ts';
import type { Shard } from '../protocol/shard.ts';
import type { CouchbaseState } from '../protocol/state.ts';
import { BATCH, batchesOf } from '../runs/batches.ts';
import type { LoadSummary } from '../runs/load.ts';
import type { ReadOutcome } from '../stores/couchbase/read_many.ts';
import { PoisonDocument } from '../stores/failure.ts';
import { LARGEST_BODY } from '../stores/storable.ts';

export interface PreflightPorts {
  keys(shard: Shard, limit: number): Promise<readonly string[]>;
  sizes(keys: readonly string[]): Promise<readonly (number | null)[]>;
  read(keys: readonly string[]): Promise<readonly ReadOutcome[]>;
  /** Throws `PoisonDocument` for what Oracle could never take. */
  require(key: string, content: CouchbaseState['content']): void;
  /** Why Couchbase can make no durable writes for now; null where it can. */
  durabilityProblem(): Promise<string | null>;
  /** How hard Oracle works now. Never rejects. */
  load(): Promise<LoadSummary>;
  timely(): boolean;
}

export interface Preflight {
  readonly checked: number;
  /** Documents that would be set aside, exactly. */
  readonly refused: number;
  /** Documents that are no JSON: they are kept byte for byte, in a column of their own. */
  readonly notJson: number;
  /** Of the largest body. */
  readonly largest: number;
  readonly samples: readonly { readonly key: string; readonly why: string }[];
  /** Why Couchbase can make no durable writes for now; functions of the version before tell none. */
  readonly durabilityProblem?: string | null;
  /** How hard Oracle works; on the first page alone, and not of functions of the version before. */
  readonly load?: LoadSummary;
  /** Where to go on; null where all of the range was looked at. */
  readonly next: string | null;
}

const PAGE = 500;
const SAMPLES = 20;

export async function preflight(range: Shard, ports: PreflightPorts): Promise<Preflight> {
  const durabilityProblem = await ports.durabilityProblem();
  const load = range.after === null ? { load: await ports.load() } : {};
  const found = { checked: 0, refused: 0, notJson: 0, largest: 0, durabilityProblem, ...load };
  const samples: { key: string; why: string }[] = [];
  const refuse = (key: string, why: string) => {
    found.refused++;
    if (samples.length < SAMPLES) samples.push({ key, why });
  };
  for (let after = range.after; ; ) {
    const keys = await ports.keys({ after, upTo: range.upTo }, PAGE);
    const sizes = await ports.sizes(keys);
    const sized = keys.map((key, n) => ({ key, size: sizes[n] ?? null }));
    for (const batch of batchesOf(sized, BATCH)) {
      for (const { key, size } of batch) {
        found.largest = Math.max(found.largest, size ?? 0);
        if (size !== null && size > LARGEST_BODY)
          refuse(key, `its body has ${size} bytes, above ${LARGEST_BODY}`);
      }
      const small = batch.filter(({ size }) => size !== null && size <= LARGEST_BODY).map(({ key }) => key);
      for (const read of await ports.read(small)) if (look(read, ports, refuse)) found.notJson++;
      found.checked += batch.length;
      after = batch.at(-1)?.key ?? after;
      if (!ports.timely()) return { ...found, samples, next: after };
    }
    if (keys.length < PAGE) return { ...found, samples, next: null };
  }
}

/** Whether the document is no JSON. */
function look(
  read: Awaited<ReturnType<PreflightPorts['read']>>[number],
  { require }: PreflightPorts,
  refuse: (key: string, why: string) => void,
): boolean {
  if ('failure' in read) {
    if (!(read.failure instanceof PoisonDocument)) throw read.failure;
    refuse(read.key, read.failure.message);
    return false;
  }
  const { content } = read.state;
  try {
    require(read.key, content);
  } catch (error) {
    if (!(error instanceof PoisonDocument)) throw error;
    refuse(read.key, error.message);
  }
  if (content === null) return false;
  const payload = payloadOf(content);
  const isJson = payload.json !== null;
  // All documents of the batch are in memory until the last of them was looked at.
  payload.dropTree();
  return !isJson;
}
