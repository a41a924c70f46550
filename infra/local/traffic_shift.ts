/**
 * What CodeDeploy does when an alias of a template gets a new version: it moves requests to it as the deployment configuration says, looks at the
 * alarms of the deployment group, and takes the version back when one goes off.
 * (codedeploy/latest/userguide/deployment-configurations.html and deployments-rollback-and-redeploy.html, 2026-11-27.)
 */
import { isOff } from './alarms.ts';
import type { LocalAlias } from './lambda/alias.ts';
import { type Template, UnknownInTemplate } from './template.ts';

const MINUTE = 60_000;

interface Routing {
  readonly TimeBasedCanary?: { readonly CanaryInterval: number; readonly CanaryPercentage: number };
  readonly TimeBasedLinear?: { readonly LinearInterval: number; readonly LinearPercentage: number };
}

interface Group {
  readonly AlarmConfiguration: { readonly Alarms: readonly { readonly Name: string }[] };
  readonly AutoRollbackConfiguration: { readonly Enabled: boolean; readonly Events: readonly string[] };
}

export class TrafficShift {
  readonly #template: Template;
  readonly #alias: LocalAlias;
  readonly #versions: readonly [before: string, after: string];
  readonly #begun: number;
  #state: 'shifting' | 'shifted' | 'taken back' = 'shifting';

  /** @param now milliseconds since the epoch. */
  constructor(template: Template, alias: LocalAlias, before: string, after: string, now: number) {
    [this.#template, this.#alias, this.#begun] = [template, alias, now];
    this.#versions = [before, after];
    this.look(now);
  }

  /** To be called again and again. @returns how far it is. */
  look(now: number): 'shifting' | 'shifted' | 'taken back' {
    if (this.#state !== 'shifting') return this.#state;
    const [before, after] = this.#versions;
    if (this.#alarmed(now)) {
      this.#alias.route(before);
      this.#state = 'taken back';
      return this.#state;
    }
    const share = this.#share((now - this.#begun) / MINUTE);
    if (share < 1) this.#alias.route(before, after, share);
    else {
      this.#alias.route(after);
      this.#state = 'shifted';
    }
    return this.#state;
  }

  #share(minutes: number): number {
    const { TrafficRoutingConfig } = this.#resource<{ TrafficRoutingConfig: Routing }>(
      'AWS::CodeDeploy::DeploymentConfig',
    );
    const { TimeBasedCanary: canary, TimeBasedLinear: linear } = TrafficRoutingConfig;
    if (canary !== undefined) return minutes < canary.CanaryInterval ? canary.CanaryPercentage / 100 : 1;
    if (linear === undefined) return 1;
    const steps = 1 + Math.floor(minutes / linear.LinearInterval);
    return Math.min(1, (steps * linear.LinearPercentage) / 100);
  }

  #alarmed(now: number): boolean {
    const group = this.#resource<Group>('AWS::CodeDeploy::DeploymentGroup');
    const { Enabled, Events } = group.AutoRollbackConfiguration;
    if (!Enabled || !Events.includes('DEPLOYMENT_STOP_ON_ALARM')) return false;
    const names = group.AlarmConfiguration.Alarms.map(({ Name }) => Name);
    return this.#template
      .ofType('AWS::CloudWatch::Alarm')
      .filter(({ id }) => names.includes(this.#template.text({ Ref: id })))
      .some((alarm) => isOff(this.#template, alarm, this.#alias.samples, now));
  }

  #resource<Properties>(type: string): Properties {
    const [found] = this.#template.ofType(type);
    if (found === undefined) throw new UnknownInTemplate(`The template has no ${type}`);
    return this.#template.resolve(found.properties) as Properties;
  }
}
