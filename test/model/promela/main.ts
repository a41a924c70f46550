/** `npm run spin`: the protocol as Promela states it, searched whole, and with rules of it broken. */
import { BUGS, LARGE, missing, type Scenario, SMALL, search } from './spin.ts';

const why = await missing();
if (why !== null) throw new Error(why);

async function tell(scenario: Scenario): Promise<void> {
  const { phases, reads, converges, faults = 0, given = [], bug } = scenario;
  const began = performance.now();
  const { states, violated } = await search(scenario);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const what = [
    phases.join(' | '),
    `${reads} reads`,
    `${converges} converges`,
    `${faults} lost answers`,
    ...given,
  ].join(', ');
  const found = violated ?? 'nothing is violated';
  console.log(
    `${what.padEnd(84)} ${(bug ?? '-').padEnd(20)} ${String(states).padStart(10)} states ${seconds} s: ${found}`,
  );
  if ((bug === undefined) !== (violated === null)) process.exitCode = 1;
}

for (const scenario of [...SMALL, ...BUGS, ...(process.argv.includes('--large') ? LARGE : [])])
  await tell(scenario);
