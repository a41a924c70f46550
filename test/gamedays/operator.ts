/** An operator of the stack: with the commands of `npx crossfade`, with AWS, with the database, and with parameters written by hand. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AwsClient } from 'aws4fetch';
import oracledb from 'oracledb';
import type { Overview } from '../../functions/operations/overview.ts';
import { flagOf, flagOfAll, phaseOf } from '../../functions/phases/parameters.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { changesTo } from '../../infra/console/flags.ts';
import { OPERATOR } from '../../infra/local/policy.ts';
import { secretOf } from '../../infra/local/stores.ts';
import { ACCOUNT, REGION } from '../../infra/local/template.ts';
import { type GameStack, SETTINGS, TEST } from './stack.ts';

const CROSSFADE = fileURLToPath(new URL('../../infra/console/main.ts', import.meta.url));
const PREFIX = SETTINGS.deployment.parameters;

/** Milliseconds after which a command is stopped: one that waits for a run would wait for ever where the run does. */
const LONGEST = 180_000;

export const COLLECTIONS = Object.keys(SETTINGS.configuration.collections);

export interface Printed {
  readonly output: string;
  readonly error: string;
  readonly code: number;
}

/** A command that has exited with another code than 0, or was stopped. */
interface Failed {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly killed: boolean;
}

export class Operator {
  readonly stack: GameStack;
  /** Commands of `npx crossfade` that were given, in their order. */
  readonly given: string[] = [];
  #beside: Promise<Printed> | null = null;

  constructor(stack: GameStack) {
    this.stack = stack;
  }

  /** Gives a command of `npx crossfade`, as an operator does. */
  crossfade(...given: string[]): Promise<Printed> {
    return this.#command(given, this.environment);
  }

  /** As `succeed`, in a terminal that has the login of the owner of the tables. */
  async succeedAsOwner(...given: string[]): Promise<string> {
    const { connectString, user, password } = this.stack.stores.logins.oracle;
    const env = {
      ...{ ...this.environment, ORACLE_CONNECT_STRING: connectString },
      ...{ ORACLE_USER: user, ORACLE_PASSWORD: password },
    };
    const { output, error, code } = await this.#command(given, env);
    assert.equal(code, 0, `${given.join(' ')}: ${output}${error}`);
    return output + error;
  }

  async #command(given: readonly string[], env: NodeJS.ProcessEnv): Promise<Printed> {
    this.given.push(given.join(' '));
    const options = { env, timeout: LONGEST, maxBuffer: 64 * 1024 * 1024 };
    const ran = promisify(execFile)(process.execPath, [CROSSFADE, ...given], options);
    return ran.then(
      ({ stdout, stderr }) => ({ output: stdout, error: stderr, code: 0 }),
      ({ stdout, stderr, code, killed }: Failed) => ({
        output: stdout,
        error: killed ? `${stderr}stopped after ${LONGEST / 1000} s` : stderr,
        code: code ?? -1,
      }),
    );
  }

  /** A command that must end well. @returns what it has printed, both for programs and for people. */
  async succeed(...given: string[]): Promise<string> {
    const { output, error, code } = await this.crossfade(...given);
    assert.equal(code, 0, `${given.join(' ')}: ${output}${error}`);
    return output + error;
  }

  /** What a terminal of an operator has. */
  get environment(): NodeJS.ProcessEnv {
    const { gateway, endpoint } = this.stack.deployment;
    return {
      ...{ ...process.env, CROSSFADE_URL: gateway.url, AWS_ENDPOINT_URL: endpoint.url, AWS_REGION: REGION },
      ...{ AWS_ACCESS_KEY_ID: OPERATOR, AWS_SECRET_ACCESS_KEY: 'x' },
    };
  }

  /** What `npx crossfade status` tells of each collection, without the command: days look again and again. */
  async status(): Promise<Overview[]> {
    const signer = new AwsClient({
      ...{ accessKeyId: OPERATOR, secretAccessKey: 'x', service: 'execute-api', region: REGION, retries: 0 },
    });
    const url = `${this.stack.deployment.gateway.url}/v1/operations/status`;
    const headers = { 'content-type': 'application/json' };
    const answered = await signer.fetch(url, { method: 'POST', headers, body: '{}' });
    if (!answered.ok) throw new Error(await answered.text());
    return (await answered.json()) as Overview[];
  }

  async statusOf(collection: string): Promise<Overview> {
    return (await this.status()).find((each) => each.collection === collection) as Overview;
  }

  /** Writes a parameter by hand. */
  put(Name: string, Value: string): void {
    this.stack.parameters.call('PutParameter', { Name, Value, Overwrite: true, Type: 'String' }, TEST);
  }

  /** Puts collections into a phase, with flags to match, as if the controller had. Nothing may be under way. */
  enter(phase: Phase, ago = 0, collections: readonly string[] = COLLECTIONS): void {
    const since = Date.now() - ago;
    const Value = JSON.stringify({ phase, since, by: 'controller' });
    this.stack.parameters.past(ago, () => {
      for (const collection of collections) this.put(phaseOf(PREFIX, collection), Value);
    });
  }

  /** Sets the flags of one collection, or of all, without a word. */
  want(phase: Phase, collection: string | null = null): void {
    for (const { flag, value } of changesTo(phase, undefined) ?? [])
      this.put(collection === null ? flagOfAll(PREFIX, flag) : flagOf(PREFIX, collection, flag), value);
  }

  /** Puts a secret that differs in some of its members from the right one. */
  secret(name: 'crossfade/oracle' | 'crossfade/couchbase', other: object): void {
    const { couchbase, oracle } = this.stack.stores.logins;
    const right = name === 'crossfade/oracle' ? oracle : couchbase;
    this.stack.secrets.set(name, secretOf({ ...right, ...other }));
  }

  /** A command that is under way while other things are done. */
  beside(given: Promise<Printed>): void {
    this.#beside = given;
  }

  /** What the command has printed that was under way. */
  async begun(): Promise<Printed> {
    if (this.#beside === null) throw new Error('No command is under way');
    return this.#beside;
  }

  /** A statement, as the owner of the tables. */
  async sql(statement: string): Promise<void> {
    const session = await oracledb.getConnection(this.stack.stores.logins.oracle);
    await session.execute(statement, [], { autoCommit: true });
    await session.close();
  }

  /** Changes attributes of the queue whose name begins so. */
  async attributes(queue: string, Attributes: Record<string, string>): Promise<void> {
    const sqs = new SQSClient(this.aws);
    const name = this.stack.queues.names.find((each) => each.startsWith(queue));
    const QueueUrl = `${this.aws.endpoint}/${ACCOUNT}/${name}`;
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    sqs.destroy();
  }

  /** The state machine of the controller, as its schedule starts it. */
  async look(): Promise<void> {
    const states = new SFNClient(this.aws);
    const stateMachineArn = this.stack.deployment.machine('Controller');
    await states.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
    states.destroy();
  }

  /** For clients of AWS, as the operator. */
  get aws() {
    const credentials = { accessKeyId: OPERATOR, secretAccessKey: 'x' };
    return { endpoint: this.stack.deployment.endpoint.url, region: REGION, credentials };
  }
}
