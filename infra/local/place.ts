/** What stands on this machine for each kind of resource. */
import { Queues } from './aws/queues.ts';
import { ACCOUNT, REGION, type Resource, type Template, UnknownInTemplate } from './template.ts';

/** Resources that need nothing on this machine: what they are for is done by others, or by nobody. */
const PASSIVE = [
  'AWS::CloudWatch::Dashboard',
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::Lambda::Permission',
  'AWS::CDK::Metadata',
  // Its rules are looked at nowhere on this machine.
  'AWS::WAFv2::WebACLAssociation',
];

/** Resources of which others need no more than a name. */
const REFERRED = [
  'AWS::ApiGateway::Authorizer',
  'AWS::ApiGateway::Deployment',
  'AWS::ApiGateway::GatewayResponse',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Resource',
  'AWS::ApiGateway::Stage',
  'AWS::ApiGatewayV2::Stage',
  'AWS::ApiGatewayV2::ApiMapping',
  // Nobody finds this machine by that name: its gateway answers under its own address.
  'AWS::ApiGatewayV2::DomainName',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Route',
  'AWS::CloudWatch::Alarm',
  'AWS::CodeDeploy::Application',
  'AWS::CodeDeploy::DeploymentConfig',
  'AWS::CodeDeploy::DeploymentGroup',
  'AWS::Events::Rule',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Logs::LogStream',
];

const APIS = ['AWS::ApiGateway::RestApi', 'AWS::ApiGatewayV2::Api'];

/** Says what `Ref` and `Fn::GetAtt` of a resource come to. */
export function place(template: Template, { id, type, properties }: Resource, endpoint: string): void {
  const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
  const named = (ref: string, Arn: string) => template.place(id, { ref, attributes: { Arn } });
  switch (type) {
    case 'AWS::SQS::Queue':
      template.place(id, {
        ref: `${endpoint}/${ACCOUNT}/${id}`,
        attributes: { Arn: Queues.arn(id), QueueName: id },
      });
      break;
    case 'AWS::SSM::Parameter':
      template.place(id, {
        ref: properties.Name as string,
        attributes: { Value: properties.Value as string },
      });
      break;
    case 'AWS::Lambda::Function':
      named(id, arn('lambda', `function:${id}`));
      break;
    case 'AWS::Lambda::Version':
    case 'AWS::Lambda::Alias':
      placeVersion(template, { id, type, properties });
      break;
    case 'AWS::StepFunctions::StateMachine': {
      const machine = arn('states', `stateMachine:${id}`);
      template.place(id, { ref: machine, attributes: { Arn: machine, Name: id } });
      break;
    }
    case 'AWS::IAM::Role':
      named(id, `arn:aws:iam::${ACCOUNT}:role/${id}`);
      break;
    case 'AWS::Logs::LogGroup':
      named(id, arn('logs', `log-group:${id}:*`));
      break;
    case 'AWS::KMS::Key':
      // Nothing is encrypted on this machine.
      named(id, arn('kms', `key/${id}`));
      break;
    default:
      if (APIS.includes(type)) template.place(id, { ref: 'local', attributes: { RootResourceId: 'root' } });
      else if (REFERRED.includes(type)) template.place(id, { ref: id, attributes: {} });
      else if (!PASSIVE.includes(type) && !type.startsWith('Custom::'))
        throw new UnknownInTemplate(`${id} is a ${type}, and nothing on this machine stands for one`);
  }
}

/** A deployment on this machine is the first one: there is one version, and each alias is at it. */
function placeVersion(template: Template, { id, type, properties }: Resource): void {
  const { FunctionName, Name = '' } = properties as { FunctionName: { Ref: string }; Name?: string };
  const arn = template.text({ 'Fn::GetAtt': [FunctionName.Ref, 'Arn'] });
  const isAlias = type === 'AWS::Lambda::Alias';
  template.place(id, {
    ref: `${arn}:${isAlias ? Name : '1'}`,
    attributes: isAlias ? {} : { Version: '1' },
  });
}
