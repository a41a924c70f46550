/** Findings of cdk-nag that stay, each with its reason beside the resource. */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Whose rules have the same names: the packs of cdk-nag for HIPAA, NIST 800-53 and PCI DSS. */
const PACKS = ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'];

/** Rules of those packs, by their names, with the reason why the resource, or what is within it, does not follow them. */
export function acknowledge(scope: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [rule, reason] of Object.entries(reasons))
    Validations.of(scope).acknowledge(...PACKS.map((pack) => ({ id: `${pack}-${rule}`, reason })));
}

/** Of a log group. */
export const AWS_KEY = {
  CloudWatchLogGroupEncrypted:
    'CloudWatch encrypts it with a key of its own, where deployment.kmsKey names no other; logs name the keys of documents, and hold no content',
};

/** Of a role that one function or state machine has. */
export const INLINE_POLICY = {
  IAMNoInlinePolicy:
    'The role belongs to one function or state machine: an inline policy goes with it, and can be attached to nothing else',
};
