/**
 * What one container of the API gathers for the proof of load (see `records/load_proof.ts`): which reads Oracle is to be asked for, too, and how long calls
 * have taken. It goes away in few messages, and no request waits for one: where the queue does not take it, reads are skipped, and counted.
 */
import { createHash } from 'node:crypto';
import { type Call, CallFailed, type Reply } from '../protocol/call.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Content, Versioned } from '../protocol/state.ts';
import type { Version } from '../protocol/version.ts';
import { withCall } from '../records/histogram.ts';
import {
  type Calls,
  type Figures,
  isProven,
  NO_FIGURES,
  type Ramp,
  stepAt,
  summed,
} from '../records/load_proof.ts';
import { Circuit } from '../stores/circuit.ts';
import type { IsAwaited } from '../stores/port.ts';
import type { Place } from './request.ts';

/** A read as Couchbase has answered it, for whoever asks Oracle. */
export interface ChosenRead {
  readonly key: string;
  readonly version: Version;
  /** See `contentMark`. */
  readonly mark: string | null;
}

/** What is handed on together: of one collection, in one step. */
export interface ProofBatch {
  readonly collection: string;
  readonly phase: Phase;
  /** The share of reads that were chosen. */
  readonly percent: number;
  readonly reads: readonly ChosenRead[];
  readonly figures: Figures;
}

export interface LoadSamplesPorts {
  /** Null where the collection proves nothing. */
  rampOf(collection: string): Ramp | null;
  /** Whether one of so many percent of the reads is chosen. */
  chosen(percent: number): boolean;
  /** Resolves to whether the queue has it, and never rejects. */
  send(batch: ProofBatch): Promise<boolean>;
  /** So many reads that were chosen are not asked of Oracle. */
  skipped(reads: number): void;
  /** Milliseconds of a steady clock. */
  steady(): number;
  /** Milliseconds since the epoch, by the clock that phases begin by. */
  now(): number;
}

/** When a phase is, and since when: see `Surroundings`. */
interface Stay {
  readonly phase: Phase;
  readonly since?: number | undefined;
}

type StorePort = (call: Call, isAwaited?: IsAwaited) => Promise<Reply>;

/** Reads of one message, and milliseconds after which it goes with fewer. */
export const [MOST_READS, LONGEST] = [25, 1000];
/** Messages under way, and reads that wait for one meanwhile. */
const [UNDER_WAY, MOST_WAITING] = [2, 4 * MOST_READS];
/** Milliseconds. A call that has failed after as long tells nothing: a container without requests stands still, and its timers with it. */
const FROZEN = 5000;
const CIRCUIT = { window: 10, failures: 5, pause: 3000, trials: 1 };

interface Gathering {
  readonly batch: ProofBatch;
  /** Of a steady clock. */
  readonly began: number;
}

export class LoadSamples {
  readonly #ports: LoadSamplesPorts;
  readonly #gathering = new Map<string, Gathering>();
  readonly #queue = new Circuit(CIRCUIT);
  #underWay = 0;

  constructor(ports: LoadSamplesPorts) {
    this.#ports = ports;
  }

  /** A read begins. Null where it is not chosen. */
  begin(place: Place, stay: Stay): ReadSample | null {
    const percent = this.#percent(place.collection, stay);
    if (percent === null || !this.#ports.chosen(percent)) return null;
    const empty = {
      collection: place.collection,
      phase: stay.phase,
      percent,
      reads: [],
      figures: NO_FIGURES,
    };
    return new ReadSample(place.key, empty, this.#ports.steady, (batch) => this.#add(batch));
  }

  /** The store that follows has had its part of a write. @param took milliseconds, or that it was not answered in time. */
  followed(collection: string, stay: Stay, took: number | 'failed'): void {
    const percent = this.#percent(collection, stay);
    if (percent === null) return;
    const figures = { ...NO_FIGURES, writes: withOutcome(NO_FIGURES.writes, took) };
    this.#add({ collection, phase: stay.phase, percent, reads: [], figures });
  }

  /** Sends what is due. To be called when a request begins, so that sending goes on beside its calls: after the answer the sandbox is frozen. */
  sendDue(): void {
    const now = this.#ports.steady();
    for (const [name, { batch, began }] of this.#gathering) {
      if (batch.reads.length < MOST_READS && now - began < LONGEST) continue;
      if (this.#underWay >= UNDER_WAY) return;
      if (this.#queue.open(now)) {
        this.#gathering.set(name, { batch: this.#without(batch), began: now });
        continue;
      }
      this.#gathering.delete(name);
      void this.#send(batch);
    }
  }

  async #send(batch: ProofBatch): Promise<void> {
    const [now, later] = [batch.reads.slice(0, MOST_READS), batch.reads.slice(MOST_READS)];
    if (later.length > 0) this.#add({ ...batch, reads: later, figures: NO_FIGURES });
    const sent = { ...batch, reads: now };
    const began = this.#ports.now();
    this.#underWay++;
    const isSent = await this.#ports.send(sent);
    this.#underWay--;
    if (isSent) return this.#queue.answered();
    // The sandbox was frozen meanwhile: SQS may have had the message long since, and a second one would count its reads twice.
    if (this.#ports.now() - began > FROZEN) return;
    this.#queue.failed(this.#ports.steady());
    this.#add(this.#without(sent));
  }

  #percent(collection: string, { phase, since }: Stay): number | null {
    if (since === undefined || !isProven(phase)) return null;
    const ramp = this.#ports.rampOf(collection);
    return ramp === null ? null : stepAt(ramp, phase, since, this.#ports.now()).percent;
  }

  #add(more: ProofBatch): void {
    const name = `${more.collection} ${more.phase} ${more.percent}`;
    const { batch, began } = this.#gathering.get(name) ?? {
      batch: { ...more, reads: [], figures: NO_FIGURES },
      began: this.#ports.steady(),
    };
    const isFull = batch.reads.length + more.reads.length > MOST_WAITING;
    const { reads, figures } = isFull ? this.#without(more) : more;
    const sum = { ...batch, reads: [...batch.reads, ...reads], figures: summed(batch.figures, figures) };
    this.#gathering.set(name, { batch: sum, began });
  }

  /** The figures stay: they say how many were skipped. */
  #without(batch: ProofBatch): ProofBatch {
    const { length } = batch.reads;
    if (length > 0) this.#ports.skipped(length);
    const { figures } = batch;
    return { ...batch, reads: [], figures: { ...figures, skipped: figures.skipped + length } };
  }
}

/** One read that was chosen. */
export class ReadSample {
  readonly #key: string;
  readonly #empty: ProofBatch;
  readonly #steady: () => number;
  readonly #add: (batch: ProofBatch) => void;

  constructor(key: string, empty: ProofBatch, steady: () => number, add: (batch: ProofBatch) => void) {
    this.#key = key;
    this.#empty = empty;
    this.#steady = steady;
    this.#add = add;
  }

  /** The same port, whose reads are timed. In `seal` a read asks both stores. */
  timed(port: StorePort): StorePort {
    return async (call, isAwaited) => {
      const store = STORE_READ[call.name];
      if (store === undefined) return port(call, isAwaited);
      const began = this.#steady();
      let isAnswered = true;
      try {
        return await port(call, isAwaited);
      } catch (error) {
        isAnswered = !(error instanceof CallFailed);
        throw error;
      } finally {
        this.#note(store, isAnswered ? this.#steady() - began : 'failed');
      }
    };
  }

  /** In `expand` the read has asked Couchbase alone. */
  ended({ content, version }: Versioned): void {
    if (this.#empty.phase !== 'expand') return;
    this.#add({ ...this.#empty, reads: [{ key: this.#key, version, mark: contentMark(content) }] });
  }

  #note(store: 'couchbase' | 'oracle', took: number | 'failed'): void {
    const figures = { ...NO_FIGURES, [store]: withOutcome(NO_FIGURES[store], took) };
    this.#add({ ...this.#empty, figures });
  }
}

const STORE_READ: Readonly<Record<string, 'couchbase' | 'oracle' | undefined>> = {
  'couchbase.read': 'couchbase',
  'oracle.read': 'oracle',
};

export function withOutcome({ latencies, failed }: Calls, took: number | 'failed'): Calls {
  return took === 'failed'
    ? { latencies, failed: failed + 1 }
    : { latencies: withCall(latencies, took), failed };
}

/** Bytes of a body that are looked at: a large one would keep its request waiting. What lies behind them, a verification by content compares. */
const LOOKED_AT = 65_536;

/** Equal for two documents that are the same byte by byte, as far as it is looked at them; null for none. */
export function contentMark(content: Content): string | null {
  if (content === null) return null;
  const { body, expiresAt } = content;
  const hash = createHash('sha256').update(`${expiresAt ?? 'never'} ${body.length}\n`);
  return hash.update(body.subarray(0, LOOKED_AT)).digest('base64url');
}
