/** A schedule as a person reads it: one line per event, who did what in which phase, and what the stores hold after it. */
import type { Call } from '../../functions/protocol/call.ts';
import type { Condition } from '../../functions/protocol/condition.ts';
import type { Content } from '../../functions/protocol/state.ts';
import { spelt } from './documents.ts';
import { isAway, type Move, runningOf } from './move.ts';
import type { State, Who } from './state.ts';

const WIDTH = 104;

export function line(before: State, move: Move, after: State): string {
  return `${describe(before, move, after).padEnd(WIDTH)} ${stores(after)}`;
}

function describe(before: State, move: Move, after: State): string {
  switch (move.kind) {
    case 'begin':
      return `client ${move.client} begins in ${move.phase}${move.receiptLost ? ', and its receipt is lost' : ''}`;
    case 'call':
      return calling(before, move, after);
    case 'walk':
      return `THE PHASE goes from ${before.phase} to ${after.phase}${after.excused ? ', BY FORCE' : ''}`;
    case 'away':
      return `${move.store} GOES AWAY`;
    case 'bury':
      return 'a receipt becomes a dead letter';
    case 'touch':
      return `SOMEBODY ELSE touches what Couchbase holds${move.expiry === 'other' ? ', and gives it another expiry' : ''}`;
    case 'ttl':
      return `THE MAXIMUM TTL becomes ${after.world.maxTtl === 0 ? 'none' : after.world.maxTtl}`;
    case 'back':
      return `${before.away} IS BACK`;
    case 'safe':
      return `what ${move.store} has acknowledged is safe`;
    case 'forget':
      return `${move.store} FORGETS what it has acknowledged since`;
    case 'bake':
      return `THE BAKE is over: nobody acts on ${before.stale} any more`;
    case 'reconcile':
      return `${move.who} takes a receipt in ${move.phase}`;
    case 'straggler':
      return `late, after its sender has given up, arrives: ${asked(before.stragglers[move.index]?.place.call)}`;
    case 'shard': {
      const { phase } = before.shards[move.index] as State['shards'][number];
      const worker = after.fresh ?? 'a worker';
      return `${worker} is given a shard of ${phase}${after.fresh === null ? ', finds another phase, and does nothing' : ''}`;
    }
    case 'expire':
      return `the time of ${spelt(move.digest)} is up${after.world.expired.includes(move.digest) ? '' : ` in ${after.world.ahead} alone`}`;
    case 'backfill':
      return 'backfill takes the key';
    case 'verify':
      return 'verification takes the key';
    case 'drop':
      return 'THE TOMBSTONE is dropped';
  }
}

function calling(before: State, { who, fault, crash }: Move & { kind: 'call' }, after: State): string {
  const running = runningOf(before, who);
  const name = typeof who === 'number' ? `client ${who}` : who;
  const call = running?.place.call?.name;
  const failure = isAway(before, call)
    ? '; it is away'
    : fault === null
      ? ''
      : `; no answer, ${WHAT_BECAME[fault]}`;
  const end = crash ? '; crashes' : runningOf(after, who) === null ? `; ends${answer(after, who)}` : '';
  return `${name} (${running?.phase}) ${asked(running?.place.call)}${failure}${end}`;
}

const WHAT_BECAME = {
  unapplied: 'not applied',
  applied: 'but applied',
  straggling: 'and still on its way',
} as const;

function answer(after: State, who: Who): string {
  return typeof who === 'number' ? `: ${after.clients[who]?.answered}` : '';
}

function asked(call: Call | null | undefined): string {
  switch (call?.name) {
    case 'couchbase.read':
      return 'reads Couchbase';
    case 'couchbase.upsert':
      return `writes ${named(call.content)} to Couchbase`;
    case 'couchbase.remove':
      return 'removes from Couchbase';
    case 'couchbase.swap': {
      const version = call.version === null ? '' : ` as v${call.version}`;
      return `puts ${call.content === null ? 'a marker' : named(call.content)}${version} over CAS ${call.cas}`;
    }
    case 'couchbase.erase':
      return `erases CAS ${call.cas}`;
    case 'couchbase.gone':
      return 'asks Couchbase for the tombstone';
    case 'oracle.read':
      return 'reads Oracle';
    case 'oracle.apply':
      return `applies ${named(call.content)} v${call.version} to Oracle`;
    case 'oracle.write':
      return `writes ${named(call.content)} to Oracle ${conditioned(call.condition)}${call.handedOff ? ', if handed off' : ''}`;
    case 'oracle.swap':
      return `turns row v${call.from.version} into ${row(call.to)}${call.aside ? ', and sets aside what it held' : ''}`;
    case 'oracle.keep':
      return `sets ${named(call.state.content)} v${call.state.version} aside: ${call.reason}`;
    default:
      return call?.name ?? 'nothing';
  }
}

function conditioned(condition: Condition): string {
  if (condition.kind === 'version') return `if it is v${condition.version}`;
  return condition.kind === 'absent' ? 'if there is none' : 'whatever is there';
}

function named(content: Content): string {
  return content === null ? 'a tombstone' : spelt(content.digest);
}

function row({ content, version, handoff, handback }: State['world']['row']): string {
  if (version === 0n) return 'nothing';
  const off = handoff === null ? '' : ` off ${handoff}`;
  return `${content === null ? 'tombstone' : spelt(content.digest)} v${version}${off}${handback === 0n ? '' : ` back ${handback}`}`;
}

function stores({ world, receipts, register }: State): string {
  const { content, cas, xattr } = world;
  const version = xattr === null ? '' : xattr.cas === cas ? ` v${xattr.version}` : ` (old v${xattr.version})`;
  const held =
    cas === 0n ? 'nothing' : `${content === null ? 'marker' : spelt(content.digest)}@${cas}${version}`;
  const due = receipts.length === 0 ? '' : ` | ${receipts.length} receipts`;
  const aside = world.aside === '' ? '' : ` | aside ${world.aside.trim()}`;
  return `C ${held} | O ${row(world.row)}${due}${aside}${register.broken ? ' | NOT LINEARIZABLE' : ''}`;
}
