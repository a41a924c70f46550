/** `npm run releases`: the tests of all that speaks SQL, on an embedded server like each release, or like those that are named. */
import { spawnSync } from 'node:child_process';
import { RELEASES } from '../../../infra/local/servers/oracle/releases.ts';

const known = Object.keys(RELEASES);
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no release ${unknown.join(', ')} here, only ${known.join(', ')}`);
  process.exit(2);
}
const FILES = ['test/stores/oracle/*.test.ts', 'test/books/*.test.ts'];

const failed = (asked.length > 0 ? asked : known).filter((release) => {
  console.log(`\n${release}`);
  const given = ['--test', '--test-concurrency=2', '--test-reporter=dot', ...FILES];
  return (
    spawnSync(process.execPath, given, { stdio: 'inherit', env: { ...process.env, ORACLE_RELEASE: release } })
      .status !== 0
  );
});
console.log(failed.length === 0 ? 'No release fails.' : `Failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
