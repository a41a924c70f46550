/** An account, and the policy of one of its topics. */

export const ACCOUNT = '123456789012';

/** The policy that a topic has without any doing. */
export const POLICY = (statement: object = {}) =>
  JSON.stringify({
    Statement: [
      {
        ...{ Effect: 'Allow', Principal: { AWS: '*' }, Action: ['SNS:GetTopicAttributes', 'SNS:Publish'] },
        ...{ Condition: { StringEquals: { 'AWS:SourceOwner': ACCOUNT } }, ...statement },
      },
    ],
  });
