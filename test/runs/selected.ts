/** Runs of a collection that takes some of the keys alone. */
import type { Mode } from '../../functions/records/run.ts';
import { Selection, WHOLE } from '../../functions/stores/selection.ts';
import { compareShard } from '../../functions/verification/compare_shard.ts';
import { portsToCompare } from '../../functions/verification/ports.ts';
import { LIMITS, type Rig } from './rig.ts';

/** Runs along the keys above `z` of a collection that takes these. */
export async function selected(
  rig: Rig,
  kind: 'backfill' | 'verify',
  include: readonly string[],
  mode: Mode = 'content',
) {
  rig.selection = new Selection({ include, ignore: ['z-_sync:*'] });
  try {
    const options = kind === 'verify' ? { mode } : {};
    const run = await rig.begin([{ after: 'z', upTo: null }], { kind, phase: 'expand', options });
    if (kind === 'backfill') await rig.work(run, 0);
    else {
      const { row, work } = await rig.take(run, 0);
      const how = { phase: 'expand', mode, repair: true, most: 10 } as const;
      await compareShard(row, portsToCompare(rig.both, work, 'expand', mode), LIMITS, how);
    }
    const { listed, applied, failed, passed } = await rig.ledger.totals(run);
    return { listed, applied, failed, passed };
  } finally {
    rig.selection = WHOLE;
  }
}
