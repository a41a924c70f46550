/** Settings with projections of one collection, and what is wrong with them. */
import assert from 'node:assert/strict';
import { problemsOf } from '../../functions/configuration/configuration.ts';
import { collection, good } from './good.ts';

export const configured = (projections: readonly unknown[]) => ({
  ...good,
  collections: { orders: { ...collection, oracle: { ...collection.oracle, projections } } },
});

export const AT = 'collections.orders.oracle.projections.';

/** What is wrong, from behind the number of the projection on. */
export const problems = (...projections: readonly unknown[]) =>
  problemsOf(configured(projections)).map((problem) => {
    assert.ok(problem.startsWith(AT), problem);
    return problem.slice(AT.length);
  });
