/** The page of a certificate: it tells all, and nothing that a server says becomes a part of the page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Certificate } from '../../functions/certification/certificate.ts';
import { CHECKS } from '../../functions/certification/checks.ts';
import { reportPage } from '../../functions/certification/report.ts';

const certificate = (text: string): Certificate => ({
  ...{ format: 1, form: 'whole', began: 0, ended: 60_000, verdict: 'failed', code: text },
  servers: {
    couchbase: { version: text, identity: { [text]: text } },
    oracle: { version: '19.23.0.0.0', identity: {} },
  },
  settings: { bucket: text, schema: text, durability: 'majority', durabilityImpossible: 'refuse' },
  checks: [
    ...CHECKS.slice(1).map(({ name }) => ({ name, state: 'passed', figures: {}, took: 1 }) as const),
    { name: 'scratch.own', state: 'failed', figures: { [text]: text }, took: 2, why: text, next: text },
    { name: text, state: 'skipped', figures: {}, took: 0, why: 'of another version' },
  ],
});

test('the page tells each check, its figures, why it was skipped, versions, settings, and what no run can tell', () => {
  const page = reportPage(certificate('told'));
  for (const { name } of CHECKS) assert.ok(page.includes(`<code>${name}</code>`), name);
  for (const part of ['19.23.0.0.0', 'majority', 'of another version', 'told: told', '1 skipped'])
    assert.ok(page.includes(part), part);
  for (const part of ['What only this run', 'What no run can tell', '1970-01-01T00:01:00.000Z'])
    assert.ok(page.includes(part), part);
});

const tagsOf = (page: string) => page.match(/<[^>]*>/g) ?? [];

test('whatever a server tells, the page has the same tags, loads nothing and runs nothing', () => {
  const expected = tagsOf(reportPage(certificate('x')));
  for (const tag of expected) assert.doesNotMatch(tag, /<script|\son\w+=|src=|href=|url\(/i);
  const texts = fc.oneof(
    fc.constantFrom('<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'", '&lt;', '</style>'),
    fc.string({ minLength: 1 }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      assert.deepEqual(tagsOf(reportPage(certificate(text))), expected);
    }),
  );
});
