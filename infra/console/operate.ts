/** `npm run operate`: explains documents, looks before a backfill, and handles dead letters, through the operators' route. */
import { parseArgs } from 'node:util';
import { SFNClient } from '@aws-sdk/client-sfn';
import { AwsClient } from 'aws4fetch';
import type { Seen } from '../../functions/edge/controller.ts';
import type { Listed, Redriven } from '../../functions/operations/dead_letters.ts';
import type { Explanation } from '../../functions/operations/explain.ts';
import type { Preflight } from '../../functions/operations/preflight.ts';
import type { VerifiedUpTo } from '../../functions/operations/verified.ts';
import { run } from './machine.ts';
import {
  type Audited,
  type Forced,
  tellAudit,
  tellExplanation,
  tellForced,
  tellLetters,
  tellPreflight,
  tellStatus,
  tellVerified,
} from './told.ts';

const HELP = `npm run operate -- COMMAND [options]

  status                   where the migration is, what is next, and what that waits for
  force                    the next move, whatever was measured; tells what is at risk, and moves with --confirm
  explain COLLECTION KEY   all that is known of one document, but for what it holds
  preflight COLLECTION     what Oracle could not hold, before anything is copied; changes nothing
  verified COLLECTION      up to when both stores are known to be equal, and what speaks against it
  dead-letters             what was set aside, by its causes
  redrive                  send dead letters again, once what was wrong has been mended
  discard                  give dead letters up
  audit                    who has done what, and why

  --cause C                dead letters with this cause only, as dead-letters tells it
  --collection C --key K   dead letters of this document only
  --why W                  of redrive, discard and force: why, for the audit log
  --json                   everything as JSON
  --url URL                the API: CROSSFADE_URL, if it is not given; the stack's outputs tell it

Requests are signed with the AWS credentials that the AWS command line would take; whoever may execute-api:Invoke the route
POST /v1/operations/* may do all of this.
`;

const { values, positionals } = parseArgs({
  options: {
    ...{ cause: { type: 'string' }, collection: { type: 'string' }, key: { type: 'string' } },
    ...{ why: { type: 'string' }, json: { type: 'boolean' }, url: { type: 'string' } },
    ...{ help: { type: 'boolean' }, confirm: { type: 'boolean' } },
  },
  allowPositionals: true,
});
const [command = '', collection, key] = positionals;
const { cause, why } = values;
const wanted = { cause, collection: values.collection, key: values.key };
const isNamed = Object.values(wanted).some((each) => each !== undefined);

const COMMANDS: Readonly<Record<string, () => Promise<void>>> = {
  status: async () => show(await ask<Seen[]>('status', {}), tellStatus),
  force: async () =>
    show(await ask<Forced>('force', { collection, why, confirm: values.confirm }), tellForced),
  explain: async () => show(await ask<Explanation>('explain', { collection, key }), tellExplanation),
  preflight: async () => show(await preflightAll(), tellPreflight),
  verified: async () => show(await ask<VerifiedUpTo>('verified', { collection }), tellVerified),
  'dead-letters': async () =>
    show(await ask<Listed>('dead-letters', wanted), (listed) => tellLetters(listed, isNamed)),
  redrive: async () => show(await closeAll('redrive'), ({ done }) => console.log(`${done} sent again.`)),
  discard: async () => show(await closeAll('discard'), ({ done }) => console.log(`${done} given up.`)),
  audit: async () => show(await ask<Audited>('audit', {}), tellAudit),
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

run(main);
