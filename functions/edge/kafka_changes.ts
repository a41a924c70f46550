/**
 * What a record of the Couchbase Kafka connector tells (couchbase/kafka-connect-couchbase 4.2 and 4.3): RawJsonWithMetadataSourceHandler, and
 * DefaultSchemaSourceHandler by a JsonConverter with or without schemas, put an object into the value, and RawJsonSourceHandler the document itself. How the values of a topic are to be
 * read is a setting, and never guessed: a document could look like such an object, and so hide its own change.
 */
import { childAt, type Json, readJson, type Scalar, scalarIn } from '../protocol/json.ts';
import { MAX_VERSION } from '../protocol/version.ts';
import type { Change } from '../routing/changes.ts';
import { isStorableKey } from '../stores/storable.ts';
import type { KafkaRecord } from './kafka_event.ts';

/** `metadata`: the value tells key, CAS and event. `none`: it is not looked at, and the key of the record is that of the document. */
export type Values = 'metadata' | 'none';

/**
 * `marker`: a record by which the connector moves its own offsets. `elsewhere`: of another bucket. `unread`: it is none of the connector's, or one of a form that is not
 * known; `why` names no value.
 */
export type Told =
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'marker' | 'elsewhere' }
  | { readonly kind: 'unread'; readonly why: string };

/** Keys of the records that the connector writes without a document: `couchbase.initial.offset.topic` and `couchbase.black.hole.topic`. */
const MARKER = /^(__COUCHBASE_INITIAL_OFFSET_TOMBSTONE__|ignored-\d+$)/;

const EVENTS: Readonly<Record<string, boolean>> = { mutation: false, deletion: true, expiration: true };

/** @param bucket of the collection whose topic it is. */
export function changeIn(record: Pick<KafkaRecord, 'key' | 'value'>, values: Values, bucket: string): Told {
  const key = record.key === null ? null : textOf(record.key);
  if (record.value === null && key !== null && MARKER.test(key)) return { kind: 'marker' };
  if (values === 'metadata') return fromMetadata(record.value, bucket);
  if (key === null) return unread('the key is missing, or is no UTF-8');
  // What is written is not told, nor whether anything is: whatever Oracle has, both stores are looked at.
  return changed({ key, cas: MAX_VERSION, deleted: null });
}

function fromMetadata(value: Buffer | null, bucket: string): Told {
  if (value === null) return unread('the value is missing, and should tell key, cas and event');
  const text = textOf(value);
  if (text === null) return unread('the value is no UTF-8');
  const json = readJson(text);
  if (json === null) return unread('the value is no JSON');
  const told = payloadOf(json);
  const scalar = (name: string): Scalar | undefined => {
    const member = childAt(told, name);
    return member === undefined ? undefined : scalarIn(member);
  };
  const [key, event, of] = [scalar('key'), scalar('event'), scalar('bucket')].map(nameIn);
  if (typeof key !== 'string' || typeof event !== 'string')
    return unread('the value has no texts key and event: it is none of a source handler with metadata');
  if (typeof of === 'string' && of !== bucket) return { kind: 'elsewhere' };
  if (!Object.hasOwn(EVENTS, event)) return unread('the value has an event that is not known');
  const cas = wholeIn(scalar('cas'));
  if (cas === null || cas < 1n || cas > MAX_VERSION) return unread('the value has no CAS');
  return changed({ key, cas, deleted: EVENTS[event] ?? null });
}

/** What a JsonConverter has put into an envelope, together with its schema. */
function payloadOf(json: Json): Json {
  const [schema, payload] = [childAt(json, 'schema'), childAt(json, 'payload')];
  return schema === undefined || payload === undefined ? json : payload;
}

function changed(change: Change): Told {
  return isStorableKey(change.key)
    ? { kind: 'change', change }
    : unread('the key is empty, longer than any of Couchbase, or has a lone surrogate');
}

function unread(why: string): Told {
  return { kind: 'unread', why };
}

function nameIn(scalar: Scalar | undefined): string | null {
  return scalar !== undefined && scalar !== null && scalar.kind === 'text' ? scalar.text : null;
}

/** Exactly: a JavaScript number rounds a CAS. Java has it as a number with a sign. */
function wholeIn(scalar: Scalar | undefined): bigint | null {
  if (scalar === undefined || scalar === null || scalar.kind !== 'number') return null;
  if (scalar.decimal === '0') return 0n;
  const [, digits = '', zeros = ''] = /^(-?\d{1,20})e(\d{1,2})$/.exec(scalar.decimal) ?? [];
  if (digits === '' || Number(zeros) > 20) return null;
  const value = BigInt(digits + '0'.repeat(Number(zeros)));
  return value < 0n && value >= -(2n ** 63n) ? BigInt.asUintN(64, value) : value;
}

/** Null for bytes that are no UTF-8. */
function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
