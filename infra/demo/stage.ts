/** The stack on this machine with its operator, its controller and its clients: what the story is played on. */
import { setTimeout } from 'node:timers/promises';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { bake } from '../../functions/configuration/configuration.ts';
import { receiptText } from '../../functions/edge/queue.ts';
import type { Overview } from '../../functions/operations/overview.ts';
import type { VerifiedUpTo } from '../../functions/operations/verified.ts';
import { phaseOf } from '../../functions/phases/parameters.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { changesTo } from '../console/flags.ts';
import { setFlags } from '../console/moves.ts';
import { Service } from '../console/service.ts';
import { verifiedLines } from '../console/told/documents.ts';
import { OPERATOR } from '../local/policy.ts';
import { type Local, startLocal } from '../local/start.ts';
import { ACCOUNT, REGION } from '../local/template.ts';
import { checkSettings } from '../settings.ts';
import { App } from './app.ts';
import type { Fault } from './book.ts';
import { Crowd } from './crowd.ts';
import { pictureOf } from './picture.ts';
import type { Screen } from './screen.ts';
import { DEMO } from './settings.ts';
import { BothStores } from './stores.ts';
import { Tally } from './tally.ts';

export interface StageOptions {
  readonly documents: number;
  readonly rate: number;
  readonly random: () => number;
  readonly screen: Screen;
  /** Where the stores outlive a process; nowhere without it. */
  readonly data?: string;
  /** Milliseconds after which what has not come to be is taken for stuck. */
  readonly patience?: number;
  /** Is given each line that a function prints. */
  readonly log?: (source: string, line: string) => void;
}

/** What each phase means, as it is told when it begins. */
const MEANING: Readonly<Record<Phase, string>> = {
  legacy: 'Couchbase alone is written and read',
  expand: 'both are written, Couchbase first; Couchbase is read',
  seal: 'no write is answered before both stores have it; either could be read',
  switch: 'Oracle is read',
  settle: 'Oracle decides, and Couchbase follows',
  contract: 'Oracle alone is written and read',
};

/** Milliseconds. */
const [LOOK, CONTROL, PATIENCE] = [300, 700, 120_000];

/** The demo does not come to its end. */
export class Stuck extends Error {
  override readonly name = 'Stuck';
}

export class Stage {
  readonly local: Local;
  readonly service: Service;
  readonly crowd: Crowd;
  readonly tally = new Tally(() => performance.now());
  readonly caught: Fault[] = [];
  /** Phases of the first collection, in the order in which they came. */
  readonly way: Phase[] = [];
  readonly #options: StageOptions;
  readonly #stores: BothStores;
  /** Verifications that found a difference, and were told of. */
  readonly #unclean = new Set<string>();
  readonly #phases = new Map<string, Phase>();
  readonly #queues = new SQSClient();
  #controlling = true;
  #controlled: Promise<void> = Promise.resolve();

  private constructor(local: Local, token: string, options: StageOptions) {
    this.#options = options;
    this.local = local;
    const { gateway } = local.deployment;
    this.service = new Service(gateway.url);
    const { configuration } = SETTINGS;
    this.#stores = new BothStores(local.logins, configuration);
    this.crowd = new Crowd({
      ...{ app: new App(gateway.url, token), stores: this.#stores, tally: this.tally },
      ...{ caught: (fault) => this.caught.push(fault), ...options, late: bake(configuration.timing) },
    });
  }

  static async start(options: StageOptions): Promise<Stage> {
    const { data = null, log = () => {} } = options;
    const given = { settings: SETTINGS, data, port: 0, containers: 4, rules: false };
    const local = await startLocal({ ...given, log });
    Object.assign(process.env, {
      ...{ AWS_ENDPOINT_URL: local.deployment.endpoint.url, AWS_REGION: REGION },
      ...{ AWS_ACCESS_KEY_ID: OPERATOR, AWS_SECRET_ACCESS_KEY: 'local' },
    });
    const stage = new Stage(local, await local.deployment.gateway.token('demo'), options);
    stage.#controlled = stage.#control();
    return stage;
  }

  /** Looks, tells which phases have begun, and draws. */
  async look(): Promise<Overview[]> {
    const all = await this.service.ask<Overview[]>('status');
    for (const { collection, effective, evidence } of all) {
      this.#noted(collection, effective.phase);
      if ('missing' in evidence) continue;
      const { verification } = evidence.collection;
      if (verification?.clean === false) await this.#differed(collection, verification.id);
    }
    this.#options.screen.show(pictureOf(all, this.tally, this.#options.rate));
    return all;
  }

  /** Sets the flags, as an operator does. */
  async want(phase: Phase): Promise<void> {
    this.#options.screen.tell(`Operator: npx crossfade set ${phase}`);
    await setFlags(this.service, null, changesTo(phase, undefined) ?? []);
  }

  /** Throws `Stuck`. */
  async arrive(phase: Phase): Promise<void> {
    await this.until(
      (all) => all.every(({ effective }) => effective.phase === phase),
      `it does not come to ${phase}`,
    );
  }

  /** Throws `Stuck`. @param why what does not come to be. */
  async until(is: (all: readonly Overview[]) => boolean, why: string): Promise<void> {
    const { patience = PATIENCE } = this.#options;
    const deadline = performance.now() + patience;
    for (;;) {
      // It may not be told of while a store comes back.
      const all = await this.look().catch(() => []);
      if (all.length > 0 && is(all)) return;
      if (performance.now() > deadline) throw new Stuck(`In ${patience / 1000} s ${why}: ${waitsOf(all)}`);
      await setTimeout(LOOK);
    }
  }

  /** No receipt is left. Throws `Stuck`. */
  async settled(): Promise<void> {
    await this.until(
      (all) =>
        all.every(({ evidence }) => {
          if ('missing' in evidence) return false;
          const { delayed, due, hidden, waiting } = evidence.receipts;
          return delayed + due + hidden + waiting === 0;
        }),
      'the receipts are not settled',
    );
  }

  /** Lets it go on for a while. */
  async pass(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      await this.look().catch(() => {});
      await setTimeout(LOOK);
    }
  }

  /** Delivers what was delivered already, as SQS may. */
  async deliverAgain(count: number): Promise<void> {
    const queue = this.local.queues.names.find((name) => name.includes('ReceiptsQueue')) ?? '';
    const QueueUrl = `${this.local.deployment.endpoint.url}/${ACCOUNT}/${queue}`;
    const keys = this.crowd.book.keys.filter((name) => name.startsWith('cities/'));
    for (let n = 0; n < count; n++) {
      const key = (keys[Math.floor(this.#options.random() * keys.length)] ?? '').slice('cities/'.length);
      const receipt = { collection: 'cities', key, cause: 'write', expired: 0n } as const;
      const phase = this.#phases.get('cities') ?? 'legacy';
      await this.#queues.send(
        new SendMessageCommand({ QueueUrl, MessageBody: receiptText({ ...receipt, phase }) }),
      );
    }
  }

  /** A bug: a phase is published that does not follow the one before. */
  publish(phase: Phase): void {
    for (const collection of Object.keys(DEMO.collections)) {
      const Value = JSON.stringify({ phase, since: Date.now(), by: 'bug' });
      const Name = phaseOf(DEMO.deployment.parameters, collection);
      this.local.parameters.call('PutParameter', { Name, Value, Overwrite: true }, 'bug');
    }
  }

  async stop(): Promise<void> {
    this.#controlling = false;
    await this.crowd.stop();
    await this.#controlled;
    await this.#stores.close();
    this.#queues.destroy();
    await this.local.stop();
  }

  #noted(collection: string, phase: Phase): void {
    const before = this.#phases.get(collection);
    if (before === phase) return;
    this.#phases.set(collection, phase);
    if (collection === Object.keys(DEMO.collections)[0]) this.way.push(phase);
    const from = before === undefined ? '' : `${before} → `;
    this.#options.screen.tell(`${collection}: ${from}${phase}: ${MEANING[phase]}`);
  }

  /** Tells once of a verification that was not clean. */
  async #differed(collection: string, run: string): Promise<void> {
    if (this.#unclean.has(run)) return;
    this.#unclean.add(run);
    for (const line of verifiedLines(await this.service.ask<VerifiedUpTo>('verified', { collection })))
      this.#options.screen.tell(line);
  }

  /** Here it looks all the time; in AWS once a minute, and when a flag has changed. */
  async #control(): Promise<void> {
    const control = this.local.deployment.entry('control');
    while (this.#controlling) {
      // It fails where a store is away, and looks again.
      await control.invoke({}).catch(() => {});
      await setTimeout(CONTROL);
    }
  }
}

const SETTINGS = checkSettings(DEMO, 'infra/demo/settings.ts');

function waitsOf(all: readonly Overview[]): string {
  return all
    .map(({ collection, effective, decision }) => {
      const missing = 'conditions' in decision ? decision.conditions.filter(({ holds }) => !holds) : [];
      const waits = missing.map(({ name, measured }) => `${name} (${measured})`).join(', ');
      return `${collection} is in ${effective.phase}${waits === '' ? '' : `, and waits for ${waits}`}`;
    })
    .join('; ');
}
