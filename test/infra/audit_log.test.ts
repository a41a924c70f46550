/** Where the hashes of the audit log are kept: for how long, and who may do what to them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permissionsIn } from '../../infra/handover.ts';
import config from '../shop.config.ts';
import { all, type Properties, template, templateOf } from './template.ts';

test('hashes of the audit log are kept for years, whatever becomes of the stack, and no function may read or delete them', () => {
  const [[, group] = []] = all('AWS::Logs::LogGroup', 'FunctionsAudit');
  assert.deepEqual(group, { DeletionProtectionEnabled: true, RetentionInDays: 3653 });
  const kept = Object.entries(template.Resources).filter(([id]) => id.startsWith('FunctionsAudit'));
  assert.deepEqual(
    kept.map(([, resource]) => [resource.Type, (resource as Properties).DeletionPolicy]),
    [
      ['AWS::Logs::LogGroup', 'Retain'],
      ['AWS::Logs::LogStream', 'Retain'],
    ],
  );
  for (const [name, lines] of Object.entries(permissionsIn(template))) {
    const about = lines.filter((line) => line.includes('FunctionsAudit'));
    const may = (action: string) => [
      `Allow logs:${action} on logs:::log-group:FunctionsAuditLog:log-stream:audit`,
    ];
    const expected = {
      ...{ Operate: may('PutLogEvents'), Control: may('PutLogEvents') },
      // Who verifies the audit log looks with credentials of their own.
      OperatorsRead: may('GetLogEvents'),
    };
    assert.deepEqual(about, expected[name as keyof typeof expected] ?? [], name);
    for (const line of lines)
      assert.doesNotMatch(line, /logs:(DeleteLog(Group|Stream)|PutRetention|\*)/, name);
  }
});

test('they stay in the stack where nothing writes any more, and are kept as long as the settings say', () => {
  const secrets = { ...config.deployment.secrets, couchbase: null };
  const retired = templateOf({
    ...config,
    deployment: { ...config.deployment, secrets, auditRetentionDays: 365 },
  });
  const groups = Object.entries(retired.Resources).filter(
    ([id, { Type }]) => Type === 'AWS::Logs::LogGroup' && id.startsWith('FunctionsAudit'),
  );
  assert.deepEqual(
    groups.map(([, { Properties }]) => (Properties as Properties).RetentionInDays),
    [365],
  );
});
