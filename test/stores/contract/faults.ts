/** The contract about calls that get lost: what may have happened is never called a failure, and nothing else happens. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Condition } from '../../../functions/protocol/condition.ts';
import { attempt, document, get, put, type TestSubject } from './subject.ts';

const [OLD, NEW] = [document('1'), document('2')];

export function faults(subject: () => TestSubject): void {
  for (const loss of ['request', 'answer'] as const)
    test(`a write whose ${loss} is lost has an unknown outcome, and is ${loss === 'request' ? 'not there' : 'there'}`, async (t) => {
      const { lose } = subject();
      if (lose === undefined) return t.skip('nothing can be made to fail here');
      const key = randomUUID();
      const conditions: Condition[] = [{ kind: 'none' }, { kind: 'absent' }];
      for (const content of [NEW, null])
        for (const condition of content === null ? conditions.slice(0, 1) : conditions) {
          const before = condition.kind === 'absent' ? null : OLD;
          await put(subject(), key, before);
          await lose(loss);
          const outcome = await attempt(subject(), key, content, condition);
          await lose(null);
          assert.equal(outcome.kind, 'unknown');
          const expected = loss === 'answer' ? content : before;
          assert.equal((await get(subject(), key)).content?.digest, expected?.digest);
        }
    });

  test('a copy whose answer is lost can simply be sent again', async (t) => {
    const { lose } = subject();
    if (lose === undefined) return t.skip('nothing can be made to fail here');
    for (const loss of ['request', 'answer'] as const) {
      const key = randomUUID();
      await subject().apply(key, OLD, 5n);
      await lose(loss);
      await assert.rejects(async () => subject().apply(key, NEW, 6n), { mayHaveApplied: true });
      await lose(null);
      await subject().apply(key, NEW, 6n);
      const { content, version } = await get(subject(), key);
      assert.deepEqual([content?.digest, version], [NEW.digest, 6n]);
    }
  });
}
