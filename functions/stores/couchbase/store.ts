/** Couchbase as the protocol's port sees it, through the official driver. */
import {
  type Cas,
  type Collection,
  MutateInMacro,
  MutateInSpec,
  type MutationToken,
  StoreSemantics,
} from 'couchbase';
import type { Calls } from '../../protocol/call.ts';
import { type Content, type CouchbaseState, NO_DOCUMENT } from '../../protocol/state.ts';
import { type Durable, MAJORITY } from '../durability.ts';
import {
  DurabilityImpossible,
  OperatorNeeded,
  PoisonDocument,
  type Target,
  TooLargeToRead,
} from '../failure.ts';
import { type Answers, type IsAwaited, type Measures, requireAwaited } from '../port.ts';
import { requireContent, requireKey } from '../storable.ts';
import { ATTRIBUTE, isLikeMarker, MARKER_BODY, wroteIn } from './attribute.ts';
import { type CouchbaseConnection, type Keyspace, nameOf } from './connection.ts';
import { durably, type MutationOptions, NEVER } from './durable.ts';
import { failureOf, isGuardFailed } from './failure.ts';
import { casOf, casOrNull, EXPIRY_AND_BODY, EXPIRY_AND_SIZE, sizeFound, stateFound } from './found.ts';
import { Lookup } from './lookup.ts';
import { tombstoneOf } from './meta.ts';
import { contentOptions, RAW, withBytes } from './raw.ts';

type Args<N extends keyof Calls> = Calls[N]['args'];

export class CouchbaseStore implements Answers<'couchbase'>, Measures<'couchbase'> {
  readonly #connection: CouchbaseConnection;
  readonly #keyspace: Keyspace;
  readonly #name: string;
  readonly #timeout: number;
  readonly #durable: Durable;
  readonly #longestKey: number;
  readonly #lookup = new Lookup(EXPIRY_AND_BODY);
  readonly #measuring = new Lookup(EXPIRY_AND_SIZE);

  /** @param timeout milliseconds for one call, after which it counts as without an answer. @param durable how mutations are made. */
  constructor(
    connection: CouchbaseConnection,
    keyspace: Keyspace,
    timeout: number,
    durable: Durable = MAJORITY,
  ) {
    this.#connection = connection;
    this.#keyspace = keyspace;
    this.#name = nameOf(keyspace);
    this.#timeout = timeout;
    this.#durable = durable;
    // The server keeps 4 of the 250 bytes for the number of a collection that has a name.
    const unnamed = keyspace.scope === '_default' && keyspace.collection === '_default';
    this.#longestKey = unnamed ? 250 : 246;
  }

  /** Body, effective version, expiry and CAS, as they were at one moment. */
  read(key: string, _: object = {}, isAwaited?: IsAwaited): Promise<CouchbaseState> {
    return this.#whole(key, this.#timeout, isAwaited);
  }

  /**
   * The size is asked for beside the body, and not before it: most documents are small, and each read would take the time of two requests. A GET
   * survives any size, where a lookup of 20 MiB ends the process.
   */
  async readUpTo(key: string, most: number, isAwaited?: IsAwaited): Promise<CouchbaseState> {
    const until = performance.now() + this.#timeout;
    const get = (collection: Collection) => collection.get(key, { timeout: this.#timeout, transcoder: RAW });
    const reading = this.#call('read', key, false, get, isAwaited);
    // What has become of it is of no use where the measure decides.
    reading.catch(() => {});
    const found = await this.#small(key, most, isAwaited);
    if (found === null) return NO_DOCUMENT;
    const got = await reading;
    if (got !== null && BigInt(got.cas.toString()) === found.cas)
      return stateFound({ ...found, others: [found.others[0], got.content as Buffer] });
    // Somebody has written it in between.
    return this.#whole(key, Math.max(1, Math.round(until - performance.now())), isAwaited);
  }

  /** As `readUpTo`, one request after the other: a body of 20 MiB delays whatever else is asked on its connection, the measure too. */
  async readMeasured(key: string, most: number, isAwaited?: IsAwaited): Promise<CouchbaseState> {
    const until = performance.now() + this.#timeout;
    if ((await this.#small(key, most, isAwaited)) === null) return NO_DOCUMENT;
    return this.#whole(key, Math.max(1, Math.round(until - performance.now())), isAwaited);
  }

  /** What a document is without its body. Throws `TooLargeToRead`. */
  async #small(key: string, most: number, isAwaited?: IsAwaited) {
    const look = (collection: Collection) => this.#measuring.at(collection, key, this.#timeout);
    const found = await this.#call('measure', key, false, look, isAwaited);
    const measured = found === null ? null : sizeFound(found);
    if (measured !== null && measured.bytes > most)
      throw new TooLargeToRead(this.target(key, 'read'), measured, most);
    return found;
  }

  async #whole(key: string, timeout: number, isAwaited?: IsAwaited): Promise<CouchbaseState> {
    const look = (collection: Collection) => this.#lookup.at(collection, key, timeout);
    const found = await this.#call('read', key, false, look, isAwaited);
    return found === null ? NO_DOCUMENT : stateFound(found);
  }

  gone(key: string): Promise<bigint | null> {
    return this.#call('gone', key, false, (collection) => tombstoneOf(collection, key, this.#timeout));
  }

  async upsert(key: string, { content }: Args<'couchbase.upsert'>): Promise<bigint> {
    const plain = this.#plain(key, 'upsert', content);
    const write = (collection: Collection, options: MutationOptions) =>
      isLikeMarker(content.body)
        ? this.#writeMarked(collection, key, { cas: null, content, version: null }, options)
        : collection.upsert(key, content.body, { ...plain, ...options });
    return casOf(await this.#mutate('upsert', key, write));
  }

  async remove(key: string): Promise<bigint | null> {
    return casOrNull(
      await this.#mutate('remove', key, (collection, options) => collection.remove(key, options)),
    );
  }

  async erase(key: string, { cas }: Args<'couchbase.erase'>): Promise<bigint | null> {
    if (cas === 0n) return null;
    const guard = { cas: cas.toString() };
    return casOrNull(
      await this.#mutate('erase', key, (collection, options) =>
        collection.remove(key, { ...guard, ...options }),
      ),
    );
  }

  async swap(key: string, { cas, content, version }: Args<'couchbase.swap'>): Promise<bigint | null> {
    const write = (collection: Collection, options: MutationOptions) =>
      content !== null && version === null && content.request === undefined && !isLikeMarker(content.body)
        ? this.#swapPlain(collection, key, { cas, content }, options)
        : this.#writeMarked(collection, key, { cas, content, version }, options);
    return casOrNull(await this.#mutate('swap', key, write));
  }

  #swapPlain(
    collection: Collection,
    key: string,
    { cas, content }: { readonly cas: bigint; readonly content: Content & object },
    options: MutationOptions,
  ) {
    const plain = { ...this.#plain(key, 'swap', content), ...options };
    return cas === 0n
      ? collection.insert(key, content.body, plain)
      : collection.replace(key, content.body, { ...plain, cas: cas.toString() });
  }

  /** Body and attribute in one mutation. @param cas null for whatever is there, or nothing. */
  #writeMarked(
    collection: Collection,
    key: string,
    { cas, content, version }: Omit<Args<'couchbase.swap'>, 'cas'> & { readonly cas: bigint | null },
    given: MutationOptions,
  ) {
    const inside = { xattr: true, createPath: true };
    const specs = [
      MutateInSpec.upsert(
        `${ATTRIBUTE}.version`,
        version === null ? MutateInMacro.Cas : version.toString(),
        inside,
      ),
      MutateInSpec.upsert(`${ATTRIBUTE}.cas`, MutateInMacro.Cas, inside),
      MutateInSpec.upsert(`${ATTRIBUTE}.marker`, content === null, inside),
      MutateInSpec.upsert(`${ATTRIBUTE}.request`, content?.request ?? null, inside),
      MutateInSpec.upsert(`${ATTRIBUTE}.wrote`, wroteIn(content), inside),
      withBytes(MutateInSpec.replace('', null), content?.body ?? MARKER_BODY),
    ];
    const options = { ...given, ...contentOptions(content, this.target(key, 'swap')) };
    if (cas !== null && cas !== 0n)
      return collection.mutateIn(key, specs, {
        ...options,
        storeSemantics: StoreSemantics.Replace,
        cas: cas.toString(),
      });
    const storeSemantics = cas === null ? StoreSemantics.Upsert : StoreSemantics.Insert;
    return collection.mutateIn(key, specs, { ...options, storeSemantics });
  }

  #plain(key: string, operation: string, content: Content & object) {
    return { transcoder: RAW, ...contentOptions(content, this.target(key, operation)) };
  }

  /**
   * Why Couchbase cannot make mutations as durable as they are to be; null where it can. Changes nothing: the server looks whether a durable
   * deletion is possible before it looks for the document (kv_engine, `VBucket::deleteItem`). How many replicas a bucket has, no right to write
   * documents tells.
   * @param keys of no documents. Each tells of its vbucket alone, and a node that is gone leaves others as they were.
   */
  async durabilityProblem(keys: readonly string[]): Promise<string | null> {
    const asked = await Promise.allSettled(
      keys.map((key) =>
        durably({ ...this.#durable, fallBack: null }, this.#timeout, this.target(key, 'probe'), (options) =>
          this.#call('probe', key, true, (collection) => collection.remove(key, options)),
        ),
      ),
    );
    const failures = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []));
    const telling = failures.find(
      (error) => error instanceof DurabilityImpossible || error instanceof OperatorNeeded,
    );
    if (telling === undefined && failures.length > 0) throw failures[0];
    return telling instanceof DurabilityImpossible
      ? `${telling.message} ${NEVER}`
      : (telling?.message ?? null);
  }

  /** Throws `PoisonDocument` for what Couchbase could never take. */
  require(key: string, content: Content): void {
    const target = this.target(key, 'write');
    requireKey(target, this.#longestKey);
    requireContent(content, target);
  }

  /** Where a call for this key goes, as failures tell it. */
  target(key: string, operation: string): Target & { readonly key: string } {
    return { store: 'couchbase', operation, collection: this.#name, key };
  }

  #mutate<R extends { readonly cas: Cas; readonly token?: MutationToken | undefined }>(
    operation: string,
    key: string,
    act: (collection: Collection, options: MutationOptions) => Promise<R>,
  ): Promise<R | null> {
    return durably(this.#durable, this.#timeout, this.target(key, operation), (options) =>
      this.#call(operation, key, true, (collection) => act(collection, options)),
    );
  }

  /** Null where the guard failed. */
  async #call<R>(
    operation: string,
    key: string,
    mutation: boolean,
    act: (collection: Collection) => Promise<R>,
    isAwaited?: IsAwaited,
  ): Promise<R | null> {
    const target = this.target(key, operation);
    requireKey(target, this.#longestKey);
    return this.#connection.use(this.#keyspace, async (collection) => {
      requireAwaited(target, isAwaited);
      try {
        return await act(collection);
      } catch (error) {
        if (isGuardFailed(error)) return null;
        if (error instanceof PoisonDocument) throw error;
        throw failureOf(error, target, mutation);
      }
    });
  }
}
