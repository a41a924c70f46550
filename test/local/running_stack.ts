/** As `npm start` runs, with one server, one function that never answers and one that is frozen. Prints the ids of all processes. */
import { execFileSync } from 'node:child_process';
import { Container } from '../../infra/local/lambda/container.ts';
import { startCouchbase } from '../../infra/local/servers/couchbase/start.ts';
import { stopOn } from '../../infra/local/stopping.ts';

const [root = ''] = process.argv.slice(2);
const couchbase = await startCouchbase({ users: { a: 'b' }, buckets: {} });
let working = () => {};
const isWorking = new Promise<void>((resolve) => {
  working = resolve;
});
const container = await Container.start({
  ...{ arn: 'arn', timeout: 600_000, log: () => working() },
  environment: { LAMBDA_TASK_ROOT: root, _HANDLER: 'hang.handler' },
});
stopOn(
  async () => {
    container.kill();
    frozen.kill();
    await couchbase.stop();
  },
  () => 0,
);
const frozen = await Container.start({
  ...{ arn: 'arn', timeout: 600_000, log: () => {} },
  environment: { LAMBDA_TASK_ROOT: root, _HANDLER: 'answer.handler' },
});
await frozen.invoke('1', '{}');
container.invoke('1', '{}').catch(() => {});
await isWorking;
const children = () =>
  execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('infra/local'))
    .map((line) => Number.parseInt(line, 10));
const states = () => execFileSync('ps', ['-o', 'stat=', '--ppid', String(process.pid)], { encoding: 'utf8' });
while (!/^T/m.test(states())) await new Promise((resolve) => setTimeout(resolve, 20));
process.stdout.write(`${JSON.stringify([process.pid, ...children()])}\n`);
