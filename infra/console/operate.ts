/** `npm run operate`: explains documents, looks before a backfill, and handles dead letters, through the operators' route. */
import { parseArgs } from 'node:util';
import { SFNClient } from '@aws-sdk/client-sfn';
import { AwsClient } from 'aws4fetch';
import type { Listed, Redriven } from '../../functions/operations/dead_letters.ts';
import type { Explanation } from '../../functions/operations/explain.ts';
import type { Preflight } from '../../functions/operations/preflight.ts';
import type { VerifiedUpTo } from '../../functions/operations/verified.ts';
import type { AuditEntry } from '../../functions/stores/oracle/audit.ts';
import { run } from './machine.ts';

const HELP = `npm run operate -- COMMAND [options]

  explain COLLECTION KEY   all that is known of one document, but for what it holds
  preflight COLLECTION     what Oracle could not hold, before anything is copied; changes nothing
  verified COLLECTION      up to when both stores are known to be equal, and what speaks against it
  dead-letters             what was set aside, by its causes
  redrive                  send dead letters again, once what was wrong has been mended
  discard                  give dead letters up
  audit                    who has done what, and why

  --cause C                dead letters with this cause only, as dead-letters tells it
  --collection C --key K   dead letters of this document only
  --why W                  of redrive and discard: why, for the audit log
  --json                   everything as JSON
  --url URL                the API: CROSSFADE_URL, if it is not given; the stack's outputs tell it

Requests are signed with the AWS credentials that the AWS command line would take; whoever may execute-api:Invoke the route
POST /v1/operations/* may do all of this.
`;

const { values, positionals } = parseArgs({
  options: {
    ...{ cause: { type: 'string' }, collection: { type: 'string' }, key: { type: 'string' } },
    ...{ why: { type: 'string' }, json: { type: 'boolean' }, url: { type: 'string' } },
    help: { type: 'boolean' },
  },
  allowPositionals: true,
});
const [command = '', collection, key] = positionals;
const { cause, why } = values;
const wanted = { cause, collection: values.collection, key: values.key };

const COMMANDS: Readonly<Record<string, () => Promise<void>>> = {
  explain: async () => show(await ask<Explanation>('explain', { collection, key }), tellExplanation),
  preflight: async () => show(await preflightAll(), tellPreflight),
  verified: async () => show(await ask<VerifiedUpTo>('verified', { collection }), tellVerified),
  'dead-letters': async () => show(await ask<Listed>('dead-letters', wanted), tellLetters),
  redrive: async () => show(await closeAll('redrive'), ({ done }) => console.log(`${done} sent again.`)),
  discard: async () => show(await closeAll('discard'), ({ done }) => console.log(`${done} given up.`)),
  audit: async () => show(await ask<{ entries: AuditEntry[] }>('audit', {}), tellAudit),
};

async function main(): Promise<void> {
  const act = COMMANDS[command];
  return values.help === true || act === undefined ? console.log(HELP) : act();
}

async function ask<Answer>(operation: string, input: object): Promise<Answer> {
  const url = values.url ?? process.env.CROSSFADE_URL;
  if (url === undefined) throw new Error('Where is the API? Give --url, or set CROSSFADE_URL');
  // Any client of the SDK finds them where all of them do.
  const { config } = new SFNClient();
  const { accessKeyId, secretAccessKey, sessionToken } = await config.credentials();
  const signer = new AwsClient({
    ...{ accessKeyId, secretAccessKey, service: 'execute-api', region: await config.region(), retries: 0 },
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  const response = await signer.fetch(`${url}/v1/operations/${operation}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as Answer;
  const { detail, message } = JSON.parse(text) as { detail?: string; message?: string };
  throw new Error(`${response.status}: ${detail ?? message ?? text}`);
}

function show<Answer>(answer: Answer, tell: (answer: Answer) => void): void {
  if (values.json === true) console.log(JSON.stringify(answer, null, 2));
  else tell(answer);
}

/** Page by page, since one request has only so much time. */
async function preflightAll(): Promise<Preflight> {
  let total: Preflight = { checked: 0, refused: 0, notJson: 0, largest: 0, samples: [], next: null };
  do {
    const page = await ask<Preflight>('preflight', { collection, after: total.next });
    total = {
      checked: total.checked + page.checked,
      refused: total.refused + page.refused,
      notJson: total.notJson + page.notJson,
      largest: Math.max(total.largest, page.largest),
      samples: [...total.samples, ...page.samples].slice(0, 50),
      next: page.next,
    };
    if (process.stderr.isTTY) process.stderr.write(`\r${total.checked} documents`);
  } while (total.next !== null);
  if (total.refused > 0) process.exitCode = 1;
  return total;
}

async function closeAll(operation: 'redrive' | 'discard'): Promise<Redriven> {
  const total = { done: 0, skipped: 0, left: false };
  for (;;) {
    const { done, left, skipped } = await ask<Redriven>(operation, { ...wanted, why });
    total.done += done;
    total.skipped = skipped;
    // Nothing goes on where only those are left that cannot be sent again.
    if (!left || done === 0) return { ...total, left };
    if (process.stderr.isTTY) process.stderr.write(`\r${total.done} so far`);
  }
}

function tellExplanation(found: Explanation): void {
  const { couchbase, oracle, difference, differsAt, findings, repairs, deadLetters, runs } = found;
  console.log(`${JSON.stringify(found.key)}, in phase ${found.phase}`);
  for (const [store, { presence, version, expires, bytes, fingerprint, handoff }] of Object.entries({
    Couchbase: couchbase,
    Oracle: oracle,
  }))
    console.log(
      `  ${store.padEnd(10)}${presence}, version ${version}, ${bytes ?? 0} bytes, fingerprint ${fingerprint ?? '-'}` +
        `${expires === null ? '' : `, expires ${expires}`}${handoff === null ? '' : `, handed off at ${handoff}`}`,
    );
  const agree = found.phase === 'legacy' ? '  In legacy nobody compares them.' : '  Both agree.';
  console.log(difference === null ? agree : `  They differ: ${difference.kind}: ${difference.detail}`);
  if (differsAt !== null) console.log(`  The first difference is at ${differsAt}`);
  for (const { run: id, kind, shard, passed } of runs)
    console.log(`  ${kind} ${id}: shard ${shard} ${passed ? 'has passed it' : 'has not come to it yet'}`);
  for (const { run: id, verdict, kind, detail, firstSeen } of findings)
    console.log(`  ${time(firstSeen)} found by ${id}: ${verdict}, ${kind}: ${detail}`);
  for (const { at, cause, detail } of repairs) console.log(`  ${time(at)} repaired (${cause}): ${detail}`);
  for (const { state, times, reason: told, firstSeen } of deadLetters)
    console.log(`  ${time(firstSeen)} set aside ${times} times, ${state}: ${told}`);
}

function tellPreflight({ checked, refused, notJson, largest, samples }: Preflight): void {
  console.log(`${checked} documents, the largest of ${largest} bytes.`);
  console.log(`${notJson} are no JSON: they are kept byte for byte, in a column of their own.`);
  console.log(refused === 0 ? 'Oracle can hold all of them.' : `${refused} would be set aside:`);
  for (const { key: each, why: told } of samples) console.log(`  ${JSON.stringify(each)}: ${told}`);
}

function tellVerified({ clean, last, oldest }: VerifiedUpTo): void {
  if (clean === null) console.log('Not verified: no clean verification of all keys is known.');
  else
    console.log(
      `What was written before ${time(clean.started)} was equal in both stores, by ${clean.options.mode}, in phase ${clean.phase}.`,
    );
  if (last !== null && last.id !== clean?.id)
    console.log(
      `The last run, ${last.id}, began ${time(last.started)} in phase ${last.phase} and ended with ${last.outcome}.`,
    );
  if (oldest !== null)
    console.log(
      `The oldest difference stands since ${time(oldest.firstSeen)}: ${oldest.kind} ${JSON.stringify(oldest.key)}: ${oldest.detail}`,
    );
  if (last?.outcome !== 'clean') process.exitCode = 1;
}

function tellLetters({ groups, letters }: Listed): void {
  if (groups.length === 0) console.log('There are no dead letters.');
  for (const { cause: told, count, oldest } of groups)
    console.log(`${count}, since ${time(oldest)}: ${told}`);
  const asked = cause !== undefined || values.key !== undefined || values.collection !== undefined;
  if (!asked) return;
  for (const letter of letters)
    console.log(`  ${letter.collection ?? '-'} ${JSON.stringify(letter.key)}: ${letter.reason}`);
}

function tellAudit({ entries }: { entries: readonly AuditEntry[] }): void {
  for (const { at, actor, action, detail } of entries)
    console.log(`${time(at)} ${actor} ${action} ${detail}`);
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

run(main);
