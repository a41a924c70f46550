/** Protocol steps with one rule forgotten of those that a forced move needs. */
import { type Call, call, type Steps } from '../../functions/protocol/call.ts';
import { type Converged, converge } from '../../functions/protocol/converge.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { read } from '../../functions/protocol/read.ts';
import { agree, type CouchbaseState, type OracleState } from '../../functions/protocol/state.ts';
import { above } from '../../functions/protocol/version.ts';
import { type Outcome, type Write, write } from '../../functions/protocol/write.ts';
import { following } from './following.ts';
import type { Kernel } from './scenario.ts';

/** In `expand` a key that is handed off follows Oracle, as in `switch`. */
export function* followingOracle(phase: Phase, expired: bigint): Steps<Converged> {
  const { handoff } = yield* call('oracle.read', {});
  return yield* converge(phase === 'expand' && handoff !== null ? 'switch' : phase, expired);
}

/** In `expand` what Couchbase lacks is put there, where Oracle has it and orders the key. */
export function* puttingThere(phase: Phase, expired: bigint): Steps<Converged> {
  if (phase !== 'expand') return yield* converge(phase, expired);
  const { handoff, content } = yield* call('oracle.read', {});
  const { cas } = yield* call('couchbase.read', {});
  const there = handoff !== null && content !== null && cas === 0n;
  return yield* converge(there ? 'switch' : phase, expired);
}

/** In `expand` a row gets the version of what Couchbase holds, though it be lower. */
export function* lowering(phase: Phase, expired: bigint): Steps<Converged> {
  if (phase !== 'expand') return yield* converge(phase, expired);
  const from = yield* call('oracle.read', {});
  const { content, version, cas } = yield* call('couchbase.read', {});
  if (from.handoff !== null && content !== null && version < from.version)
    yield* call('oracle.swap', {
      from,
      to: { content, version, handoff: null, handback: cas },
      aside: 'taken back',
    });
  return yield* converge(phase, expired);
}

/** What a row held is set aside nowhere. */
export function keepingNothing(phase: Phase, expired: bigint): Steps<Converged> {
  return following(converge(phase, expired), (wanted) =>
    wanted.name === 'oracle.swap' ? { name: wanted.name, from: wanted.from, to: wanted.to } : wanted,
  );
}

/** In `seal` a key that is handed off is read in Oracle. */
export const readingHandedOff: Kernel['read'] = function* (phase) {
  if (phase !== 'seal') return yield* read(phase);
  const held = yield* call('couchbase.read', {});
  const row = yield* call('oracle.read', {});
  return row.handoff === null || agree(held, row) ? yield* read(phase) : row;
};

/** In `seal` a key that is handed off is written through Oracle, and a receipt may stand in for Couchbase. */
export function* writingHandedOff(phase: Phase, request: Write): Steps<Outcome> {
  if (phase !== 'seal') return yield* write(phase, request);
  yield* call('receipt.send', {});
  const { handoff } = yield* call('oracle.read', {});
  return yield* write(handoff === null ? phase : 'switch', request);
}

/** In `settle` a key is taken over, whatever Couchbase has got that Oracle has not. */
export function takingOver(phase: Phase, expired: bigint): Steps<Converged> {
  return following(converge(phase, expired), (wanted, { held, row }) =>
    phase === 'settle' && wanted.name === 'oracle.apply' ? takeOver(row, held) : wanted,
  );
}

function takeOver(from: OracleState, held: CouchbaseState): Call {
  return { name: 'oracle.swap', from, to: { ...from, version: above(held.version), handoff: from.version } };
}
