/** What one batch of documents tells before a backfill. One that cannot be read, or that the code fails at, ends nothing: its key is told. */
import { causeIn } from '../books/letter_rows.ts';
import { shortened } from '../parsing/quoted.ts';
import { payloadOf } from '../protocol/payload.ts';
import type { CouchbaseState } from '../protocol/state.ts';
import type { Filling } from '../records/filling.ts';
import { added, example, type Fault, type Found, NOTHING_FOUND } from '../records/preflight.ts';
import type { Sized } from '../runs/batches.ts';
import { isFault } from '../runs/fault.ts';
import { isAnswerable } from '../stores/answerable.ts';
import type { ReadOutcome } from '../stores/couchbase/read_many.ts';
import { PoisonDocument, StoreUnavailable } from '../stores/failure.ts';
import { LARGEST_BODY } from '../stores/storable.ts';

export interface DocumentPorts {
  /** Bytes of each body, in the order of the keys; null for what is not there. Throws where one cannot be measured. */
  sizes(keys: readonly string[]): Promise<readonly (number | null)[]>;
  read(keys: readonly string[]): Promise<readonly ReadOutcome[]>;
  /** Throws `PoisonDocument` for what Oracle could never take. */
  require(key: string, content: CouchbaseState['content']): void;
  /** How a document fills the tables of projections; none where there are none. */
  filling?(key: string, content: CouchbaseState['content']): readonly Filling[];
  /** Whether there is time for another batch. */
  timely(): boolean;
}

/** What is asked of each document. */
type Looking = Pick<DocumentPorts, 'require' | 'filling'>;

/** Characters of a cause. */
const LONGEST_CAUSE = 150;
/** Keys whose documents cannot be measured, and no more: then it is not the documents. */
const MOST_UNMEASURED = 2;

/** A document of a key, measured; or the reason why it cannot be. */
export type Measured = Sized | { readonly key: string; readonly failure: Error };

type Sizing = Pick<DocumentPorts, 'sizes' | 'timely'>;

/** Throws where Couchbase does not answer at all, or time is up before that is known. */
export async function measure(keys: readonly string[], ports: Sizing): Promise<Measured[]> {
  try {
    const sizes = await ports.sizes(keys);
    return keys.map((key, n) => ({ key, size: sizes[n] ?? null }));
  } catch (error) {
    requireOfOne(error);
    return measureEach(keys, ports);
  }
}

/** One key after the other, since one of them cannot be measured. */
async function measureEach(keys: readonly string[], ports: Sizing): Promise<Measured[]> {
  const found: Measured[] = [];
  let failed = 0;
  for (const key of keys) {
    try {
      const [size = null] = await ports.sizes([key]);
      found.push({ key, size });
    } catch (error) {
      if (++failed > MOST_UNMEASURED || keys.length === 1 || !ports.timely()) throw error;
      found.push({ key, failure: requireOfOne(error) });
    }
  }
  return found;
}

/**
 * What a batch of measured documents tells. Throws where Couchbase does not answer at all.
 * @param isFirst of its request. Otherwise null where some could not be read, and there is no time to read them again: the next request does.
 */
export async function lookAt(
  batch: readonly Sized[],
  ports: DocumentPorts,
  isFirst: boolean,
): Promise<Found | null> {
  const notes = new Notes();
  for (const { key, size } of batch) notes.measured(key, size);
  const readable = batch.filter(({ size }) => size !== null && size <= LARGEST_BODY).map(({ key }) => key);
  const outcomes = await readTwice(readable, ports, isFirst);
  if (outcomes === null) return null;
  for (const outcome of outcomes) {
    const { key } = outcome;
    if ('state' in outcome) notes.document(key, outcome.state, ports);
    else if (outcome.failure instanceof PoisonDocument) notes.refused(key, outcome.failure.message);
    else notes.fault('unread', key, `it could not be read: ${outcome.failure.message}`);
  }
  return notes.found;
}

/** What could not be read with the others is read again without them; null where there is no time for that. Throws as `lookAt` does. */
async function readTwice(
  keys: readonly string[],
  ports: DocumentPorts,
  isFirst: boolean,
): Promise<readonly ReadOutcome[] | null> {
  const first = await ports.read(keys);
  const late = first.filter(isLate).map(({ key }) => key);
  if (late.length === 0) return first;
  if (!isFirst && !ports.timely()) return null;
  const again = await ports.read(late);
  const still = again.find(isLate);
  if (still !== undefined) await requireAnswer(still.key, ports);
  const second = new Map(again.map((each) => [each.key, each]));
  return first.map((each) => second.get(each.key) ?? each);
}

/** Measuring asks as little as can be asked: where that is not answered either, twice, it is the store. Throws then. */
async function requireAnswer(key: string, ports: Pick<DocumentPorts, 'sizes'>): Promise<void> {
  try {
    await ports.sizes([key]);
  } catch {
    // A large document that has just come may have kept the function busy for as long as the question lasted.
    await ports.sizes([key]);
  }
}

function isLate(outcome: ReadOutcome): boolean {
  return 'failure' in outcome && outcome.failure instanceof StoreUnavailable;
}

const COUNTED: Readonly<Record<Exclude<Fault, 'orphan'>, Partial<Found>>> = {
  ...{ refused: { refused: 1 }, 'too-large': { tooLarge: 1 }, unread: { unread: 1 } },
};

/** What is found of documents, added up. */
export class Notes {
  found: Found = NOTHING_FOUND;

  /** @param size of the body in bytes; null for what is not there any more. */
  measured(key: string, size: number | null): void {
    this.#add({ checked: 1, largest: size ?? 0 });
    if (size === null || size <= LARGEST_BODY) return;
    this.refused(
      key,
      `its body has ${size} bytes, above ${LARGEST_BODY}`,
      `its body is above ${LARGEST_BODY} bytes`,
    );
    this.fault('too-large', key, `its body has ${size} bytes, above what an answer can carry`);
  }

  document(key: string, { content }: CouchbaseState, ports: Looking): void {
    try {
      ports.require(key, content);
      if (content !== null) this.#content(key, content, ports);
    } catch (error) {
      if (error instanceof PoisonDocument) {
        this.refused(key, error.message);
        if (content !== null) this.#content(key, content, ports);
      } else if (isFault(error)) this.refused(key, `the code fails at it (${(error as Error).name})`);
      else throw error;
    } finally {
      // All documents of the batch are in memory until the last of them was looked at.
      if (content !== null) payloadOf(content).dropTree();
    }
  }

  /** @param cause what many reasons have in common. */
  refused(key: string, why: string, cause: string = causeIn(why)): void {
    this.fault('refused', key, why);
    this.#add({ causes: { [shortened(cause, LONGEST_CAUSE)]: 1 } });
  }

  fault(fault: Exclude<Fault, 'orphan'>, key: string, why: string): void {
    const counted = COUNTED[fault];
    this.#add({ ...counted, samples: [example(fault, key, why)] });
  }

  #content(key: string, content: NonNullable<CouchbaseState['content']>, { filling }: Looking): void {
    const tables = filling?.(key, content) ?? [];
    if (tables.length > 0) this.#add({ fillings: { counted: 1, tables } });
    const { json } = payloadOf(content);
    if (json === null) this.#add({ notJson: 1 });
    else if (typeof json === 'string' || json.close !== '}') this.#add({ notObject: 1 });
    const { length } = content.body;
    if (!isAnswerable(content.body, json !== null))
      this.fault('too-large', key, `its body has ${length} bytes, above what an answer can carry`);
  }

  #add(more: Partial<Found>): void {
    this.found = added(this.found, { ...NOTHING_FOUND, ...more });
  }
}

/** The error, where it is about one document. Throws what says that nothing can go on. */
function requireOfOne(error: unknown): Error {
  if (error instanceof StoreUnavailable || error instanceof PoisonDocument) return error;
  throw error;
}
