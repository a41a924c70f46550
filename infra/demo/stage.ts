/** The stack on this machine with its operator, its controller and its clients: what the story is played on. */
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
import { MEANING } from '../console/told/meaning.ts';
import { OPERATOR } from '../local/policy.ts';
import { type Local, startLocal } from '../local/start.ts';
import { ACCOUNT, REGION } from '../local/template.ts';
import { type CheckedSettings, checkSettings } from '../settings.ts';
import { App, type Place } from './app.ts';
import type { Fault } from './book.ts';
import { type Crew, Crowd } from './crowd.ts';
import { failuresTold } from './failures.ts';
import { ForeignAlarm } from './foreign_alarm.ts';
import { Looks } from './looks.ts';
import { PastApi } from './past.ts';
import { CLOCK, Patience } from './patience.ts';
import { pictureOf } from './picture.ts';
import type { Screen } from './screen.ts';
import { DEMO } from './settings.ts';
import { BothStores } from './stores.ts';
import { Tally } from './tally.ts';
import { waitsOf } from './waits.ts';

export interface StageOptions {
  readonly documents: number;
  /** Beside those of places: see `CrowdParts`. */
  readonly more?: ReadonlyMap<Place, string>;
  readonly rate: number;
  readonly random: () => number;
  readonly screen: Screen;
  /** Those of the demo if not given. */
  readonly settings?: CheckedSettings;
  /** Where the stores outlive a process; nowhere without it. */
  readonly data?: string;
  /** Milliseconds after which what has not come to be is taken for stuck. */
  readonly patience?: number;
  /** Who asks; few clients if not given. */
  readonly crew?: Crew;
  /** Counts all requests; a new one if not given. */
  readonly tally?: Tally;
  /** Is given each line that a function prints. */
  readonly log?: (source: string, line: string) => void;
}

/** Milliseconds. */
const [LOOK, PATIENCE, STARTING, STOPPING] = [300, 240_000, 600_000, 30_000];

export class Stage {
  readonly local: Local;
  readonly service: Service;
  readonly crowd: Crowd;
  readonly tally: Tally;
  readonly caught: Fault[] = [];
  /** What SQL has answered, as it is told at the end. */
  readonly answer: string[] = [];
  /** Phases of the first collection, in the order in which they came. */
  readonly way: Phase[] = [];
  /** How long it waits for anything. */
  readonly patience: Patience;
  readonly stores: BothStores;
  readonly app: App;
  readonly past: PastApi;
  readonly alarm: ForeignAlarm;
  readonly settings: CheckedSettings;
  readonly #options: StageOptions;
  /** Verifications that found a difference, and were told of. */
  readonly #unclean = new Set<string>();
  readonly #phases = new Map<string, Phase>();
  readonly #queues = new SQSClient();
  readonly #looks: Looks;

  private constructor(local: Local, token: string, options: StageOptions, alarm: ForeignAlarm) {
    this.#options = options;
    this.alarm = alarm;
    this.settings = options.settings ?? SETTINGS;
    this.tally = options.tally ?? new Tally(() => performance.now());
    this.patience = new Patience(options.patience ?? PATIENCE, CLOCK);
    this.local = local;
    const { gateway } = local.deployment;
    this.service = new Service(gateway.url);
    const { configuration } = this.settings;
    this.stores = new BothStores(local.logins, configuration, this.patience);
    this.past = new PastApi(local, this.settings);
    this.app = new App(gateway.url, token);
    this.crowd = new Crowd({
      ...{ app: this.app, stores: this.stores, old: this.past.service },
      ...{
        caught: (fault) => this.caught.push(fault),
        ...options,
        tally: this.tally,
        late: bake(configuration.timing),
      },
    });
    // It fails where a store is away, and looks again.
    this.#looks = new Looks(() => local.deployment.entry('control').invoke({}));
  }

  static async start(options: StageOptions): Promise<Stage> {
    const { data = null, log = failuresTold(options.screen, CLOCK.now), settings = SETTINGS } = options;
    const alarm = new ForeignAlarm(log);
    const starting = startLocal({
      ...{ settings, data, port: 0, containers: 4, rules: false, log: alarm.log },
    });
    const local = await new Patience(STARTING, CLOCK).within('the stack does not start', starting);
    Object.assign(process.env, {
      ...{ AWS_ENDPOINT_URL: local.deployment.endpoint.url, AWS_REGION: REGION },
      ...{ AWS_ACCESS_KEY_ID: OPERATOR, AWS_SECRET_ACCESS_KEY: 'local' },
    });
    return new Stage(local, await local.deployment.gateway.token('demo'), options, alarm);
  }

  /** Looks, tells which phases have begun, and draws. */
  async look(): Promise<Overview[]> {
    const all = await this.service.ask<Overview[]>('status');
    for (const { collection, effective, evidence } of all) {
      this.#noted(collection, effective.phase);
      if ('missing' in evidence) continue;
      const [verification] = evidence.collection.verifications;
      if (verification?.clean === false) await this.#differed(collection, verification.id);
    }
    this.#options.screen.show(pictureOf(all, this.tally, this.#options.rate));
    return all;
  }

  /** Sets the flags, as an operator does. */
  async want(phase: Phase): Promise<void> {
    this.#options.screen.tell(`Operator: npx crossfade set ${phase}`);
    await this.patience.again(`the flags cannot be set to ${phase}`, () =>
      setFlags(this.service, null, changesTo(phase, undefined) ?? [], 'the demo'),
    );
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
    await this.patience.until(
      // It may not be told of while a store comes back.
      () => this.look().catch(() => []),
      (all) => all.length > 0 && is(all),
      (all) => `${why}: ${waitsOf(all)}`,
      LOOK,
    );
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
      await CLOCK.sleep(LOOK);
    }
  }

  /** The clients have been answered, and ask no more. Throws `Stuck`. */
  rest(): Promise<void> {
    return this.patience.within('the clients are not answered', this.crowd.stop());
  }

  /** Delivers what was delivered already, as SQS may. */
  async deliverAgain(count: number): Promise<void> {
    const keys = this.crowd.book.keys.filter((name) => name.startsWith('cities/'));
    for (let n = 0; n < count; n++) {
      const name = keys[Math.floor(this.#options.random() * keys.length)] ?? '';
      await this.receipt(name.slice('cities/'.length));
    }
  }

  /** Sends a receipt of a city, as a write of it would. */
  async receipt(key: string): Promise<void> {
    const queue = this.local.queues.names.find((name) => name.includes('ReceiptsQueue')) ?? '';
    const QueueUrl = `${this.local.deployment.endpoint.url}/${ACCOUNT}/${queue}`;
    const receipt = { collection: 'cities', key, cause: 'write', expired: 0n } as const;
    const MessageBody = receiptText({ ...receipt, phase: this.#phases.get('cities') ?? 'legacy' });
    await this.#queues.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }

  /** A bug: a phase is published that does not follow the one before. */
  publish(phase: Phase): void {
    for (const collection of Object.keys(this.settings.configuration.collections)) {
      const Value = JSON.stringify({ phase, since: Date.now(), by: 'bug' });
      const Name = phaseOf(DEMO.deployment.parameters, collection);
      this.local.parameters.call('PutParameter', { Name, Value, Overwrite: true }, 'bug');
    }
  }

  async stop(): Promise<void> {
    this.#queues.destroy();
    const asked = Promise.all([this.crowd.stop(), this.#looks.stop()]).then(() =>
      Promise.all([this.stores.close(), this.past.close()]),
    );
    // Who is not answered now is not waited for: the processes that should answer are ended.
    await this.patience.within('', asked, STOPPING).catch(() => {});
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

  /** From now on the controller makes no move, or goes on. */
  holdController(isHeld: boolean): Promise<void> {
    return this.#looks.hold(isHeld);
  }
}

const SETTINGS = checkSettings(DEMO, 'infra/demo/settings.ts');
