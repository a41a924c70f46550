/** Each judge finds what is wrong, and nothing in our templates; of those with many collections that is held by `npm run judges`. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { acknowledge } from '../../infra/stack/acknowledge.ts';
import { addChecks } from '../../infra/template_checks.ts';
import config from '../shop.config.ts';
import { judge } from './judge.ts';
import { machineFindings, machinesIn } from './machines.ts';
import { nagFindings } from './nag.ts';
import { VARIANTS } from './variants.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossfade-judges-'));
after(() => rmSync(folder, { recursive: true }));

test('cdk-nag finds what is wrong, and only an acknowledgement for the same rule hides it', () => {
  const app = new App({ outdir: join(folder, 'wrong') });
  const stack = new Stack(app, 'Wrong');
  const log = new CfnLogGroup(stack, 'Log');
  new Alarm(stack, 'Alarm', {
    ...{ metric: new Metric({ namespace: 'a', metricName: 'b' }), threshold: 1, evaluationPeriods: 1 },
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  });
  acknowledge(log, { CloudWatchAlarmAction: 'another rule' });
  const rules = () =>
    nagFindings(app)
      .map((line) => line.split(': ').slice(0, 2).join(' '))
      .filter((rule) => !rule.includes('LogGroupRetention'))
      .sort();
  const [packs, other] = [['HIPAA.Security', 'NIST.800.53.R5'], 'PCI.DSS.321'];
  const unencrypted = [...packs, other].map((pack) => `${pack}-CloudWatchLogGroupEncrypted Wrong/Log`);
  const unheard = packs.map((pack) => `${pack}-CloudWatchAlarmAction Wrong/Alarm/Resource`);
  assert.deepEqual(rules(), [...unheard, ...unencrypted].sort());
  acknowledge(log, { CloudWatchLogGroupEncrypted: 'this one' });
  assert.deepEqual(rules(), unheard);
});

test('what is to be deployed is refused where cdk-nag finds something', () => {
  const app = new App({ outdir: join(folder, 'refused'), builtinCloudFormationValidation: false });
  new CfnQueue(new Stack(app, 'Refused'), 'WithoutDeadLetters');
  addChecks(app);
  assert.throws(() => app.synth(), /Validation failed/);
});

const { closed, retired } = VARIANTS;
const rollout = { kind: 'canary', percent: 10, minutes: 15 } as const;
const canary = { ...config, deployment: { ...config.deployment, rollout } };

for (const [name, settings] of Object.entries({ default: config, closed, retired, canary }))
  test(`no judge finds anything in our template: ${name}`, () => {
    const { findings, resources, machines } = judge(settings, join(folder, name), false);
    assert.deepEqual(findings, []);
    assert.ok(resources > 20, `${resources} resources`);
    assert.equal(machines > 0, name !== 'retired');
  });

const FUNCTION = 'arn:aws:lambda:eu-central-1:000000000000:function:Control';
/** As the stack has them: JSONata, a call of a function, and a choice. */
const MACHINE = {
  QueryLanguage: 'JSONata',
  StartAt: 'Look',
  States: {
    Look: {
      ...{ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Next: 'What' },
      Retry: [{ ErrorEquals: ['Lambda.ServiceException'], MaxAttempts: 6 }],
      Arguments: { FunctionName: FUNCTION, Payload: '{% $states.input %}' },
    },
    What: {
      ...{ Type: 'Choice', Default: 'Looked' },
      Choices: [{ Condition: '{% $states.input.refused %}', Next: 'Refused' }],
    },
    Refused: { Type: 'Fail', Error: 'FlagsRefused', Cause: '{% $states.input.reason %}' },
    Looked: { Type: 'Succeed' },
  },
};

test('asl-validator finds a state that is not there, a member that is missing and an expression that is none', () => {
  const text = JSON.stringify(MACHINE);
  const findings = (definition: string) => machineFindings(new Map([['Machine', JSON.parse(definition)]]));
  assert.deepEqual(findings(text), []);
  for (const [sound, broken] of [
    ['"Next":"What"', '"Next":"Where"'],
    ['"ErrorEquals"', '"ErrorsEqual"'],
    ['{% $states.input.refused %}', '{% $states.input.(refused %}'],
  ] as const) {
    assert.ok(text.includes(sound), sound);
    assert.equal(findings(text.replace(sound, broken)).length, 1, broken);
  }
});

test('a definition is read from a template with an ARN for each resource', () => {
  const [begin, end] = JSON.stringify(MACHINE).split(FUNCTION);
  const DefinitionString = { 'Fn::Join': ['', [begin, { 'Fn::GetAtt': ['Control', 'Arn'] }, end]] };
  const Resources = {
    Machine: { Type: 'AWS::StepFunctions::StateMachine', Properties: { DefinitionString } },
    Queue: { Type: 'AWS::SQS::Queue' },
  };
  const machines = machinesIn({ Resources });
  assert.equal(machines.size, 1);
  assert.deepEqual(machines.get('Machine'), MACHINE);
  assert.deepEqual(machineFindings(machines), []);
});
