/** A deployed Crossfade as commands reach it: its operators' route, its parameters, and its state machines. */
import { SFNClient } from '@aws-sdk/client-sfn';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AwsClient } from 'aws4fetch';
import type { About } from '../../functions/operations/request.ts';
import type { Job } from '../../functions/runs/request.ts';
import { Machine } from './machine.ts';

/** The command cannot be carried out as it was given. Nothing was done. */
export class BadCommand extends Error {
  override readonly name = 'BadCommand';
}

export class Service {
  readonly #url: string | undefined;
  readonly #states = new SFNClient();
  readonly #parameters = new SSMClient();
  #about: Promise<About> | null = null;

  /** @param url of the HTTP API. */
  constructor(url: string | undefined) {
    this.#url = url;
  }

  /** Asks for an operation, signed with the AWS credentials that the AWS command line would take. */
  async ask<Answer>(operation: string, input: object = {}): Promise<Answer> {
    const { url } = this;
    const signer = await this.#signer();
    const response = await signer.fetch(`${url}/v1/operations/${operation}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as Answer;
    throw new Error(`${response.status}: ${reasonIn(text)}`);
  }

  /** Of the API. Throws `BadCommand` where nobody has said it. */
  get url(): string {
    if (this.#url !== undefined) return this.#url;
    throw new BadCommand(
      'Where is the API? Give --url, or set CROSSFADE_URL: the stack’s output Url says it',
    );
  }

  about(): Promise<About> {
    this.#about ??= this.ask<About>('about');
    return this.#about;
  }

  /** The state machine that does such runs. */
  async machine(job: Job): Promise<Machine> {
    return new Machine(this.#states, (await this.about()).machines[job]);
  }

  async set(name: string, value: string): Promise<void> {
    await this.#parameters.send(new PutParameterCommand({ Name: name, Value: value, Overwrite: true }));
  }

  async #signer(): Promise<AwsClient> {
    // Any client of the SDK finds them where all of them do.
    const { config } = this.#states;
    const { accessKeyId, secretAccessKey, sessionToken } = await config.credentials();
    return new AwsClient({
      ...{ accessKeyId, secretAccessKey, service: 'execute-api', region: await config.region(), retries: 0 },
      ...(sessionToken === undefined ? {} : { sessionToken }),
    });
  }
}

function reasonIn(text: string): string {
  try {
    const { detail, message } = JSON.parse(text) as { detail?: string; message?: string };
    return detail ?? message ?? text;
  } catch {
    return text.slice(0, 500);
  }
}
