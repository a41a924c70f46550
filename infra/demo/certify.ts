/** Before anything is trusted to both stores, the operator has them certified: here in the form that takes seconds. */
import type { Certified } from '../../functions/operations/certification.ts';
import type { Screen } from './screen.ts';
import type { Stage } from './stage.ts';

/** Milliseconds between two looks. */
const LOOK = 500;

/** Throws `Stuck`. */
export async function certify(stage: Stage, screen: Screen): Promise<void> {
  screen.tell('Operator: npx crossfade certify start --short');
  stage.local.deployment.start('Certify', { form: 'short' });
  const all = await stage.patience.until(
    () => stage.service.ask<Certified>('certified').catch(() => null),
    (seen) => (seen?.latest[0]?.ended ?? null) !== null,
    () => 'the certification does not come to its end',
    LOOK,
  );
  const verdict = all?.latest[0]?.verdict;
  screen.tell(
    verdict === 'passed'
      ? 'Both stores have shown that they keep what they promise: contracts, races, odd documents, a small rehearsal'
      : `The certification has come to: ${verdict}. npx crossfade certify report says why`,
  );
}
