/** Which secrets functions may read, as deployments name them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handover, permissionsIn } from '../../infra/handover.ts';
import { checkSettings } from '../../infra/settings.ts';
import config from '../shop.config.ts';
import { type Properties, templateOf } from './template.ts';

/** Declares the tests. */
export function secrets(): void {
  test('where several secrets are one, each of them may be read', () => {
    const secrets = { ...config.deployment.secrets, oracleOwner: 'crossfade/oracle-owner, rds!db-1' };
    const may = permissionsIn(templateOf({ ...config, deployment: { ...config.deployment, secrets } }));
    const read = Object.values(may)
      .flatMap((lines) => [...lines])
      .filter((line) => /secret:(rds|crossfade\/oracle-owner)/.test(line));
    const secret = 'Allow secretsmanager:GetSecretValue on secretsmanager:::secret:';
    assert.deepEqual(read.sort(), [`${secret}crossfade/oracle-owner-??????`, `${secret}rds!db-1-??????`]);
  });

  test('with one secret for all logins each function is told so, and one user is granted what all of them need', () => {
    const { oracleWork: _, oracleControl: __, ...names } = config.deployment.secrets;
    const shared = { ...config, deployment: { ...config.deployment, secrets: names } };
    const document = templateOf(shared);
    const told = Object.values(document.Resources).flatMap(({ Type, Properties }) => {
      const { Variables } = ((Properties as Properties)?.Environment ?? {}) as Properties;
      const isUser = Type === 'AWS::Lambda::Function' && Variables?.ORACLE_LOGINS !== undefined;
      return isUser ? [`${Variables.ORACLE_SECRET} ${Variables.ORACLE_LOGINS}`] : [];
    });
    assert.deepEqual([...new Set(told)], ['crossfade/oracle serve,work,control']);
    assert.equal(told.length, 1);
    const page = handover(checkSettings(shared, 'test'), document);
    assert.ok(page.includes('GRANT READ, INSERT ON CROSSFADE_AUDIT TO FUNCTIONS_USER;'));
  });
}
