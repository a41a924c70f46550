/** Quotas of the account, the roles that it demands, and who hears of alarms. */
import { receiptBatch } from '../../receipt_settings.ts';
import { SERVED } from '../../throttling_settings.ts';
import { type Check, ok, wrong } from './found.ts';
import { alarmsKeyProblem } from './key_checks.ts';
import { mayPublish } from './topic.ts';

/** The time of an integration needs no check: `timing.request` is below the 30 s of HTTP APIs, which no quota changes. */
export const rate: Check = async (account, { deployment }) => {
  const [quota, served] = [await account.apiRate(), deployment.concurrency.api * SERVED];
  const found = `API Gateway takes ${quota} requests a second of all APIs of this account and region; the containers serve up to ${served}`;
  return quota >= served
    ? ok(found)
    : wrong(
        found,
        'Raise the quota "Throttle rate" of API Gateway (Service Quotas), or lower deployment.concurrency.api',
      );
};

export const inFlight: Check = async (account, { deployment }) => {
  const [quota, most] = [
    await account.inFlight(),
    deployment.concurrency.reconcile * receiptBatch(deployment).batch,
  ];
  const found = `a queue of SQS has ${quota} messages in flight at most; the reconciler takes up to ${most} receipts at a time`;
  return 2 * most <= quota
    ? ok(found)
    : wrong(
        `${found}, and half of the quota is for receipts that wait for a store`,
        'Ask AWS Support for a higher quota, or lower deployment.receipts.batch or deployment.concurrency.reconcile',
      );
};

export const boundary: Check = async (account, { deployment: { permissionsBoundary } }) => {
  if (permissionsBoundary !== null)
    return (await account.hasPolicy(permissionsBoundary))
      ? ok(`every role gets ${permissionsBoundary}`)
      : wrong(`there is no policy ${permissionsBoundary}`, 'Mend deployment.permissionsBoundary');
  const demanded = await account.deployerBoundary();
  return demanded === null
    ? ok(
        'the role that deploys has no permissions boundary. What service control policies demand is not looked at',
      )
    : wrong(
        `the role that deploys has the permissions boundary ${demanded}: where that lets it create only roles that have it too, the deployment fails`,
        `Set deployment.permissionsBoundary: '${demanded}', or the boundary that your organization demands`,
      );
};

export const topic: Check = async (account, { deployment: { alarmTopic } }) => {
  if (alarmTopic === null)
    return ok('no topic is configured, so no alarm notifies anybody: npm run synth warns of it');
  const [found, owner] = await Promise.all([account.topic(alarmTopic), account.number()]);
  if (found === null)
    return wrong(`there is no topic ${alarmTopic}`, 'Create it, or mend deployment.alarmTopic');
  if (!mayPublish(found.policy, owner))
    return wrong(
      `the policy of ${alarmTopic} does not let CloudWatch publish`,
      'Allow sns:Publish to the service cloudwatch.amazonaws.com, with aws:SourceAccount of this account',
    );
  if (found.key?.endsWith('alias/aws/sns'))
    return wrong(
      `${alarmTopic} is encrypted with alias/aws/sns, which CloudWatch may not use`,
      'Encrypt it with a key of your own whose policy lets cloudwatch.amazonaws.com use it (kms:Decrypt, kms:GenerateDataKey*)',
    );
  const problem = found.key === null ? null : await alarmsKeyProblem(account, found.key);
  if (problem !== null)
    return wrong(
      `${alarmTopic} is encrypted with ${found.key}, ${problem}: no alarm would be heard`,
      'Enable the key, and add the statement CrossfadeAlarms of npx crossfade key-policy --key ARN to its policy',
    );
  if (found.confirmed === 0)
    return wrong(
      `${alarmTopic} has no confirmed subscription`,
      'Subscribe somebody, and have them confirm it',
    );
  return ok(`${alarmTopic} has ${found.confirmed} confirmed subscriptions, and CloudWatch may publish`);
};
