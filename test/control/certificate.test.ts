/** The certificate on the way out of `legacy`: it must hold, or the move waits; no other move asks for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CertificateEvidence } from '../../functions/control/certificate.ts';
import { decided, evidence, GATED, all as whole } from './given.ts';

const last = { run: 'c-1', form: 'whole', verdict: 'passed', at: 86_400_000, code: 'abc' };
const holds: CertificateEvidence = { wanted: 'whole', last, voids: [] };

async function told(certificate: CertificateEvidence | undefined) {
  const given = evidence(certificate === undefined ? {} : { certificate });
  const { kind, conditions, missing } = await decided('legacy', 'expand', given);
  const found = conditions.find(({ name }) => name === 'certificate');
  return { kind, missing, measured: found?.measured ?? null, command: found?.command };
}

test('without a certificate the first move waits, and says which command makes one', async () => {
  const { kind, missing, measured, command } = await told({ ...holds, last: null });
  assert.deepEqual([kind, missing, command], ['wait', ['certificate'], 'npx crossfade certify start']);
  assert.match(measured ?? '', /^NOT_CERTIFIED: /);
  const short = await told({ wanted: 'short', last: null, voids: [] });
  assert.deepEqual([short.kind, short.command], ['wait', 'npx crossfade certify start --short']);
});

test('one that holds lets the move be made, and is told with its code and its date', async () => {
  assert.deepEqual(await told(holds), {
    ...{ kind: 'move', missing: [], command: undefined },
    measured: "the whole certification c-1 of 1970-01-02T00:00:00.000Z, of the stores' code abc, has passed",
  });
});

test('one that is void holds the move, and says why', async () => {
  const { kind, measured } = await told({
    ...holds,
    voids: ['oracle had 19.1, and has 19.2', 'Its verdict is failed'],
  });
  assert.equal(kind, 'wait');
  assert.match(
    measured ?? '',
    /^CERTIFICATE_VOID: .* does not hold\. oracle had 19\.1, and has 19\.2\. Its verdict is failed$/,
  );
});

test('where none is wanted the move is made, and it is said; functions of the version before tell nothing', async () => {
  const { kind, measured } = await told({ wanted: 'none', last: null, voids: [] });
  assert.equal(kind, 'move');
  assert.match(measured ?? '', /certification\.wanted/);
  assert.deepEqual(await told(undefined), { kind: 'move', missing: [], measured: null, command: undefined });
});

test('a collection that is beyond legacy is not held back, whatever is told of certificates', async () => {
  for (const [from, to] of GATED) {
    const given = { ...whole(from), certificate: { ...holds, last: null } };
    assert.equal((await decided(from, to, given)).kind, 'move', `${from} to ${to}`);
  }
});
