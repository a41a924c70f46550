/** Both stores for one key, as small and as literal as the port's documentation allows. */
import type { Call, Reply } from '../../functions/protocol/call.ts';
import { holds } from '../../functions/protocol/condition.ts';
import {
  type Content,
  type CouchbaseState,
  effectiveVersion,
  NO_ROW,
  type OracleState,
  sameContent,
} from '../../functions/protocol/state.ts';
import type { Version } from '../../functions/protocol/version.ts';

interface Xattr {
  readonly version: Version;
  readonly cas: bigint;
}

/** What a switchable fault may change; the stores themselves are in here, so a bug never needs a second world. */
export interface Tampering {
  /** Replace a call before a store sees it. */
  readonly call?: (call: Call, world: World) => Call;
  /** `oracle.apply` takes anything, newer or not. */
  readonly applyUnguarded?: boolean;
  /** `oracle.apply` and `oracle.write` do not look at the handoff. */
  readonly handoffIgnored?: boolean;
  /** A plain write leaves the old xattr behind, and it is believed. */
  readonly staleXattrTrusted?: boolean;
  /** Deletions leave no row in Oracle. */
  readonly noTombstones?: boolean;
  /** An Oracle write does not set the handoff. */
  readonly handoffForgotten?: boolean;
}

export class World {
  content: Content = null;
  cas = 0n;
  xattr: Xattr | null = null;
  row: OracleState = NO_ROW;
  clock = 1000n;
  /** Something got a new version without new content: an ETag may have changed under a client. */
  reversioned = false;
  readonly tick: bigint;
  readonly tampering: Tampering;

  constructor(tick: bigint, tampering: Tampering) {
    this.tick = tick;
    this.tampering = tampering;
  }

  couchbase(): CouchbaseState {
    if (this.cas === 0n) return { content: null, version: 0n, cas: 0n };
    const version =
      this.tampering.staleXattrTrusted && this.xattr
        ? this.xattr.version
        : effectiveVersion(this.cas, this.xattr);
    return { content: this.content, version, cas: this.cas };
  }

  execute(original: Call): Reply {
    const call = this.tampering.call?.(original, this) ?? original;
    switch (call.name) {
      case 'couchbase.read':
        return this.couchbase();
      case 'couchbase.upsert':
        return this.store(call.content, null);
      case 'couchbase.remove':
        return this.remove();
      case 'couchbase.swap':
        if (call.cas !== this.cas) return null;
        if (this.cas !== 0n && sameContent(call.content, this.content)) this.reversioned = true;
        return this.store(call.content, call.version);
      case 'couchbase.erase':
        return call.cas === this.cas ? this.remove() : null;
      case 'oracle.read':
        return this.row;
      case 'oracle.apply':
        return this.apply(call.content, call.version);
      case 'oracle.write':
        return this.write(call);
      case 'oracle.swap':
        return this.swap(call.from, call.to);
      default:
        throw new Error(`The world does not send receipts: ${call.name}`);
    }
  }

  private store(content: Content, version: Version | null): bigint {
    this.clock += this.tick;
    const old = this.cas === 0n ? null : this.xattr;
    this.cas = this.clock;
    this.content = content;
    this.xattr = version === null ? old : { version, cas: this.cas };
    return this.cas;
  }

  private remove(): bigint | null {
    if (this.cas === 0n) return null;
    this.clock += this.tick;
    this.content = null;
    this.cas = 0n;
    this.xattr = null;
    return this.clock;
  }

  private put(row: OracleState): void {
    this.row = row.content === null && this.tampering.noTombstones ? NO_ROW : row;
  }

  private apply(content: Content, version: Version): boolean {
    if (this.row.handoff !== null && !this.tampering.handoffIgnored) return false;
    if (this.row.version >= version && !this.tampering.applyUnguarded) return false;
    this.put({ ...this.row, content, version });
    return true;
  }

  private write(call: Call & { name: 'oracle.write' }): Version | null {
    const { row } = this;
    if (call.handedOff && row.handoff === null && !this.tampering.handoffIgnored) return null;
    if (!holds(call.condition, row) || (call.content === null && row.content === null)) return null;
    const handoff = this.tampering.handoffForgotten ? row.handoff : (row.handoff ?? row.version);
    this.put({ content: call.content, version: row.version + 1n, handoff });
    return row.version + 1n;
  }

  private swap(from: OracleState, to: OracleState): boolean {
    if (this.row.version !== from.version || this.row.handoff !== from.handoff) return false;
    if (to.version !== from.version && sameContent(to.content, this.row.content)) this.reversioned = true;
    this.put(to);
    return true;
  }
}
