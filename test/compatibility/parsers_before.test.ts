/** What this version writes, read by the functions of the version before: they run beside these for a bake, and after a deployment back. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { move, type Register } from '../../functions/control/publish.ts';
import { receiptText } from '../../functions/edge/queue.ts';
import { withMark } from '../../functions/phases/forced_mark.ts';
import { PHASES } from '../../functions/protocol/phase.ts';
import { follow } from '../../functions/records/audit.ts';
import { parseRequest } from '../../functions/runs/request.ts';
import { parseShardMessage } from '../../functions/runs/shard_message.ts';
import { stampOf } from '../../functions/runs/stamp.ts';
import { CAUSES } from '../../functions/stores/receipt.ts';
import { lastTag } from './checkout.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'crossfade-before-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const unpacked = lastTag().then(
  (tag) => {
    const archive = execFileSync('git', ['archive', tag, 'functions', 'package.json'], {
      ...{ cwd: ROOT, maxBuffer: 2 ** 26 },
    });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    return null;
  },
  (error: Error) => error.message,
);

/** A module of the version before; null, with the test skipped, where there is no history of the project. */
async function before<Module>(context: TestContext, file: string): Promise<Module | null> {
  const missing = await unpacked;
  if (missing === null) return (await import(pathToFileURL(join(folder, file)).href)) as Module;
  context.skip(missing);
  return null;
}

test('the version before reads every receipt', async (context) => {
  const queue = await before<typeof import('../../functions/edge/queue.ts')>(
    context,
    'functions/edge/queue.ts',
  );
  if (queue === null) return;
  for (const cause of CAUSES)
    for (const phase of PHASES)
      for (const key of ['a', 'ä "+%/\u0001', '\u{1f600}']) {
        const receipt = { collection: 'orders', key, phase, cause, expired: 17n };
        assert.deepEqual(queue.parseReceipt(receiptText(receipt)), receipt);
      }
});

test('the version before reads every phase that a controller publishes', async (context) => {
  type Module = typeof import('../../functions/phases/effective_phase.ts');
  const phases = await before<Module>(context, 'functions/phases/effective_phase.ts');
  if (phases === null) return;
  const forced = [{ from: 'settle', to: 'switch', at: 1_700_000_000_000, claim: 17 }] as const;
  for (const to of PHASES)
    for (const by of [
      ...['controller', withMark('user/me', forced), withMark('user/me', [], 'from contract')],
      withMark('controller', forced, { percent: 10, stay: 1_700_000_000_000 }),
    ])
      for (const retired of [undefined, true] as const) {
        const { phase, by: read } = phases.parsePhase(await published({ to, by, retired }));
        assert.deepEqual([phase, read], [to, by]);
      }
});

/** What the controller writes for a move. */
async function published(made: {
  readonly to: (typeof PHASES)[number];
  readonly by: string;
  readonly retired: true | undefined;
}): Promise<string> {
  let value = '';
  const register: Register = {
    read: async () => ({ value, version: 1, changed: 0, now: 0 }),
    claimed: async () => null,
    claim: async () => true,
    write: async (text) => {
      value = text;
    },
  };
  await move(register, 1, { from: 'legacy', at: 1_700_000_000_000, why: 'a test', ...made }, 1000);
  return value;
}

test('the version before reads the messages of workers to workers', async (context) => {
  type Module = typeof import('../../functions/runs/shard_message.ts');
  const messages = await before<Module>(context, 'functions/runs/shard_message.ts');
  if (messages === null) return;
  const message = { run: 'a', collection: 'orders', shard: 3, token: 't' };
  for (const each of [message, { ...message, rested: true as const }]) {
    assert.deepEqual(parseShardMessage(JSON.stringify(each)), each);
    assert.deepEqual(messages.parseShardMessage(JSON.stringify(each)), each);
  }
});

test('the version before understands the runs that the controller and schedules ask for, as this one does', async (context) => {
  type Module = typeof import('../../functions/runs/request.ts');
  const requests = await before<Module>(context, 'functions/runs/request.ts');
  if (requests === null) return;
  const [collections, range] = [['orders'], { collection: 'orders', ifPossible: true }];
  const inputs = [
    ...([
      { job: 'copy', input: { ...range } },
      { job: 'copy', input: { ...range, back: 'changed' } },
    ] as const),
    ...(['version', 'content'] as const).map(
      (mode) => ({ job: 'verify', input: { ...range, mode } }) as const,
    ),
    { job: 'verify', input: { collection: 'orders', mode: 'content', repair: true, prefix: 'a' } } as const,
  ];
  for (const { job, input } of inputs) {
    const theirs = requests.parseRequest(input, job, collections);
    const ours = parseRequest(input, job, collections);
    assert.deepEqual(theirs, ours);
    assert.equal(stampOf(theirs, null), stampOf(ours, null));
  }
});

test('the version before finds the audit log unbroken', async (context) => {
  type Module = typeof import('../../functions/records/audit.ts');
  const audit =
    (await before<Module>(context, 'functions/operations/audit.ts').catch(() => null)) ??
    (await before<Module>(context, 'functions/records/audit.ts'));
  if (audit === null) return;
  const act = { at: 1_700_000_000_000, actor: 'me', action: 'orders: expand > seal', detail: 'ä' };
  const first = follow({ seq: 0, hash: '' }, act);
  assert.equal(audit.brokenAt([first, follow(first, { ...act, at: act.at + 1 })]), null);
});
