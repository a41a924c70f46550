import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Template, UnknownInTemplate } from '../../infra/local/template.ts';

const template = new Template('/out', { Resources: { Queue: { Type: 'AWS::SQS::Queue' } } });
template.place('Queue', { ref: 'http://q', attributes: { Arn: 'arn:q' } });

test('references come to what stands for the resource, wherever they are', () => {
  const value = {
    a: [{ Ref: 'Queue' }, { 'Fn::GetAtt': ['Queue', 'Arn'] }],
    b: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':', { Ref: 'AWS::AccountId' }]] },
    c: { 'Fn::Select': [1, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Queue', 'Arn'] }] }] },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as CloudFormation spells it.
    d: { 'Fn::Sub': '${AWS::Region}/${Queue}' },
    e: [1, true, null, 'text', { Ref: 'Queue', more: 1 }],
  };
  assert.deepEqual(template.resolve(value), {
    a: ['http://q', 'arn:q'],
    b: 'arn:aws:000000000000',
    c: 'q',
    d: 'eu-central-1/http://q',
    e: [1, true, null, 'text', { Ref: 'Queue', more: 1 }],
  });
});

test('what nothing stands for is refused, and not passed over', () => {
  for (const [value, message] of [
    [{ Ref: 'Table' }, /Table is referred to, and nothing stands for it/],
    [{ 'Fn::GetAtt': ['Queue', 'Url'] }, /Queue has no attribute Url/],
    [{ 'Fn::ImportValue': 'x' }, /Nobody on this machine knows Fn::ImportValue/],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as CloudFormation spells it.
    [{ 'Fn::Sub': '${Nobody}' }, /Nobody is referred to/],
  ] as const)
    assert.throws(
      () => template.resolve(value),
      (error) => error instanceof UnknownInTemplate && message.test(error.message),
    );
  assert.throws(() => template.text(['a']), /should come to a text/);
  assert.throws(() => template.assetOf({ ZipFile: 'x' }), /is no asset of this stack/);
  assert.equal(template.assetOf({ S3Key: `${'0'.repeat(64)}.zip` }), `/out/asset.${'0'.repeat(64)}`);
});
