import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { BadOperation, parseOperation } from '../../functions/operations/request.ts';
import {
  MOST_BYTES,
  type SetAsidePorts,
  setAsidePage,
  setAsidePiece,
} from '../../functions/operations/set_aside.ts';
import { type Entry, UnknownEntry } from '../../functions/stores/oracle/set_aside.ts';
import { entriesOf, listed } from '../../infra/console/set_aside.ts';
import { exportLine, shownBody } from '../../infra/console/told/set_aside.ts';

const NOW = Date.UTC(2026, 0, 1);
/** What Lambda answers at most. */
const ANSWER = 6_291_556;

type Kept = Entry & { readonly held: Buffer };

const kept = (n: number, held: Buffer, key = `k-${n}`): Kept => ({
  ...{ id: `id-${String(n).padStart(6, '0')}`, key, version: '7', handoff: '5', handback: '0' },
  ...{ deleted: false, bytes: held.length, expires: null, request: null, at: NOW, reason: 'r', held },
  ...{
    code: 'unexplained',
    replacedBy: null,
    state: 'open',
    decided: null,
    decidedBy: null,
    decidedWhy: null,
  },
});

const portsOf = (all: readonly Kept[], timely = () => true): SetAsidePorts => {
  const those = ({ key, prefix }: { key?: string | undefined; prefix?: string | undefined }) =>
    all.filter((each) => (key === undefined || each.key === key) && each.key.startsWith(prefix ?? ''));
  return {
    count: async (wanted) => those(wanted).length,
    list: async (wanted, after, most) => {
      if (after !== null && !all.some(({ id }) => id === after)) throw new UnknownEntry(after);
      return those(wanted)
        .filter(({ id }) => after === null || id > after)
        .slice(0, most)
        .map(({ held, ...entry }) => entry);
    },
    body: async (id) => all.find((each) => each.id === id)?.held ?? null,
    timely,
  };
};

/** The operations as the console reaches them. Every answer is one that Lambda can give. */
function serviceOf(ports: SetAsidePorts) {
  return {
    asked: 0,
    async ask<Answer>(name: string, input: object = {}): Promise<Answer> {
      this.asked++;
      const operation = parseOperation(name, input, ['orders']);
      assert.ok(operation.name === 'set-aside' || operation.name === 'set-aside-body');
      const answer =
        operation.name === 'set-aside'
          ? await setAsidePage(operation, ports)
          : await setAsidePiece(operation.id, operation.from, ports);
      const text = JSON.stringify(answer);
      assert.ok(Buffer.byteLength(JSON.stringify(text)) < ANSWER, `an answer of ${text.length} bytes`);
      return JSON.parse(text);
    },
  };
}

const digestOf = (body: Buffer) => createHash('sha256').update(body).digest('hex');
const sized = (bytes: number, n: number) => Buffer.alloc(bytes, `${n}"\0`);

for (const timely of [() => true, () => false])
  test(`an export brings every entry whole, in pages that Lambda can answer${timely() ? '' : ', without time'}`, async () => {
    const sizes = [0, 10, MOST_BYTES, MOST_BYTES + 1, 1_500_000, 1_500_000, 1, 2 * MOST_BYTES + 5, 3];
    const all = sizes.map((bytes, n) => kept(n, sized(bytes, n)));
    const service = serviceOf(portsOf(all, timely));
    const seen: [string, string][] = [];
    for await (const { entry, body } of entriesOf(service, { collection: 'orders' }))
      seen.push([entry.id, digestOf(body)]);
    assert.deepEqual(
      seen,
      all.map(({ id, held }) => [id, digestOf(held)]),
    );
  });

test('pages of the longest keys, full of what JSON must escape, are answered too', async () => {
  const all = Array.from({ length: 1100 }, (_, n) => kept(n, sized(6000, n), '\0'.repeat(250)));
  const service = serviceOf(portsOf(all));
  let count = 0;
  for await (const _ of entriesOf(service, { collection: 'orders' })) count++;
  assert.deepEqual([count, service.asked], [1100, 3]);
});

test('a list has the number that was asked for, the exact total, and where it goes on', async () => {
  const all = Array.from({ length: 1100 }, (_, n) => kept(n, sized(5, n)));
  const service = serviceOf(portsOf(all));
  const wanted = { collection: 'orders', prefix: 'k-1' };
  const first = await listed(service, { ...wanted, limit: 3 });
  assert.deepEqual([first.total, first.entries.length, first.entries[0]?.body], [211, 3, null]);
  const rest = await listed(service, { ...wanted, limit: 1000, after: first.next });
  assert.deepEqual([rest.total, rest.entries.length, rest.next], [null, 208, null]);
  const many = await listed(service, { collection: 'orders', limit: 1050 });
  assert.deepEqual([many.total, many.entries.length, many.next], [1100, 1050, many.entries.at(-1)?.id]);
});

test('what there is not is refused, and entries that go away during an export are told', async () => {
  const all = Array.from({ length: 1100 }, (_, n) => kept(n, sized(1, n)));
  const ports = portsOf(all);
  const asked = { after: 'nothing', limit: 1, bodies: false };
  await assert.rejects(setAsidePage(asked, ports), BadOperation);
  await assert.rejects(setAsidePiece('nothing', 0, ports), BadOperation);
  const fewer = { ...ports, count: async () => all.length + 1 };
  await assert.rejects(async () => {
    for await (const _ of entriesOf(serviceOf(fewer), { collection: 'orders' }));
  }, /1101 entries were counted, and 1100 came/);
});

test('contents are exported as they were, and shown without what steers a terminal', () => {
  const line = (held: Buffer) => JSON.parse(exportLine(kept(1, held), held));
  assert.deepEqual(line(Buffer.from('{"é":1.0}')).text, '{"é":1.0}');
  const bytes = Buffer.from([0, 255, 34]);
  const { text, base64 } = line(bytes);
  assert.deepEqual([text, Buffer.from(base64, 'base64')], [undefined, bytes]);
  assert.equal(JSON.parse(exportLine({ ...kept(1, bytes), deleted: true }, bytes)).base64, undefined);
  assert.equal(shownBody(Buffer.from('{"é":\n1}')), '{"é":\n1}');
  for (const body of ['\x1b[2J', '\x9b31m', Buffer.from([255])])
    assert.match(shownBody(Buffer.from(body)), /^base64 /);
});
