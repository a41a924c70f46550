/** `npm run healthy`: a healthy, busy service for 24 hours of virtual time. */
import { parseArgs } from 'node:util';
import { healthy } from './way.ts';

const { values } = parseArgs({
  options: {
    ...{ hours: { type: 'string', default: '24' }, seed: { type: 'string', default: '1' } },
    ...{ rate: { type: 'string', default: '2' }, scale: { type: 'string', default: '150' } },
  },
});
const [hours, seed, rate, scale] = [values.hours, values.seed, values.rate, values.scale].map(Number) as [
  number,
  number,
  number,
  number,
];
const began = performance.now();
const told = await healthy({ seed, rate, scale, phase: 'legacy', days: 30 }, hours);
for (const { from, to, late } of told.moves)
  console.log(`${from} → ${to}: ${Math.round(late / 1000)} s after all was true that it needs`);
for (const { alarm, at, value } of told.alarms)
  console.log(`${new Date(at).toISOString()} FALSE ALARM ${alarm}: ${value}`);
console.log(`${told.behind} shadow reads found Couchbase without what contract has written, and woke nobody`);
for (const repair of told.repairs) console.log(repair);
console.log(
  `${told.hours.toFixed(1)} hours, ${told.requests} requests that stand for ${told.requests * scale}, ${told.shadowReads} shadow reads, ` +
    `${told.moves.length} moves of which ${told.late.length} were late, ${told.alarms.length} false alarms; ${((performance.now() - began) / 1000).toFixed(0)} s`,
);
if (told.alarms.length + told.late.length > 0) process.exitCode = 1;
