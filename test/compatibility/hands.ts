/** What an app and an operator do to a deployment: requests, commands of one checkout, and waiting for a phase. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { phaseOf } from '../../functions/phases/parameters.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { ParameterStore } from '../../infra/local/aws/parameters.ts';
import type { Deployment } from '../../infra/local/deploy.ts';
import { OPERATOR } from '../../infra/local/policy.ts';
import { REGION } from '../../infra/local/template.ts';

export interface Answered {
  readonly status: number;
  readonly body: string;
  readonly etag: string;
}

/** Milliseconds in which anything must have come to be, and between two looks. The way back alone takes two minutes on a machine that does nothing else. */
const [PATIENCE, LOOK] = [480_000, 300];

export class Hands {
  readonly #deployment: Deployment;
  readonly #parameters: ParameterStore;
  readonly #console: string;
  readonly #token: string;

  private constructor(deployment: Deployment, parameters: ParameterStore, checkout: string, token: string) {
    this.#deployment = deployment;
    this.#parameters = parameters;
    this.#console = join(checkout, 'infra/console/main.ts');
    this.#token = token;
  }

  /** @param checkout whose commands are given. */
  static async of(deployment: Deployment, parameters: ParameterStore, checkout: string): Promise<Hands> {
    return new Hands(deployment, parameters, checkout, await deployment.gateway.token('app'));
  }

  async ask(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Answered> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const response = await fetch(`${this.#deployment.gateway.url}/v1/collections/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': type, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const etag = response.headers.get('etag') ?? '';
    return { status: response.status, body: await response.text(), etag };
  }

  /** The document of a key in a collection, as a path for `ask`. */
  static at(collection: string, key: string): string {
    return `${collection}/documents?key=${encodeURIComponent(key)}`;
  }

  /** What a command prints as JSON, and how it exits. */
  async command(...given: string[]): Promise<{ readonly code: number; readonly output: string }> {
    const { gateway, endpoint } = this.#deployment;
    const env = {
      ...{ ...process.env, CROSSFADE_URL: gateway.url, AWS_ENDPOINT_URL: endpoint.url, AWS_REGION: REGION },
      ...{ AWS_ACCESS_KEY_ID: OPERATOR, AWS_SECRET_ACCESS_KEY: 'x' },
    };
    const ran = promisify(execFile)(process.execPath, [this.#console, ...given, '--json'], { env });
    return ran.then(
      ({ stdout }) => ({ code: 0, output: stdout }),
      ({ code, stdout, stderr }) => ({ code, output: stdout === '' ? stderr : stdout }),
    );
  }

  phase(collection: string): Phase {
    const Name = phaseOf('/crossfade', collection);
    const { Parameter } = this.#parameters.call('GetParameter', { Name }, 'test') as {
      Parameter: { Value: string };
    };
    return JSON.parse(Parameter.Value).phase;
  }

  /** Lets the controller look again and again until it is so. */
  async until(
    is: () => boolean | Promise<boolean>,
    what: string,
    look: () => Promise<unknown> = () => this.#deployment.entry('control').invoke({}),
  ): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    let last: unknown = null;
    while (!(await is())) {
      last = await look().catch(String);
      if (Date.now() > deadline) {
        const { output } = await this.command('plan');
        throw new Error(`${what}: never. The controller: ${JSON.stringify(last)}. ${output}`);
      }
      await setTimeout(LOOK);
    }
  }

  async arrive(collection: string, phase: Phase): Promise<void> {
    await this.until(() => this.phase(collection) === phase, `${collection} in ${phase}`);
  }
}
