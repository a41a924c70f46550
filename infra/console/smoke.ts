/** `smoke`: one document through every route, and a canary through a backfill and a verification. For a stack that is new, or changed. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Overview } from '../../functions/operations/overview.ts';
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { runsIn } from '../../functions/runs/begin.ts';
import type { Job } from '../../functions/runs/request.ts';
import { seenOf } from './look.ts';
import { watched } from './runs.ts';
import { BadCommand, type Send, type Service } from './service.ts';
import type { Open, Terminal } from './terminal.ts';

const MORE = `
It writes keys that begin with crossfade-smoke/, and deletes them again; where the collection takes others (keys in the configuration), give --prefix. What asks for documents needs a token of your issuer:
--token, or CROSSFADE_TOKEN. The backfill runs where the collection is in expand, the verification wherever there is one.`;

/** What its keys begin with, where nobody says otherwise. */
const PREFIX = 'crossfade-smoke/';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly told: string;
}

interface Asked {
  readonly token?: string;
  readonly dryRun?: boolean;
  readonly prefix?: string;
}

export function addSmoke(program: Command, open: Open): void {
  program
    .command('smoke')
    .description('one document through every route, and a canary through a backfill and a verification')
    .argument('<collection>')
    .option('--token <token>', 'of your issuer: CROSSFADE_TOKEN, if it is not given')
    .option('--prefix <text>', 'what its keys begin with', PREFIX)
    .option('--dry-run', 'look only: write nothing, and begin nothing')
    .addHelpText('after', MORE)
    .action(async (collection: string, asked: Asked) => {
      const { token = process.env.CROSSFADE_TOKEN, dryRun = false, prefix = PREFIX } = asked;
      const terminal = open();
      const [seen] = await seenOf(terminal, collection);
      const { phase } = (seen as Overview).effective;
      const checks = await looked(terminal, seen as Overview);
      if (!dryRun) {
        if (token === undefined) throw new BadCommand('Whose token? Give --token, or set CROSSFADE_TOKEN');
        const routes = new Routes(terminal.service, collection, token, prefix);
        await routes.walk();
        const ran = await runs(terminal, collection, phase, prefix);
        await routes.clear();
        checks.push(...routes.checks, ...ran);
      }
      const lines = checks.map(({ name, ok, told }) => `${ok ? 'ok   ' : 'WRONG'}  ${name}: ${told}`);
      terminal.show(
        checks,
        lines,
        checks.every(({ ok }) => ok),
      );
    });
}

async function looked(terminal: Terminal, seen: Overview): Promise<Check[]> {
  const { parameters, collections, bake } = await terminal.service.about();
  const { collection, effective, evidence, decision } = seen;
  const stores = 'missing' in evidence ? evidence.missing : 'both answer, and the table is there';
  return [
    {
      name: 'deployment',
      ok: true,
      told: `${collections.join(', ')}; parameters under ${parameters}; a bake is ${bake} ms`,
    },
    { name: 'phase', ok: true, told: `${collection} is in ${effective.phase}, by ${effective.by}` },
    {
      name: 'flags',
      ok: decision.kind !== 'refused',
      told: 'reason' in decision ? decision.reason : decision.kind,
    },
    { name: 'stores', ok: !('missing' in evidence), told: stores },
  ];
}

/** The documents of a collection, as an app asks for them; each answer is noted. */
class Routes {
  readonly checks: Check[] = [];
  readonly #send: Send;
  readonly #collection: string;
  readonly #token: string;
  readonly #key: string;

  constructor({ url, send }: Service, collection: string, token: string, prefix: string) {
    this.#send = send;
    this.#collection = `${url}/v1/collections/${collection}`;
    this.#token = token;
    this.#key = `${prefix}${randomUUID()}`;
  }

  /** Each depends on the one before. Leaves one document, for the runs. */
  async walk(): Promise<void> {
    const merge = { 'content-type': 'application/merge-patch+json' };
    await this.#ask('create', 'PUT', 204, '{"smoke":1}', { 'if-none-match': '*' });
    const { text, etag } = await this.#ask('read', 'GET', 200);
    this.checks.push({ name: 'the same bytes', ok: text === '{"smoke":1}', told: text.slice(0, 100) });
    await this.#ask('head', 'HEAD', 200);
    await this.#ask('not modified', 'GET', 304, null, { 'if-none-match': etag });
    await this.#ask('patch', 'PATCH', 204, '{"more":true}', { ...merge, 'if-match': etag });
    await this.#ask('an old ETag is refused', 'PUT', 412, '{}', { 'if-match': etag });
    await this.#ask('delete', 'DELETE', 204);
    await this.#ask('it is gone', 'GET', 404);
    await this.#ask('nobody gets in without a token', 'GET', 401, null, { authorization: '' });
    await this.#batch('batch', { key: this.#key, put: { smoke: 2 } });
  }

  async clear(): Promise<void> {
    await this.#batch('clear', { key: this.#key, delete: true });
  }

  #batch(name: string, write: object) {
    const url = `${this.#collection}/batch`;
    return this.#ask(name, 'POST', 200, JSON.stringify({ writes: [write] }), {}, url);
  }

  async #ask(
    name: string,
    method: string,
    wanted: number,
    body: string | null = null,
    headers: Readonly<Record<string, string>> = {},
    url = `${this.#collection}/documents?key=${encodeURIComponent(this.#key)}`,
  ) {
    const all = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json', ...headers };
    const response = await this.#send(new Request(url, { method, body, headers: all }));
    const text = await response.text();
    const ok = response.status === wanted;
    const told = `${response.status}${ok ? '' : `, and not ${wanted}: ${text.slice(0, 300)}`}`;
    this.checks.push({ name, ok, told });
    return { text, etag: response.headers.get('etag') ?? '' };
  }
}

async function runs(terminal: Terminal, collection: string, phase: Phase, prefix: string): Promise<Check[]> {
  // In legacy a verification runs, and has nothing to compare.
  const hasBoth = ROUTES[phase].second !== null;
  const one = async (name: string, job: Job, isPossible: boolean): Promise<Check> => {
    if (!isPossible) return { name, ok: true, told: `there is none in ${phase}` };
    try {
      const { outcome, listed } = await watched(terminal, job, { collection }, { prefix });
      return { name, ok: outcome === 'clean', told: `${outcome}, of ${listed} keys` };
    } catch (error) {
      return { name, ok: false, told: error instanceof Error ? error.message : String(error) };
    }
  };
  return [
    await one('backfill of a canary', 'copy', runsIn('backfill', phase)),
    await one('verification of a canary', 'verify', runsIn('verify', phase) && hasBoth),
  ];
}
