/**
 * The contract of a store, and who must keep it: the reference in memory, Couchbase and Oracle. The rules are those of a certification, so that
 * what is shown here is what is shown on servers of one's own.
 */
import { after, before, describe, test } from 'node:test';
import { RULES } from '../../../functions/certification/rules.ts';
import type { Rule } from '../../../functions/certification/subject.ts';
import { faults } from './faults.ts';
import { properties } from './properties.ts';
import type { Subject, TestSubject } from './subject.ts';

/** Declares the tests of the contract for one store. */
export function keepsTheContract(name: string, start: () => Promise<TestSubject>): void {
  describe(name, () => {
    let subject: TestSubject;
    before(async () => {
      subject = await start();
    });
    after(() => subject.stop());
    const started = () => subject;
    keepsRules(RULES, started);
    properties(started);
    faults(started);
  });
}

/** Declares a test for each of these rules. */
export function keepsRules(rules: readonly Rule[], started: () => Subject): void {
  for (const { title, only, prove } of rules)
    test(title, async (t) => {
      if (only !== undefined && only !== started().phase) return t.skip(`it is of ${only}`);
      await prove(started());
    });
}
