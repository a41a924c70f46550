/** Keys and the region, as AWS tells of them. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Account } from './ports.ts';
import { ask, askFor } from './signed.ts';

interface Described {
  readonly KeyMetadata: Readonly<Record<'Arn' | 'KeyState' | 'KeyUsage' | 'KeySpec', string | undefined>>;
}

export function keysOf(client: SSMClient): Pick<Account, 'region' | 'key' | 'keyPolicy'> {
  const operation = (name: string, input: object) => ({
    operation: { target: `TrentService.${name}`, input },
  });
  return {
    region: async () => (await client.config.region()) ?? '',
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
