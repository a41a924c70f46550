/** What operators are shown of certifications. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Certificate } from '../../functions/certification/certificate.ts';
import type { CertificateEvidence } from '../../functions/control/certificate.ts';
import type { Certified } from '../../functions/operations/certification.ts';
import { certificateLines, certifiedLines, isHeld } from '../../infra/console/told/certification.ts';

const last = { run: 'c-1', form: 'whole', verdict: 'passed', at: 0, code: 'abc' };
const of = (...all: CertificateEvidence[]): Certified => ({
  collections: all.map((certificate, n) => ({ collection: `c${n}`, certificate })),
  latest: [],
  checked: null,
  told: null,
});
const holds: CertificateEvidence = { wanted: 'whole', last, voids: [] };

test('what holds for several collections is said once; one that does not hold makes it exit with 1', () => {
  const lines = certifiedLines(of(holds, holds, { ...holds, voids: ['oracle had 19.1, and has 19.2'] }), 0);
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /^c0, c1: the whole certification c-1 of .* code abc, has passed$/);
  assert.match(lines[1] ?? '', /^c2: CERTIFICATE_VOID: .*oracle had 19\.1, and has 19\.2$/);
  assert.equal(isHeld(of(holds, { wanted: 'none', last: null, voids: [] })), true);
  for (const not of [
    { ...holds, last: null },
    { ...holds, voids: ['x'] },
  ])
    assert.equal(isHeld(of(holds, not)), false);
});

test('of one that is under way it is told how far it is, and when it has last been heard of', () => {
  const row = {
    ...{ run: 'c-2', part: 0, form: 'short', place: '{}', began: 0, changed: 1000, working: true },
    ...{ ended: null, verdict: null, about: null },
  };
  const text = certifiedLines({ ...of(holds), latest: [row], checked: 7 }, 31_000).join('\n');
  assert.match(text, /short {8}c-2: under way, last sign of life 30 s ago/);
  assert.match(text, /c-2: 7 checks have ended/);
});

test('the name of the servers is told once, and what a check asks of an operator with the check', () => {
  const system = '3f2a91bc/FREE';
  const named = { ...holds, system };
  const lines = certifiedLines(of(named, named), 0).join('\n');
  assert.equal(lines.split(system).length, 2);
  assert.match(lines, /These servers are 3f2a91bc\/FREE: that is the NAME of certify start --test-system/);
  assert.doesNotMatch(certifiedLines(of(holds), 0).join('\n'), /--test-system/);
  const going = {
    ...{ run: 'c-3', part: 0, form: 'test-system', place: '{}', began: 0, changed: 0, working: true },
    ...{ ended: null, verdict: null, about: null },
  };
  const told = { check: 'oracle.restart', step: 'break', text: 'restart it' };
  const text = certifiedLines({ ...of(named), latest: [going], checked: 2, told }, 0).join('\n');
  assert.match(text, /c-3: 2 checks have ended\. NOW, for oracle\.restart: restart it/);
});

test('a report begins with what failed and was skipped, with why and what to do, and tells versions and settings', () => {
  const server = { version: '7.6.0', identity: { bucket: 'u' } };
  const check = { state: 'passed', figures: { keys: 3, 'longest (ms)': 9 }, took: 1 } as const;
  const certificate: Certificate = {
    ...{ format: 1, code: 'abc', form: 'short', began: 0, ended: 9000, verdict: 'failed' },
    servers: { couchbase: server, oracle: { ...server, version: '19.3' } },
    settings: { bucket: 'shop', schema: 'S', durability: 'majority', durabilityImpossible: 'refuse' },
    checks: [
      { ...check, name: 'a' },
      { name: 'b', state: 'failed', figures: {}, took: 1, why: 'it lies', next: 'mend it' },
      { name: 'c', state: 'skipped', figures: {}, took: 1, why: 'a right is missing', next: 'grant it' },
    ],
  };
  const text = certificateLines(certificate).join('\n');
  assert.match(
    text,
    /^The short certification of .* has FAILED, after 9 s: 1 checks passed, 1 failed, 1 were skipped\.\nIt is the short form/,
  );
  assert.match(text, /FAILED {3}b: it lies\n {9}→ mend it\nskipped {2}c: a right is missing\n {9}→ grant it/);
  assert.match(text, /Oracle {5}19\.3, bucket u\n {2}settings {3}bucket shop, schema S, durability majority/);
  assert.match(text, /figures {2}a: keys 3, longest \(ms\) 9/);
});
