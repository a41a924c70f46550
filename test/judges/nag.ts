/** What the packs of cdk-nag find in a stack, beside what is acknowledged in it. */
import type { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';

const PACKS = [AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks];

/** @param app that is synthesized. @returns a line for each rule and resource. */
export function nagFindings(app: App): string[] {
  return PACKS.flatMap((Pack) => new Pack(app).validateScope(app).violations).flatMap(
    ({ ruleName, description, violatingResources }) =>
      violatingResources.map(
        ({ constructPath, resourceLogicalId }) =>
          `${ruleName}: ${constructPath ?? resourceLogicalId}: ${description}`,
      ),
  );
}
