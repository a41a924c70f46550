/** Both stores for one key, as small and as literal as the port's documentation allows: a value, never mutated. */
import type { Call, Reply } from '../../functions/protocol/call.ts';
import { holds } from '../../functions/protocol/condition.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import {
  type Content,
  effectiveVersion,
  floorOf,
  NO_DOCUMENT,
  NO_ROW,
  type OracleState,
  sameContent,
} from '../../functions/protocol/state.ts';
import type { Version } from '../../functions/protocol/version.ts';

/** What a switchable fault may change in the stores, so that a seeded bug never needs a second world. */
export interface Tampering {
  /** `oracle.apply` takes anything, newer or not. */
  readonly applyUnguarded?: boolean;
  /** `oracle.apply` does not look at the handback. */
  readonly handbackIgnored?: boolean;
  /** `oracle.apply` and `oracle.write` do not look at the handoff. */
  readonly handoffIgnored?: boolean;
  /** An xattr that a plain write left behind is believed. */
  readonly staleXattrTrusted?: boolean;
  /** Deletions leave no row in Oracle. */
  readonly noTombstones?: boolean;
  /** Content null leaves no marker in Couchbase. */
  readonly noMarkers?: boolean;
  /** An Oracle write does not set the handoff. */
  readonly handoffForgotten?: boolean;
  /** Oracle does not check the condition of a write. */
  readonly conditionIgnored?: boolean;
  /** `couchbase.swap` writes whatever the CAS is. */
  readonly swapUnguarded?: boolean;
  /** `oracle.swap` writes whatever the row holds. */
  readonly rowSwapUnguarded?: boolean;
  /** A deletion of what Oracle does not have leaves nothing there. */
  readonly nothingDeleted?: boolean;
  /** Nobody is told which request wrote a document. */
  readonly requestForgotten?: boolean;
}

/** How far apart Couchbase's CAS are; versions that Oracle counts up to lie between. */
const TICK = 100n;

export interface World {
  /** Equal ids, equal worlds, among those that one memory has met. */
  readonly id: number;
  readonly content: Content;
  readonly cas: bigint;
  readonly xattr: { readonly version: Version; readonly cas: bigint } | null;
  readonly row: OracleState;
  /** The last CAS that Couchbase gave out. */
  readonly clock: bigint;
  /** Digests of documents whose time is up, in both stores at once. */
  readonly expired: string;
  /** Digests of documents that got a new version without new content: a client's ETag may be stale in good faith. */
  readonly reversioned: string;
  /** Digests of documents that a row held, and that were set aside when it was given another content. */
  readonly aside: string;
}

export const EMPTY: World = {
  id: -1,
  content: null,
  cas: 0n,
  xattr: null,
  row: NO_ROW,
  clock: 10_000n,
  expired: '',
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
    case 'oracle.read':
      return { world, reply: oracle(world, tampering) };
    case 'oracle.apply':
      return apply(world, call.content, call.version, tampering);
    case 'oracle.write':
      return write(world, call, tampering);
    case 'oracle.swap':
      return swap(world, call, tampering);
    default:
      throw new Error(`The stores do not send receipts: ${call.name}`);
  }
}

/** The time of a document is up: Couchbase keeps nothing of it, Oracle its version. */
export function expire(world: World, digest: string): World {
  const next = { ...world, expired: world.expired + digest };
  const gone = world.content?.digest === digest ? { content: null, cas: 0n, xattr: null } : {};
  return { ...next, ...gone, row: { ...world.row, content: unexpired(next, world.row.content) } };
}

function unexpired({ expired }: World, content: Content): Content {
  return content !== null && expired.includes(content.digest) ? null : content;
}

export function couchbase(world: World, tampering: Tampering) {
  if (world.cas === 0n) return NO_DOCUMENT;
  const { content, cas, xattr } = world;
  const version = tampering.staleXattrTrusted && xattr ? xattr.version : effectiveVersion(cas, xattr);
  return { content: told(content, tampering), version, cas };
}

function oracle({ row }: World, tampering: Tampering): OracleState {
  return tampering.requestForgotten === true ? { ...row, content: told(row.content, tampering) } : row;
}

function told(content: Content, { requestForgotten }: Tampering): Content {
  if (content === null || requestForgotten !== true) return content;
  return documentFrom(content.body, content.expiresAt);
}

function store(world: World, content: Content, version: Version | null): Executed {
  const cas = world.clock + TICK;
  // What is stored when its time is up already is gone as soon as it is there.
  if (content !== null && unexpired(world, content) === null)
    return { world: { ...world, clock: cas, content: null, cas: 0n, xattr: null }, reply: cas };
  const xattr = version === null ? (world.cas === 0n ? null : world.xattr) : { version, cas };
  return { world: { ...world, clock: cas, cas, content, xattr }, reply: cas };
}

function remove(world: World): Executed {
  const clock = world.clock + TICK;
  return { world: { ...world, clock, content: null, cas: 0n, xattr: null }, reply: clock };
}

function put(world: World, { content, ...rest }: OracleState, tampering: Tampering): World {
  const row = { ...rest, content: unexpired(world, content) };
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
  const version = row.version + 1n;
  return {
    world: put(world, { ...row, content: call.content, version, handoff }, tampering),
    reply: version,
  };
}

function swap(
  world: World,
  { from, to, aside }: Call & { name: 'oracle.swap' },
  tampering: Tampering,
): Executed {
  const { row } = world;
  const moved =
    row.version !== from.version || row.handoff !== from.handoff || row.handback !== from.handback;
  if (moved && !tampering.rowSwapUnguarded) return { world, reply: false };
  const kept = aside === true ? keptAside(world) : world;
  return { world: put(touched(kept, to.version !== row.version, row, to), to, tampering), reply: true };
}

/** What the row holds is kept where operators find it, in the same transaction. */
function keptAside(world: World): World {
  const digest = world.row.content?.digest;
  return digest === undefined ? world : { ...world, aside: listing(world.aside, digest) };
}

function touched(world: World, rewritten: boolean, a: { content: Content }, b: { content: Content }): World {
  const digest = b.content?.digest;
  if (!rewritten || digest === undefined || !sameContent(a.content, b.content)) return world;
  return { ...world, reversioned: listing(world.reversioned, digest) };
}

/** A list of digests with one more; one digest may be a part of another. */
function listing(list: string, digest: string): string {
  return isListed(list, digest) ? list : `${list}${digest} `;
}

export function isListed(list: string, digest: string): boolean {
  return list.split(' ').includes(digest);
}
