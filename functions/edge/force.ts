/** What `force` and `at-risk` reach: SSM, SQS and the stores, within the time of a request. */
import { lastQuestion } from '../configuration/configuration.ts';
import type { Controller } from '../control/controller.ts';
import type { ForcePorts } from '../operations/force.ts';
import { Reach } from '../stores/reach.ts';
import type { Container } from './container.ts';
import { lookOver } from './controller.ts';
import type { EvidenceQueues } from './evidence.ts';
import { riskPorts } from './risk.ts';

/** @param remaining milliseconds until the function is ended from outside. */
export function forcePorts(
  parts: Container,
  control: Controller,
  queues: EvidenceQueues,
  remaining: () => number,
): Pick<ForcePorts, 'request' | 'questions'> {
  const { timing } = parts.configuration;
  const least = lastQuestion(timing);
  return {
    request: timing.request,
    questions: (collection, reserve) => {
      const reach = new Reach(() => remaining() > least + reserve);
      const timely = () => remaining() > 2 * least + reserve;
      const risks = riskPorts(parts, control, queues, collection, reach, timely);
      return { risks, reach, audit: lookOver(parts, queues, reach).audit };
    },
  };
}
