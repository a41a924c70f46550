/** Keys, the region and what is deployed there, as AWS tells of them. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import { type Account, CannotLook } from './ports.ts';
import { ask, askFor } from './signed.ts';
import { find, member, parseXml } from './xml.ts';

interface Described {
  readonly KeyMetadata: Readonly<Record<'Arn' | 'KeyState' | 'KeyUsage' | 'KeySpec', string | undefined>>;
}

export function keysOf(client: SSMClient): Pick<Account, 'region' | 'outputs' | 'key' | 'keyPolicy'> {
  const operation = (name: string, input: object) => ({
    operation: { target: `TrentService.${name}`, input },
  });
  return {
    region: async () => (await client.config.region()) ?? '',
    outputs: async (stack) => {
      const form = { Action: 'DescribeStacks', Version: '2010-05-15', StackName: stack };
      const right = 'cloudformation:DescribeStacks';
      const text = await ask(client, 'cloudformation', '/', right, { form }).catch((error: unknown) => {
        // That is how CloudFormation says that there is none.
        if (error instanceof CannotLook && /ValidationError.*does not exist/s.test(error.message))
          return null;
        throw error;
      });
      if (text === null) return null;
      const outputs = find(parseXml(text), 'Outputs')?.children ?? [];
      return Object.fromEntries(
        outputs.map((each) => [member(each, 'OutputKey'), member(each, 'OutputValue')]),
      );
    },
    key: async (name) => {
      const given = operation('DescribeKey', { KeyId: name });
      const text = await askFor(client, 'kms', '/', 'kms:DescribeKey', given);
      if (text === null) return null;
      const { Arn, KeyState, KeyUsage, KeySpec } = (JSON.parse(text) as Described).KeyMetadata;
      return { arn: Arn ?? name, state: KeyState ?? '?', usage: KeyUsage ?? '?', spec: KeySpec ?? '?' };
    },
    keyPolicy: async (arn) => {
      const given = operation('GetKeyPolicy', { KeyId: arn, PolicyName: 'default' });
      const text = await ask(client, 'kms', '/', 'kms:GetKeyPolicy', given);
      return (JSON.parse(text) as { Policy?: string }).Policy ?? '{}';
    },
  };
}
