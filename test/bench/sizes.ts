/** A backfill of collections of three sizes, each ten times the one before: its rate, and the memory of its worker, must not depend on it. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { copyShard } from '../../functions/backfill/copy_shard.ts';
import { portsToCopy } from '../../functions/backfill/ports.ts';
import { Rig } from '../runs/rig.ts';
import { BATCH, fill } from './documents.ts';
import { sideOf, tell } from './rounds.ts';

const SIZES = [1000, 10_000, 100_000] as const;
const LIMITS = { documents: BATCH, bytes: 4_000_000 };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** Batches between two looks at the heap. */
const SELDOM = 20;

interface Measured {
  /** Documents a second. */
  readonly rate: number;
  /** Of the heap that is in use, at its highest, in MiB. */
  readonly heap: number;
}

async function measure(count: number): Promise<Measured> {
  const rig = await Rig.start({ concurrent: true, size: 8 });
  try {
    await fill(rig, count);
    const run = await rig.begin([{ after: null, upTo: null }]);
    const { row, work } = await rig.take(run, 0);
    const ports = portsToCopy(rig.both, work);
    let [heap, batches] = [0, 0];
    const over = async () => {
      if (batches++ % SELDOM !== 0) return;
      collect();
      heap = Math.max(heap, process.memoryUsage().heapUsed / 2 ** 20);
    };
    const began = performance.now();
    await copyShard(row, { ...ports, turn: async () => ({ over }) }, LIMITS);
    return { rate: (count * 1000) / (performance.now() - began), heap };
  } finally {
    await rig.stop();
  }
}

const found = new Map<number, Measured>();
for (const size of SIZES) found.set(size, await measure(size));
const [least] = SIZES;
const of = (size: number, what: keyof Measured) =>
  sideOf(`${size} documents`, [found.get(size)?.[what] ?? Number.NaN]);
for (const size of SIZES.slice(1)) {
  tell(`backfill of ${size}`, '/s', of(size, 'rate'), of(least, 'rate'), { atLeast: 0.9 });
  tell(`its worker's heap`, 'MiB', of(size, 'heap'), of(least, 'heap'), { atMost: 2 });
}
