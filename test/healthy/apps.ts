/** Apps of a healthy service: as many requests as the rate says, half of them reads, half of them for a few hot keys. */
import { Payload } from '../../functions/protocol/payload.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Version } from '../../functions/protocol/version.ts';
import { NO_PRECONDITION } from '../../functions/routing/precondition.ts';
import type { Answer } from '../../functions/routing/request.ts';
import type { Router } from '../../functions/routing/router.ts';
import type { Measured } from './alarms.ts';
import type { Timeline } from './timeline.ts';

export interface Container {
  readonly router: Router;
  readonly phase: () => Phase;
}

const [HOT, COLD] = [5, 100];

export class Apps {
  requests = 0;
  writes = 0;
  readonly #timeline: Timeline;
  readonly #containers: readonly Container[];
  readonly #measured: Measured;
  readonly #rate: number;
  readonly #etags = new Map<string, Version>();

  constructor(timeline: Timeline, containers: readonly Container[], measured: Measured, rate: number) {
    this.#timeline = timeline;
    this.#containers = containers;
    this.#measured = measured;
    this.#rate = rate;
  }

  async work(): Promise<void> {
    const { random } = this.#timeline;
    for (;;) {
      await this.#timeline.sleep(random.below(2000 / this.#rate));
      this.#ask();
    }
  }

  async #ask(): Promise<void> {
    const { random } = this.#timeline;
    const { router, phase } = random.pick(this.#containers);
    const surroundings = { phase: phase(), timely: () => true };
    const key = random.chance(0.5) ? `hot-${random.below(HOT)}` : `cold-${random.below(COLD)}`;
    const place = { collection: 'c', key };
    this.requests++;
    if (random.chance(0.5)) return this.#answered(key, await router.read(place, surroundings).catch(failed));
    this.writes++;
    const etag = this.#etags.get(key);
    const match = etag !== undefined && random.chance(0.2) ? [etag] : null;
    const request = { ...place, precondition: { ...NO_PRECONDITION, ...(match === null ? {} : { match }) } };
    const payload = new Payload(Buffer.from(`{"n":${this.requests}}`), null);
    const write = random.chance(0.1)
      ? router.write({ ...request, verb: 'delete' }, surroundings)
      : router.write({ ...request, verb: 'put', payload }, surroundings);
    this.#answered(key, await write.catch(failed));
  }

  #answered(key: string, answer: Answer | null): void {
    const { now } = this.#timeline;
    const count = (name: string) => this.#measured.add(`Crossfade ${name}`, now, 1);
    if (answer === null) count('RequestsFailed');
    else if (answer.kind === 'unknown') count('OutcomesUnknown');
    else if (answer.kind === 'unavailable') count('StoresUnavailable');
    else if (answer.kind === 'written' || answer.kind === 'found') this.#etags.set(key, answer.version);
    else this.#etags.delete(key);
  }
}

function failed(): null {
  return null;
}
