/** `account`: what AWS would refuse or lack, before anything is deployed. It only reads. */
import type { Command } from 'commander';
import { shippedSettings } from '../schema.ts';
import type { Open } from '../terminal.ts';
import { realAccount } from './aws.ts';
import { type Checked, checkAccount } from './checks.ts';

const MORE = `
It looks at the account and region of your AWS credentials, for infra/crossfade.config.ts. Permissions that it uses:
lambda:GetAccountSettings, ssm:GetParameter and GetServiceSetting, secretsmanager:GetSecretValue and DescribeSecret,
ec2:DescribeVpcEndpoints, DescribeRouteTables and DescribeSubnets, servicequotas:GetServiceQuota and ListServiceQuotas,
iam:GetRole and GetPolicy, apigateway:GET, sns:GetTopicAttributes, kms:DescribeKey and GetKeyPolicy,
acm:DescribeCertificate, cloudformation:DescribeStacks, s3:GetObject or GetObjectVersion. What may not be looked at is "unknown", and no failure.
Values of secrets are read, and never printed. Exits with 1 where something is wrong.
`;

/** @param read the settings; those that are shipped if there is none. */
export function addAccount(program: Command, open: Open, read = shippedSettings): void {
  program
    .command('account')
    .description(
      'check quotas, secrets, keys, issuer, name, network, roles, alarm topic and bootstrap of the AWS account, before a deployment',
    )
    .addHelpText('after', MORE)
    .action(async () => {
      const settings = await read();
      const checks = await checkAccount(realAccount(settings.deployment.parameters), settings);
      open().show(
        { checks },
        [...checks.flatMap(lines), summary(checks)],
        !checks.some(({ state }) => state === 'wrong'),
      );
    });
}

const summary = (checks: readonly Checked[]) =>
  (['ok', 'wrong', 'unknown'] as const)
    .map((state) => `${checks.filter((each) => each.state === state).length} ${state}`)
    .join(', ');

function lines({ code, state, found, todo }: Checked): string[] {
  const first = `${state.padEnd(8)} ${code.padEnd(20)} ${found}`;
  return todo === null ? [first] : [first, `${' '.repeat(30)}${todo}`];
}
