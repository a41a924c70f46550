/** A deployed Crossfade as commands reach it: its operators' route, its parameters, and its state machines. */
import { setTimeout } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AwsClient } from 'aws4fetch';
import type { About } from '../../functions/operations/about.ts';
import type { Job } from '../../functions/runs/request.ts';
import { Machine } from './machine.ts';
import { type Answered, type Pauses, untilTaken } from './throttled.ts';
import { refusal, unreachable } from './unreachable.ts';

/** Milliseconds: API Gateway gives up after 30 seconds by itself. */
const LONGEST = 60_000;

/** The SDK waits up to 0.5, 1, 2, 4 and 8 seconds after a call that was throttled. Its default of 3 attempts gives up after 1.5. */
const ATTEMPTS = { maxAttempts: 6 };

export const PAUSES: Pauses = { now: () => performance.now(), sleep: setTimeout, random: Math.random };

/** Sends a request to the API, as `fetch` does. */
export type Send = (request: Request) => Promise<Response>;

/** The command cannot be carried out as it was given. Nothing was done. */
export class BadCommand extends Error {
  override readonly name = 'BadCommand';
}

/** The API, or what is in front of it, has answered that an operation was not done. */
export class NotDone extends Error {
  /** Of HTTP. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class Service {
  readonly #url: string | undefined;
  readonly #pauses: Pauses;
  /** With the certificate of the client, where it has one. */
  readonly send: Send;
  readonly #states = new SFNClient(ATTEMPTS);
  readonly #parameters = new SSMClient(ATTEMPTS);
  #about: Promise<About> | null = null;

  /** @param url of the HTTP API. @param pauses before an operation is sent again that AWS has refused to run. */
  constructor(url: string | undefined, pauses: Pauses = PAUSES, send: Send = fetch) {
    this.#url = url;
    this.#pauses = pauses;
    this.send = send;
  }

  /** Asks for an operation, signed with the AWS credentials that the AWS command line would take. */
  async ask<Answer>(operation: string, input: object = {}): Promise<Answer> {
    const { url } = this;
    const signer = await this.#signer();
    const request = () => ({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(LONGEST),
    });
    const send = async () => this.send(await signer.sign(`${url}/v1/operations/${operation}`, request()));
    const answered = await untilTaken(() => answer(send), this.#pauses).catch((error: unknown) => {
      throw new Error(unreachable(url, error));
    });
    if (answered.ok) return JSON.parse(answered.text) as Answer;
    throw new NotDone(answered.status, refusal(answered, operation, url, signer.accessKeyId));
  }

  /** Of the API. Throws `BadCommand` where nobody has said it. */
  get url(): string {
    const url = this.#url?.replace(/\/+$/, '') ?? '';
    if (url === '')
      throw new BadCommand(
        'Where is the API? Give --url, or set CROSSFADE_URL: the stack’s output Url says it',
      );
    if (/^https?:\/\/[^/]/.test(url) && URL.canParse(url)) return url;
    throw new BadCommand(
      `${JSON.stringify(url)} is no address of an API: --url and CROSSFADE_URL must look like https://…, as the stack’s output Url`,
    );
  }

  about(): Promise<About> {
    this.#about ??= this.ask<About>('about').catch((error: unknown) => {
      // Who asks again is not told the failure of before.
      this.#about = null;
      throw error;
    });
    return this.#about;
  }

  /** The state machine that does such runs, or certifies. Throws `BadCommand` where the deployed version has none. */
  async machine(job: Job | 'certify'): Promise<Machine> {
    const arn = (await this.about()).machines[job];
    if (arn === undefined)
      throw new BadCommand('The deployed version knows no certifications: deploy this one first');
    return new Machine(this.#states, arn);
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

/** Also the rest of an answer may fail to come. */
async function answer(send: () => Promise<Response>): Promise<Answered & { readonly ok: boolean }> {
  const began = performance.now();
  const response = await send();
  const text = await response.text();
  return { ok: response.ok, status: response.status, text, took: performance.now() - began };
}
