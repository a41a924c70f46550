/** Both stores for one key, as small and as literal as the port's documentation allows: a value, never mutated. */
import type { Call, Reply } from '../../functions/protocol/call.ts';
import { holds } from '../../functions/protocol/condition.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import type { StoreName } from '../../functions/protocol/phase.ts';
import {
  type Content,
  type CouchbaseState,
  effectiveVersion,
  floorOf,
  NO_DOCUMENT,
  NO_ROW,
  type OracleState,
} from '../../functions/protocol/state.ts';
import type { Version } from '../../functions/protocol/version.ts';
import { listing, writtenIn } from './documents.ts';
import { shortened } from './hands.ts';
import type { Tampering } from './tampering.ts';

/** Couchbase's side of the key, as one of its nodes has it. */
export interface Side {
  readonly content: Content;
  readonly cas: bigint;
  readonly xattr: { readonly version: Version; readonly cas: bigint } | null;
  /** CAS of the tombstone, where there is no document. */
  readonly gone: bigint;
}

export interface World extends Side {
  /** Equal ids, equal worlds, among those that one memory has met. */
  readonly id: number;
  readonly row: OracleState;
  /** What the replica has, which a failover makes the truth. Null: it always has everything. */
  readonly replica: Side | null;
  /** What Oracle comes back with, should it lose its last commits. Null: it never does. */
  readonly older: OracleState | null;
  /** The last CAS that Couchbase gave out. */
  readonly clock: bigint;
  /** How far apart Couchbase's CAS are; versions that Oracle counts up to lie between, if there is room. */
  readonly tick: bigint;
  /** Digests of documents whose time is up, in both stores. */
  readonly expired: string;
  /** The store whose clock is ahead of the other's. Null: both stores have one time. */
  readonly ahead: StoreName | null;
  /** Digests of documents whose time is up, or has been for a while, in the store whose clock is ahead. */
  readonly early: string;
  /** The maximum TTL of the bucket; 0 is none. */
  readonly maxTtl: number;
  /** The CAS of the last mutation that was somebody else's. */
  readonly answered: bigint;
  /** Documents that got a new version without new content: a client's ETag may be stale in good faith. */
  readonly reversioned: string;
  /** Documents that a row held, and that were set aside when it was given another content. */
  readonly aside: string;
}

export const EMPTY: World = {
  id: -1,
  content: null,
  cas: 0n,
  xattr: null,
  gone: 0n,
  row: NO_ROW,
  replica: null,
  older: null,
  clock: 10_000n,
  tick: 100n,
  expired: '',
  ...{ ahead: null, early: '' },
  ...{ maxTtl: 0, answered: 0n },
  reversioned: '',
  aside: '',
};

export interface Executed {
  readonly world: World;
  readonly reply: Reply;
}

/** The stores after one atomic call, and their reply. */
export function execute(world: World, call: Call, tampering: Tampering): Executed {
  switch (call.name) {
    case 'couchbase.read':
      return { world, reply: couchbase(world, tampering) };
    case 'couchbase.upsert':
      return store(world, call.content, null);
    case 'couchbase.remove':
      return world.cas === 0n ? { world, reply: null } : remove(world);
    case 'couchbase.swap':
      if (call.cas !== world.cas && !tampering.swapUnguarded) return { world, reply: null };
      if (call.content === null && tampering.noMarkers) return remove(world);
      return store(touched(world, world.cas !== 0n, world, call), call.content, call.version);
    case 'couchbase.erase':
      return call.cas === world.cas && call.cas !== 0n ? remove(world) : { world, reply: null };
    case 'couchbase.gone':
      return { world, reply: gone(world, tampering) };
    case 'oracle.read':
      return { world, reply: oracle(world, tampering) };
    case 'oracle.apply':
      return apply(world, call.content, call.version, tampering);
    case 'oracle.write':
      return write(world, call, tampering);
    case 'oracle.swap':
      return swap(world, call, tampering);
    case 'oracle.keep':
      return { world: tampering.nothingKept ? world : keptAside(world, call.state.content), reply: null };
    default:
      throw new Error(`The stores do not send receipts: ${call.name}`);
  }
}

/** The replica has caught up, and Oracle can no longer lose what it has committed. */
export function caughtUp(world: World): World {
  const { content, cas, xattr, gone } = world;
  return { ...world, replica: { content, cas, xattr, gone } };
}

/** The node fails, and the replica is the truth. Its CAS go on above whatever it has, and above what the node gave out before it failed. */
export function failover(world: World): World {
  return world.replica === null ? world : { ...world, ...world.replica };
}

/** Oracle comes back without its last commits. */
export function fallback(world: World): World {
  return world.older === null ? world : { ...world, row: world.older };
}

/** Null once the time of a document is up in that store. */
export function unexpired({ expired, ahead, early }: World, content: Content, store: StoreName): Content {
  if (content === null) return null;
  const { digest } = content;
  return expired.includes(digest) || (ahead === store && early.includes(digest)) ? null : content;
}

export function couchbase(world: World, tampering: Tampering): CouchbaseState {
  // A replica that always has everything leaves no doubt: what is gone was removed.
  if (world.cas === 0n) return NO_DOCUMENT;
  const { content, cas, xattr } = world;
  const version = tampering.staleXattrTrusted && xattr ? xattr.version : effectiveVersion(cas, xattr);
  return { content: told(content, tampering), version, cas, attribute: xattr?.version };
}

/** A replica that always has everything leaves no doubt: what is gone was removed. */
function gone({ cas, clock, gone, replica }: World, { goneBelieved }: Tampering): bigint | null {
  if (cas !== 0n) return null;
  if (goneBelieved === true) return clock + 1n;
  return replica === null ? clock : gone;
}

function oracle({ row }: World, tampering: Tampering): OracleState {
  return tampering.requestForgotten === true ? { ...row, content: told(row.content, tampering) } : row;
}

function told(content: Content, { requestForgotten }: Tampering): Content {
  if (content === null || requestForgotten !== true) return content;
  return documentFrom(content.body, content.expiresAt);
}

function store(world: World, content: Content, version: Version | null): Executed {
  const cas = world.clock + world.tick;
  // What is stored when its time is up already is gone as soon as it is there.
  if (content !== null && unexpired(world, content, 'couchbase') === null)
    return { world: removed({ ...world, clock: cas }), reply: cas };
  const xattr = version === null ? (world.cas === 0n ? null : world.xattr) : { version, cas };
  const stored = shortened(world, content, cas);
  return { world: { ...world, clock: cas, cas, content: stored, xattr, gone: 0n }, reply: cas };
}

function remove(world: World): Executed {
  const clock = world.clock + world.tick;
  return { world: removed({ ...world, clock }), reply: clock };
}

function removed(world: World): World {
  // Where nothing is ever forgotten, a tombstone tells nothing that its absence does not.
  const gone = world.replica === null ? 0n : world.clock;
  return { ...world, content: null, cas: 0n, xattr: null, gone };
}

function put(world: World, { content, ...rest }: OracleState, tampering: Tampering): World {
  const row = { ...rest, content: unexpired(world, content, 'oracle') };
  return { ...world, row: row.content === null && tampering.noTombstones ? NO_ROW : row };
}

function apply(world: World, content: Content, version: Version, tampering: Tampering): Executed {
  const { row } = world;
  if (row.handoff !== null && !tampering.handoffIgnored) return { world, reply: false };
  const floor = tampering.handbackIgnored === true ? row.version : floorOf(row);
  if (floor >= version && !tampering.applyUnguarded) return { world, reply: false };
  return { world: put(world, { ...row, content, version }, tampering), reply: true };
}

function write(world: World, call: Call & { name: 'oracle.write' }, tampering: Tampering): Executed {
  const { row } = world;
  const refused =
    (call.handedOff && row.handoff === null && !tampering.handoffIgnored) ||
    (!holds(call.condition, row) && !tampering.conditionIgnored) ||
    (call.content === null &&
      row.content === null &&
      (row.handoff !== null || tampering.nothingDeleted === true));
  if (refused) return { world, reply: null };
  const handoff = tampering.handoffForgotten ? row.handoff : (row.handoff ?? row.version);
  const isNew = row.version === 0n && call.content !== null;
  const version = isNew && tampering.createdAtOne !== true ? createdAt(world) : row.version + 1n;
  return {
    world: put(world, { ...row, content: call.content, version, handoff }, tampering),
    reply: version,
  };
}

/** The version of a document that Oracle creates: a little below the last CAS, as its clock has it. */
export function createdAt({ clock }: World): Version {
  return clock - 50n;
}

function swap(
  world: World,
  { from, to, aside }: Call & { name: 'oracle.swap' },
  tampering: Tampering,
): Executed {
  const { row } = world;
  const moved =
    row.version !== from.version || row.handoff !== from.handoff || row.handback !== from.handback;
  const expires = tampering.expirySwapped !== true && expiresOtherwise(from, row);
  if ((moved || expires) && !tampering.rowSwapUnguarded) return { world, reply: false };
  const kept = aside === undefined ? world : keptAside(world, row.content);
  return { world: put(touched(kept, to.version !== row.version, row, to), to, tampering), reply: true };
}

/** Whether its time is up, or it was given another expiry in the same version. */
function expiresOtherwise({ content: read }: OracleState, { content: now }: OracleState): boolean {
  return read !== null && (now === null || now.expiresAt !== read.expiresAt);
}

/** It is kept where operators find it. */
function keptAside(world: World, content: Content): World {
  const value = writtenIn(content);
  return value === null ? world : { ...world, aside: listing(world.aside, value) };
}

function touched(world: World, rewritten: boolean, a: { content: Content }, b: { content: Content }): World {
  const value = writtenIn(b.content);
  if (!rewritten || value === null || writtenIn(a.content) !== value) return world;
  return { ...world, reversioned: listing(world.reversioned, value) };
}
