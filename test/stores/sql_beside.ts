/** Changes by SQL beside what else touches rows: the sweep of what has expired, decisions about many of them, and erasing a key. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Caller } from '../../functions/operations/caller.ts';
import { type ErasePorts, erase } from '../../functions/operations/erase.ts';
import {
  type DecideSqlPorts,
  decideSqlChanges,
  type SqlOutcome,
} from '../../functions/operations/sql_changes.ts';
import { NOTHING } from '../../functions/stores/snapshot.ts';
import { document } from './contract/subject.ts';
import { DEEDS, type Deed, OURS, THEIRS, watching } from './sql_deeds.ts';
import { decidingIn, type Hands, Row } from './sql_row.ts';

/** Declares the tests. @param skip why they cannot be made here. */
export function sqlBeside(hands: () => Hands, skip: string | false): void {
  swept(hands, skip);
  inBulk(hands, skip);
  closedOnce(hands, skip);
  erased(hands, skip);
}

const PAST = 'expires = 1';

function swept(hands: () => Hands, skip: string | false): void {
  test('an expiry in the past that SQL has set: it waits for a decision, before the sweep and after it', {
    skip,
  }, async () => {
    const { store, table } = hands().database;
    const expire = (it: Row) => it.sql(`UPDATE ${table.name} SET ${PAST} WHERE doc_key = :key`);
    const unseen = new Row(hands());
    await unseen.put('expand', document(OURS));
    await expire(unseen);
    await unseen.receipt('settle');
    assert.ok((await store.sweep(1000)) > 0);
    await unseen.receipt('settle');
    assert.deepEqual([(await unseen.both()).texts, await unseen.noted()], [[OURS, null], ['unversioned']]);
    await watching(hands(), async () => {
      const seen = new Row(hands());
      await seen.put('settle', document(OURS));
      await expire(seen);
      // The sweep is our own, and notes nothing.
      assert.equal(await store.sweep(1000), 1);
      assert.deepEqual(await seen.noted(), ['document']);
      assert.equal(await seen.decide('accept', 'settle'), null);
      assert.deepEqual([(await seen.both()).texts, await seen.noted()], [[null, null], []]);
    });
    assert.equal(await unseen.decide('accept', 'settle'), null);
    assert.deepEqual((await unseen.both()).texts, [null, null]);
  });
}

/** All pages of a decision, two entries each. */
async function decidedIn(ports: DecideSqlPorts, prefix: string): Promise<Map<string, SqlOutcome['does']>> {
  const does = new Map<string, SqlOutcome['does']>();
  for (let after: string | null = null; ; ) {
    const decision = { how: 'accept', prefix, confirm: true, after, limit: 2 } as const;
    const page = await decideSqlChanges(decision, ports);
    for (const outcome of page.outcomes) does.set(outcome.key.slice(prefix.length), outcome.does);
    after = page.next;
    if (after === null) return does;
  }
}

function inBulk(hands: () => Hands, skip: string | false): void {
  test(
    'many are accepted page by page, but for what a client has written since, or SQL meanwhile',
    { skip },
    () =>
      watching(hands(), async (table) => {
        const prefix = `${randomUUID()}/`;
        const rows: [string, Deed, string | null][] = [
          ['a', 'UPDATE of the body', THEIRS],
          ['b', 'DELETE', null],
          ['c', 'INSERT', THEIRS],
          ['d', 'UPDATE of the body', '{"by":"a client"}'],
          ['e', 'UPDATE of the body', THEIRS],
        ];
        const of = (name: string) => new Row(hands(), prefix + name);
        for (const [name, deed] of rows) {
          if (deed !== 'INSERT') await of(name).put('settle', document(OURS));
          await DEEDS[deed](of(name), table);
        }
        await of('d').put('settle', document('{"by":"a client"}'));
        const ports = decidingIn(hands(), 'settle');
        let meanwhile = 1;
        const close: DecideSqlPorts['close'] = async (change) => {
          if (change.key === `${prefix}e` && meanwhile-- > 0)
            await DEEDS['UPDATE of the body'](of('e'), table);
          return ports.close(change);
        };
        const first = await decidedIn({ ...ports, close }, prefix);
        assert.deepEqual(
          [...first],
          [
            ...[['a', 'accept'] as const, ['b', 'accept'] as const, ['c', 'accept'] as const],
            ...[['d', 'nothing'] as const, ['e', 'nothing'] as const],
          ],
        );
        assert.deepEqual([...(await decidedIn(ports, prefix))].at(-1), ['e', 'accept']);
        for (const [name, , text] of rows)
          assert.deepEqual((await of(name).both()).texts, [text, text], name);
        assert.deepEqual(await of('d').noted(), ['document']);
        assert.deepEqual(await of('e').noted(), []);
      }),
  );
}

function closedOnce(hands: () => Hands, skip: string | false): void {
  test(
    'two operators decide on one entry: the second of them closes none that has come since',
    { skip },
    () =>
      watching(hands(), async (table) => {
        const it = new Row(hands());
        await it.put('settle', document(OURS));
        await DEEDS['UPDATE of the body'](it, table);
        const ports = decidingIn(hands(), 'settle');
        const close: DecideSqlPorts['close'] = async (change) => {
          assert.equal(await it.decide('leave', 'settle'), null);
          await DEEDS['UPDATE of the expiry'](it, table);
          return ports.close(change);
        };
        const decision = { how: 'leave', key: it.key, confirm: true, after: null, limit: 2 } as const;
        const { outcomes } = await decideSqlChanges(decision, { ...ports, close });
        assert.deepEqual([outcomes[0]?.does, await it.noted()], ['nothing', ['document']]);
      }),
  );
}

function erased(hands: () => Hands, skip: string | false): void {
  test('a key is not erased while a change of its row by SQL waits for a decision', { skip }, () =>
    watching(hands(), async (table) => {
      const it = new Row(hands());
      await it.put('settle', document(OURS));
      await DEEDS.DELETE(it, table);
      const ports = {
        taking: () => 'taken',
        ...{ phase: async () => 'settle', look: async () => ({ couchbase: NOTHING, oracle: NOTHING }) },
        ...{ letters: async () => [], setAside: async () => [], keyHash: async () => '#' },
        ...{ tombstone: async () => null, count: async () => 0, remove: async () => 0, timely: () => true },
        changedBySql: (key: string) => it.changes.count(table, { key }),
      } as unknown as ErasePorts;
      const asked = {
        name: 'erase',
        collection: 'orders',
        key: it.key,
        why: 'asked',
        confirm: true,
      } as const;
      const caller = { actor: 'ann', enter: async () => {} } as unknown as Caller;
      await assert.rejects(erase(asked, caller, ports), /changed by SQL, and nobody has decided on it/);
      assert.equal(await it.decide('accept', 'settle'), null);
      assert.equal((await erase(asked, caller, ports)).confirmed, true);
      assert.deepEqual((await it.both()).texts, [null, null]);
    }),
  );
}
