/**
 * What requests and copy-backs set aside, since it was written past the API: counted, logged and noted as what receipts find. It is the receipts' to find nearly always;
 * but where a write of the API is faster, no receipt finds it any more.
 */
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { bake } from '../configuration/configuration.ts';
import type { EffectivePhase } from '../phases/effective_phase.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Version } from '../protocol/version.ts';
import { type ForeignPorts, tellForeign } from '../reconciliation/foreign.ts';
import { prefixOf } from '../records/feed.ts';
import { isForeign, tellingPastOracle } from '../stores/past_oracle.ts';
import type { Answers } from '../stores/port.ts';
import { CLOCK, type Container } from './container.ts';

export interface ForeignNotePorts extends Pick<ForeignPorts, 'count' | 'log'> {
  readonly phase: (collection: string) => Promise<EffectivePhase>;
  readonly note: (collection: string, phase: Phase, prefix: string) => Promise<void>;
  /** Milliseconds after which no write of our own is on its way by itself. */
  readonly bake: number;
}

export class ForeignNotes {
  readonly #ports: ForeignNotePorts;
  #work: Promise<unknown> | null = null;

  constructor(ports: ForeignNotePorts) {
    this.#ports = ports;
  }

  /** The same store of a collection, which tells of what it sets aside. */
  over<Store extends Pick<Answers<'oracle'>, 'keep'>>(collection: string, store: Store): Store {
    return tellingPastOracle(store, (key, version) => {
      const work = Promise.all([this.#work, this.#note(collection, key, version)]).finally(() => {
        if (this.#work === work) this.#work = null;
      });
      this.#work = work;
    });
  }

  /** What is being noted; null for nothing. Never rejects. */
  changes(): Promise<unknown> | null {
    return this.#work;
  }

  async #note(collection: string, key: string, version: Version): Promise<void> {
    const { phase: phaseOf, note, log, bake } = this.#ports;
    try {
      const { phase, since } = await phaseOf(collection);
      if (!isForeign(version, since, bake)) return;
      tellForeign(this.#ports, { collection, key, phase });
      await note(collection, phase, prefixOf(key));
    } catch (error) {
      log.warn('A write past the API was not noted', { collection, key, cause: String(error) });
    }
  }
}

/** Of one container. */
export function foreignNotes({
  stores,
  phases,
  metrics,
  logger,
  configuration,
}: Pick<Container, 'stores' | 'phases' | 'metrics' | 'logger' | 'configuration'>): ForeignNotes {
  return new ForeignNotes({
    phase: (collection) => phases.current(collection),
    note: (collection, phase, prefix) =>
      stores.feeds.noteForeign({ collection, phase, prefix, writes: 1 }, CLOCK.wall()),
    count: (metric) => metrics.addMetric(metric, MetricUnit.Count, 1),
    log: logger,
    bake: bake(configuration.timing),
  });
}
