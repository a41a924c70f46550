import { Memory } from './memory.ts';
import { sample } from './sample.ts';
import { line } from './timeline.ts';

const runs = Number(process.argv[2]);
const from = Number(process.argv[3] ?? 1);
const t0 = performance.now();
let bad = 0;
const kinds: Record<string, number> = {};
let memory = new Memory({});
for (let seed = from; seed < from + runs; seed++) {
  if (seed % 2000 === 0) memory = new Memory({});
  const f = sample(seed, {}, memory);
  if (f) {
    bad++;
    kinds[f.what] = (kinds[f.what] ?? 0) + 1;
    if (bad <= 3 || runs === 1) {
      console.log(f);
      if (process.argv[4] || runs === 1)
        sample(seed, {}, new Memory({}), (b, m, a) => console.log(line(b, m, a)));
    }
  }
}
console.log({ runs, bad, kinds, perSecond: Math.round((runs / (performance.now() - t0)) * 1000) });
