/** What the account has beside the stack, and the stack uses: each is named by its ARN. */
import * as v from 'valibot';
import { DOMAIN_SETTINGS, domainProblems } from './domain_settings.ts';
import { KEY_SETTINGS } from './key_settings.ts';
import { placeProblems, type Target } from './place_problems.ts';
import { PRIVATE_SETTINGS, privateProblems } from './private_settings.ts';

const TOPIC = v.pipe(
  v.string(),
  v.regex(
    /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/,
    'it must be the ARN of a standard topic, such as arn:aws:sns:eu-central-1:123456789012:alarms',
  ),
);

export const OWNER_SETTINGS = {
  /** ARN of the SNS topic that alarms notify, a standard one in the region of the stack; null for none. */
  alarmTopic: v.optional(v.nullable(TOPIC), null),
  /** ARN of such a topic that tells operators of moves that are held or have windows; null for none. `alarmTopic` where it is left out. */
  moveTopic: v.optional(v.nullable(TOPIC)),
  ...KEY_SETTINGS,
  /** The API under a name of yours. */
  domain: v.optional(DOMAIN_SETTINGS, null),
  /** The API for some VPCs alone. */
  private: v.optional(PRIVATE_SETTINGS, null),
  /** ARN of a managed policy that every role gets as its permissions boundary; null for none. */
  permissionsBoundary: v.optional(
    v.nullable(
      v.pipe(
        v.string(),
        v.regex(
          /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]{1,512}$/,
          'it must be the ARN of a managed policy, such as arn:aws:iam::123456789012:policy/boundary',
        ),
      ),
    ),
    null,
  ),
};

/** What is wrong with them beside one another, and where the stack is deployed. @param deployment settings that need not be sound, nor need the collections. */
export function ownerProblems(deployment: unknown, target: Target, collections: unknown): string[] {
  return [
    ...domainProblems(deployment),
    ...privateProblems(deployment, collections),
    ...placeProblems(deployment, target),
  ];
}

/** The topic that operators are told of moves by; null for none. */
export function moveTopicOf({
  alarmTopic,
  moveTopic = alarmTopic,
}: {
  readonly alarmTopic: string | null;
  readonly moveTopic?: string | null | undefined;
}): string | null {
  return moveTopic;
}
