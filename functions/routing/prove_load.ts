/** Asks Oracle for reads that Couchbase has just answered: how long each takes, and whether it says the same. */
import pMap from 'p-map';
import { CallFailed } from '../protocol/call.ts';
import type { OracleState } from '../protocol/state.ts';
import { NO_VERSION } from '../protocol/version.ts';
import { type Figures, NO_FIGURES, summed } from '../records/load_proof.ts';
import type { Circuit } from '../stores/circuit.ts';
import { OperatorNeeded, TooLargeToRead } from '../stores/failure.ts';
import { type ChosenRead, contentMark, type ProofBatch, withOutcome } from './load_samples.ts';
import type { Place } from './request.ts';

export interface ProofPorts {
  /** As the API would read it. */
  read(place: Place): Promise<OracleState>;
  /** Has both stores compared a bake later. Resolves to whether the queue has it. */
  lookAgain(place: Place): Promise<boolean>;
  /** Whether a call that begins now ends before the function does. */
  timely(): boolean;
  /** Of the container: Oracle is not asked where its last calls have failed. */
  readonly circuit: Circuit;
  /** Reads under way at the same time. */
  readonly lanes: number;
  /** Milliseconds of a steady clock. */
  steady(): number;
}

/**
 * What was measured, with what the API has measured itself. Reads that no time is left for, and those that a failing store is spared, are skipped. Rejects
 * where nobody has thought of a failure.
 */
export async function proveLoad(batch: ProofBatch, ports: ProofPorts): Promise<Figures> {
  const found = await pMap(batch.reads, (read) => proved(read, batch, ports), { concurrency: ports.lanes });
  return found.reduce(summed, batch.figures);
}

const SKIPPED: Figures = { ...NO_FIGURES, skipped: 1 };

async function proved(read: ChosenRead, { collection }: ProofBatch, ports: ProofPorts): Promise<Figures> {
  const { circuit, steady } = ports;
  const place = { collection, key: read.key };
  const began = steady();
  if (!ports.timely() || circuit.open(began)) return SKIPPED;
  const noted = (took: number | 'failed') => ({
    ...NO_FIGURES,
    oracle: withOutcome(NO_FIGURES.oracle, took),
  });
  try {
    const row = await ports.read(place);
    const took = steady() - began;
    circuit.answered();
    // As long as it is not backfilled. A verification looks for what is missing after that.
    if (read.mark !== null && isUnknown(row)) return { ...NO_FIGURES, absent: 1 };
    if (!isAlike(read, row)) await ports.lookAgain(place);
    return noted(took);
  } catch (error) {
    // It was measured as the API would, and found to be too large for an answer.
    if (error instanceof TooLargeToRead) {
      circuit.answered();
      return noted(steady() - began);
    }
    if (!(error instanceof CallFailed || error instanceof OperatorNeeded)) throw error;
    circuit.failed(steady());
    return noted('failed');
  }
}

/**
 * Whether nothing speaks against it that both stores are the same. What was written since is newer in Oracle, and tells nothing; all else may be on its way by a
 * receipt, or differ in its spelling alone, and is looked at again.
 */
export function isAlike({ version, mark }: ChosenRead, row: OracleState): boolean {
  if (row.version > version && version > NO_VERSION) return true;
  const held = contentMark(row.content);
  if (held === null && mark === null) return true;
  return row.version === version && held === mark;
}

/** Not even a deletion. */
function isUnknown({ content, version }: OracleState): boolean {
  return content === null && version === NO_VERSION;
}
