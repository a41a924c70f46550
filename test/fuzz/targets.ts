/** What is fuzzed: each function with its samples. */
import fc from 'fast-check';
import { PHASES } from '../../functions/protocol/phase.ts';
import { apiHolds } from './api.ts';
import { type Json, mutated } from './mutations.ts';
import { describedEvents, samplesOf } from './samples.ts';
import { certify, feed, type Holds, operate, plan, prove, reconcile, schema, shards } from './workers.ts';

export interface Target {
  readonly name: string;
  /** Throws where something does not hold; otherwise tells how it ended. */
  readonly property: (ended: (how: string) => void) => fc.IAsyncProperty<unknown>;
}

/** Whatever else there is, a function may be invoked with it by hand. */
const anything = fc.anything() as fc.Arbitrary<Json>;

function targetOf(name: string, samples: readonly Json[], holds: Holds): Target {
  const events = fc.oneof({ weight: 20, arbitrary: mutated(samples) }, anything);
  return {
    name,
    property: (ended) => fc.asyncProperty(events, async (event) => ended(await holds(event))),
  };
}

const API = fc.oneof(
  { weight: 20, arbitrary: mutated([...samplesOf('api'), ...describedEvents()]) },
  anything,
);

/** Control is not among them: it looks at nothing of its event. */
export const TARGETS: readonly Target[] = [
  {
    name: 'api',
    property: (ended) =>
      fc.asyncProperty(fc.constantFrom(...PHASES), API, async (phase, event) =>
        ended(await apiHolds(phase, event)),
      ),
  },
  targetOf('operate', samplesOf('operate'), operate),
  targetOf('reconcile', samplesOf('reconcile'), reconcile),
  targetOf('shards', samplesOf('backfill', 'verify'), shards),
  targetOf('feed', samplesOf('feed'), feed),
  targetOf('prove', samplesOf('prove'), prove),
  targetOf('plan', samplesOf('plan'), plan),
  targetOf('certify', samplesOf('certify'), certify),
  targetOf('schema', samplesOf('schema'), schema),
];
