/** A certification goes on in steps, survives the loss of one, and comes to a certificate; and what makes that void. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { About, Certificate } from '../../functions/certification/certificate.ts';
import {
  afterLoss,
  beginCertifying,
  certificateOf,
  certifyStep,
} from '../../functions/certification/certify_step.ts';
import type { Check } from '../../functions/certification/check.ts';
import { CHECKS } from '../../functions/certification/checks.ts';
import { NotKept, Skipped } from '../../functions/certification/not_kept.ts';
import { outcomeOf } from '../../functions/certification/outcome.ts';
import { clearOwn } from '../../functions/certification/scratch.ts';
import { document } from '../../functions/certification/subject.ts';
import { voids } from '../../functions/certification/voids.ts';
import { CallFailed } from '../../functions/protocol/call.ts';
import { honestPorts } from './honest_ports.ts';

const ABOUT: About = {
  code: 'c0de',
  servers: {
    couchbase: { version: '7.6.2', identity: { cluster: 'a', bucket: 'b' } },
    oracle: { version: '19.23.0.0.0', identity: { dbid: '1' } },
  },
  settings: { bucket: 'shop', schema: 'SHOP', durability: 'majority', durabilityImpossible: 'refuse' },
};

const check = (name: string, more: Partial<Check> = {}): Check => ({
  ...{ name, title: name, group: 'contract', proves: '', needs: [], optional: false },
  ...{ forms: ['whole'], atMost: 10 },
  run: async () => ({ state: 'passed', figures: {} }),
  ...more,
});
const throwing = (error: Error) => async () => {
  throw error;
};
const THREE = [check('one'), check('two'), check('three')];
const BEGIN = beginCertifying(ABOUT, 'whole', 1000);
const names = ({ checked }: typeof BEGIN) => checked.map(({ name }) => name);

test('a step runs at least one check, begins none that it has no time for, and the next one goes on', async () => {
  let left = 5;
  const ports = { ...honestPorts(), timeLeft: () => left };
  const first = await certifyStep(ports, BEGIN, THREE);
  assert.deepEqual([names(first.state), first.done], [['one'], false]);
  left = 10;
  const restored = JSON.parse(JSON.stringify(first.state)) as typeof BEGIN;
  const second = await certifyStep(ports, restored, THREE);
  assert.deepEqual([names(second.state), second.done], [['one', 'two', 'three'], true]);
  const certificate = certificateOf(second.state, 2000, THREE);
  assert.deepEqual([certificate.verdict, certificate.began, certificate.ended], ['passed', 1000, 2000]);
});

test('after a lost step checks are run one by one, and the second loss is that of the check', async () => {
  const ports = honestPorts();
  const alone = afterLoss(BEGIN, 'out of memory', THREE);
  assert.deepEqual(names(alone), []);
  const one = await certifyStep(ports, alone, THREE);
  assert.deepEqual([names(one.state), one.done], [['one'], false]);
  const lost = afterLoss(one.state, 'out of memory', THREE);
  assert.deepEqual([lost.checked[1]?.name, lost.checked[1]?.state], ['two', 'failed']);
  assert.match(lost.checked[1]?.why ?? '', /out of memory/);
  const end = await certifyStep(ports, lost, THREE);
  assert.deepEqual([names(end.state), end.done], [['one', 'two', 'three'], true]);
  assert.equal(certificateOf(end.state, 0, THREE).verdict, 'failed');
});

test('where the places are not scratch, no other check is run', async () => {
  const ports = honestPorts();
  await ports.couchbase.upsert('somebody', { content: document('1') });
  const { state, done } = await certifyStep(ports, BEGIN);
  assert.deepEqual([names(state), done], [['scratch.own'], true]);
  const { verdict, checks } = certificateOf(state, 0);
  assert.equal(verdict, 'failed');
  assert.match(checks[0]?.why ?? '', /^CERTIFY_NOT_SCRATCH/);
  await clearOwn(ports);
  assert.notEqual((await ports.couchbase.read('somebody', {})).cas, 0n);
});

test('what checks have left in Couchbase is removed', async () => {
  const ports = honestPorts();
  const rules = CHECKS.filter(({ name, forms }) => name.startsWith('couchbase.') && forms.includes('whole'));
  const { state } = await certifyStep(ports, BEGIN, rules);
  assert.equal(state.checked.length, rules.length);
  const all = { after: null, upTo: null };
  assert.notDeepEqual(await ports.keys.couchbase(all, 1), []);
  assert.equal(await clearOwn({ ...ports, timeLeft: () => 0 }), false);
  assert.equal(await clearOwn(ports), true);
  assert.deepEqual(await ports.keys.couchbase(all, 1), []);
});

test('a check that has to be seen and was skipped leaves the certificate incomplete; an optional one does not', async () => {
  const skipping = throwing(new Skipped('The user lacks a right', 'Grant it'));
  for (const [optional, verdict] of [
    [true, 'passed'],
    [false, 'incomplete'],
  ] as const) {
    const checks = [check('one'), check('two', { run: skipping, optional })];
    const { state } = await certifyStep(honestPorts(), BEGIN, checks);
    assert.deepEqual(state.checked[1]?.next, 'Grant it');
    assert.equal(certificateOf(state, 0, checks).verdict, verdict);
  }
});

test('a check that throws has failed, and tells why and what next', async () => {
  for (const error of [new NotKept('It is not so'), new Error('ORA-00942')]) {
    const { state } = await certifyStep(honestPorts(), BEGIN, [check('one', { run: throwing(error) })]);
    const [{ state: seen, why = '', next = '' } = {}] = state.checked;
    assert.equal(seen, 'failed');
    assert.ok(why.includes(error.message) && next.length > 20, why);
  }
});

test('a check whose call has got no clear answer is made again, and fails where it never gets one', async () => {
  const honest = honestPorts();
  const rules = CHECKS.filter(({ name }) => /^oracle\.(read-back|one-version|deleted|copies)$/.test(name));
  assert.equal(rules.length, 4);
  for (const lost of [2, Number.POSITIVE_INFINITY])
    for (const rule of rules) {
      let left = lost;
      const away = new CallFailed('no clear answer');
      const losing =
        <Args extends unknown[], Reply>(call: (...args: Args) => Promise<Reply>) =>
        async (...args: Args) => {
          if (left-- > 0) throw away;
          return call(...args);
        };
      const { oracle } = honest;
      const ports = {
        ...honest,
        oracle: { ...oracle, write: losing(oracle.write), apply: losing(oracle.apply) },
      };
      const { state: seen, figures, next = '' } = await outcomeOf(rule, ports);
      if (lost === 2) assert.deepEqual([seen, Number(figures.tries) > 1], ['passed', true], rule.name);
      else assert.deepEqual([seen, next.includes('timing.call')], ['failed', true], rule.name);
    }
});

test('the state of a certification in which all fails fits a step of the state machine', () => {
  const why = 'x'.repeat(501);
  const failed = { state: 'failed', figures: { figure: 'x'.repeat(40) }, why, next: why, took: 1 } as const;
  const state = { ...BEGIN, checked: CHECKS.map(({ name }) => ({ name, ...failed })) };
  assert.ok(Buffer.byteLength(JSON.stringify(state)) < 200_000);
});

const CERTIFICATE: Certificate = {
  ...ABOUT,
  ...{ format: 1, form: 'whole', began: 0, ended: 1, checks: [], verdict: 'passed' },
};

test('a certificate holds for the same code, servers and settings', () => {
  assert.deepEqual(voids(CERTIFICATE, ABOUT), []);
  // A mark that can be read since voids nothing, nor does one that cannot be read any more.
  const { couchbase, oracle } = ABOUT.servers;
  const more = { ...couchbase, identity: { ...couchbase.identity, more: 'c' } };
  assert.deepEqual(voids(CERTIFICATE, { ...ABOUT, servers: { couchbase: more, oracle } }), []);
});

test('what voids a certificate is told, each by itself', () => {
  const { couchbase, oracle } = ABOUT.servers;
  const { settings } = ABOUT;
  const servers = (changed: Partial<About['servers']>) => ({
    ...ABOUT,
    servers: { ...ABOUT.servers, ...changed },
  });
  const changes: readonly (readonly [RegExp, About])[] = [
    [/other code/, { ...ABOUT, code: 'other' }],
    [/couchbase had the version 7.6.2/, servers({ couchbase: { ...couchbase, version: '8.0.0' } })],
    [
      /couchbase is another one: cluster/,
      servers({ couchbase: { ...couchbase, identity: { cluster: 'z' } } }),
    ],
    [/oracle had the version/, servers({ oracle: { ...oracle, version: '19.24.0.0.0' } })],
    [/oracle is another one: dbid/, servers({ oracle: { ...oracle, identity: { dbid: '2' } } })],
    [/bucket was shop/, { ...ABOUT, settings: { ...settings, bucket: 'other' } }],
    [/schema was SHOP/, { ...ABOUT, settings: { ...settings, schema: 'OTHER' } }],
    [/durability was majority/, { ...ABOUT, settings: { ...settings, durability: 'none' } }],
    [/durabilityImpossible was/, { ...ABOUT, settings: { ...settings, durabilityImpossible: 'accept' } }],
  ];
  for (const [told, now] of changes) {
    const reasons = voids(CERTIFICATE, now);
    assert.equal(reasons.length, 1, reasons.join());
    assert.match(reasons[0] ?? '', told);
  }
  assert.match(voids({ ...CERTIFICATE, form: 'short' }, ABOUT).join(), /short form/);
  assert.match(voids({ ...CERTIFICATE, verdict: 'incomplete' }, ABOUT).join(), /verdict is incomplete/);
});
