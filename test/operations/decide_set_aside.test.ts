import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DecidePorts,
  decideSetAside,
  type Shown,
  type Written,
} from '../../functions/operations/decide_set_aside.ts';
import { BadOperation, parseOperation } from '../../functions/operations/request.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import type { Content } from '../../functions/protocol/state.ts';
import { PoisonDocument } from '../../functions/stores/failure.ts';
import type { Entry, State, Wanted } from '../../functions/stores/oracle/set_aside.ts';
import { setAsideOutcomes } from '../../infra/console/decide.ts';

const NOW = Date.UTC(2026, 0, 1);
const doc = (text: string): Content => documentFrom(Buffer.from(text), null);
const BY = doc('"by"');

/** Entries and a store in memory. What was set aside of each key was replaced by `BY`, if an entry does not say. */
class Desk implements DecidePorts {
  readonly entries: (Entry & { readonly held: string | null })[] = [];
  readonly states = new Map<string, State>();
  readonly store = new Map<string, { content: Content; version: bigint }>();
  readonly written: string[] = [];
  /** What a client does between the look and the write. */
  meanwhile: () => void = () => {};
  answers: Written | Error | null = null;
  away = false;
  calls = Number.POSITIVE_INFINITY;

  set(key: string, held: string | null, given: Partial<Entry> = {}): string {
    const id = `id-${String(this.entries.length).padStart(4, '0')}`;
    this.entries.push({
      ...{ id, key, version: '7', handoff: null, handback: '0', deleted: held === null, expires: null },
      ...{ bytes: held?.length ?? 0, request: null, at: NOW, reason: 'r', code: 'couchbase forgot', held },
      ...{ replacedBy: BY?.digest ?? '', state: 'open', decided: null, decidedBy: null, decidedWhy: null },
      ...given,
    });
    if (!this.store.has(key)) this.put(key, BY);
    return id;
  }

  put(key: string, content: Content): void {
    this.store.set(key, { content, version: (this.store.get(key)?.version ?? 9n) + 1n });
  }

  #meant({ id, key, prefix, reasons, open }: Wanted) {
    return this.entries.filter(
      (each) =>
        (id === undefined || each.id === id) &&
        (key === undefined || each.key === key) &&
        each.key.startsWith(prefix ?? '') &&
        (reasons === undefined || reasons.includes(each.code)) &&
        (!open || !this.states.has(each.id)),
    );
  }

  list = async (wanted: Wanted, after: string | null, most: number) =>
    this.#meant(wanted)
      .filter(({ id }) => after === null || id > after)
      .slice(0, most);
  count = async (wanted: Wanted) => this.#meant(wanted).length;
  body = async (id: string) => Buffer.from(this.entries.find((each) => each.id === id)?.held ?? '');
  read = async (key: string): Promise<Shown | null> =>
    this.away ? null : (this.store.get(key) ?? { content: null, version: 0n });
  write = async (key: string, content: Content, over: Shown): Promise<Written> => {
    this.meanwhile();
    if (this.answers instanceof Error) throw this.answers;
    const now = this.store.get(key) ?? { content: null, version: 0n };
    const same = now.content === null ? over.content === null : now.version === over.version;
    if (!same) return 'refused';
    this.put(key, content);
    this.written.push(key);
    return this.answers ?? 'done';
  };
  close = async (id: string, state: Exclude<State, 'open'>) => {
    if (this.states.has(id)) return false;
    return this.states.set(id, state).size > 0;
  };
  timely = () => --this.calls > 0;
  now = () => NOW;

  held(key: string): string | null {
    const content = this.store.get(key)?.content ?? null;
    return content === null ? null : Buffer.from(content.body).toString();
  }
}

/** As the console gives it: all pages. */
async function decided(desk: Desk, asked: object) {
  const ask = async <A>(name: string, input: object = {}): Promise<A> => {
    const operation = parseOperation(name, { collection: 'orders', why: 'a test', ...input }, ['orders']);
    assert.ok(operation.name === 'set-aside-decide');
    return JSON.parse(JSON.stringify(await decideSetAside(operation, desk)));
  };
  const told: string[] = [];
  for await (const { key, does, why } of setAsideOutcomes({ ask }, asked))
    told.push(`${key} ${does} ${why ?? ''}`.trim());
  return told;
}
const restore = { how: 'restore', confirm: true } as const;
const keep = { how: 'keep', confirm: true } as const;

test('what was set aside is written again, deletions too, and its entry is closed', async () => {
  const desk = new Desk();
  const ids = [desk.set('a/1', '"lost"'), desk.set('a/2', null), desk.set('b', '"other"')];
  desk.put('a/0', doc('"bystander"'));
  assert.deepEqual(await decided(desk, { ...restore, prefix: 'a/' }), ['a/1 restore', 'a/2 restore']);
  assert.deepEqual(
    ['a/0', 'a/1', 'a/2', 'b'].map((key) => desk.held(key)),
    ['"bystander"', '"lost"', null, '"by"'],
  );
  assert.deepEqual(
    ids.map((id) => desk.states.get(id)),
    ['restored', 'restored', undefined],
  );
});

test('what counted as deleted is written where the key is still absent', async () => {
  const desk = new Desk();
  desk.set('a', '"lost"', { replacedBy: 'absent' });
  desk.set('b', '"lost"', { replacedBy: 'absent' });
  desk.put('a', null);
  assert.deepEqual(await decided(desk, { ...restore, prefix: 'a' }), ['a restore']);
  assert.equal(desk.held('a'), '"lost"');
  assert.match(
    (await decided(desk, { ...restore, key: 'b' })).join(),
    /^b nothing the key was written since/,
  );
});

test('without confirm nothing is done, and the same is told', async () => {
  const desk = new Desk();
  desk.set('a', '"lost"');
  for (const how of ['keep', 'restore'])
    assert.deepEqual(await decided(desk, { how, prefix: 'a' }), [`a ${how}`]);
  assert.deepEqual([desk.written, [...desk.states]], [[], []]);
});

test('a write of a client is not overwritten: made before the look, or between the look and the write', async () => {
  const desk = new Desk();
  const [before, during] = [desk.set('a', '"lost"'), desk.set('b', '"lost"')];
  desk.put('a', doc('"client"'));
  desk.meanwhile = () => desk.put('b', doc('"client"'));
  const told = await decided(desk, { ...restore, reasons: ['couchbase forgot'] });
  assert.match(told[0] ?? '', /^a nothing the key was written since/);
  assert.match(told[1] ?? '', /^b nothing the key was written at the same moment/);
  assert.deepEqual(
    ['a', 'b'].map((key) => desk.held(key)),
    ['"client"', '"client"'],
  );
  assert.deepEqual([desk.states.get(before), desk.states.get(during)], [undefined, undefined]);
});

test('one entry that is named is written over what is there, if the operator says so, on the version of the look', async () => {
  const desk = new Desk();
  const id = desk.set('a', '"lost"');
  desk.put('a', doc('"client"'));
  await assert.rejects(decided(desk, { ...restore, prefix: 'a', overwrite: true }), BadOperation);
  assert.deepEqual(await decided(desk, { ...restore, id, overwrite: true }), ['a restore']);
  assert.equal(desk.held('a'), '"lost"');
  await assert.rejects(decided(desk, { ...restore, id }), /no open entry/);
});

test('an entry of the version before, which does not say what replaced it, is written only if it is named', async () => {
  const desk = new Desk();
  const id = desk.set('a', '"lost"', { replacedBy: null });
  assert.match((await decided(desk, { ...restore, prefix: 'a' })).join(), /nothing the version before/);
  assert.deepEqual(await decided(desk, { ...restore, id, overwrite: true }), ['a restore']);
});

test('of several entries of one key an operator chooses', async () => {
  const desk = new Desk();
  const [first, second] = [desk.set('a', '"one"'), desk.set('a', '"two"')];
  for (const each of await decided(desk, { ...restore, key: 'a' }))
    assert.match(each, /nothing several entries/);
  assert.deepEqual(await decided(desk, { ...restore, id: second }), ['a restore']);
  assert.equal(desk.held('a'), '"two"');
  assert.deepEqual(await decided(desk, { ...keep, id: first }), ['a keep']);
  assert.equal(desk.held('a'), '"two"');
});

test('a write whose outcome is not known leaves the entry open, and the next try finds what it did', async () => {
  const desk = new Desk();
  const id = desk.set('a', '"lost"');
  desk.answers = 'unknown';
  assert.match((await decided(desk, { ...restore, id })).join(), /nothing it is not known/);
  desk.answers = null;
  assert.deepEqual(await decided(desk, { ...restore, id }), ['a close the key holds this already']);
  assert.deepEqual([desk.written, desk.states.get(id)], [['a'], 'restored']);
});

test('what cannot be written stays open and says why: expired, impossible to store, or a store is away', async () => {
  const desk = new Desk();
  desk.set('a', '"lost"', { expires: NOW / 1000 });
  desk.set('b', '"lost"');
  assert.match((await decided(desk, { ...restore, key: 'a' })).join(), /expired since/);
  desk.answers = new PoisonDocument(
    { store: 'oracle', operation: 'write', collection: 'O', key: 'b' },
    'too long',
  );
  assert.match(
    (await decided(desk, { ...restore, key: 'b' })).join(),
    /nothing it cannot be written: .*too long/,
  );
  desk.away = true;
  assert.match((await decided(desk, { ...restore, key: 'b' })).join(), /does not answer/);
  desk.answers = new Error('nobody has thought of it');
  desk.away = false;
  await assert.rejects(decided(desk, { ...restore, key: 'b' }), /nobody has thought of it/);
  assert.equal(desk.states.size, 0);
});

test('all that is meant is decided page by page, with little time too, and what was decided is left alone', async () => {
  for (const calls of [Number.POSITIVE_INFINITY, 0]) {
    const desk = new Desk();
    for (let n = 0; n < 250; n++) desk.set(`k/${String(n).padStart(4, '0')}`, `"${n}"`);
    desk.calls = calls;
    assert.equal((await decided(desk, { ...keep, prefix: 'k/' })).length, 250);
    assert.deepEqual([desk.states.size, desk.written], [250, []]);
    assert.deepEqual(await decided(desk, { ...restore, prefix: 'k/' }), []);
  }
});

test('entries have to be named', async () => {
  await assert.rejects(decided(new Desk(), keep), /Say which entries/);
});
