/** The API under a name of the customer's, with a certificate of its own, and of its clients where the settings ask for them. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import {
  ApiMapping,
  DomainName,
  type HttpApi,
  type IStage,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Deployment } from '../settings.ts';

type Domain = NonNullable<Deployment['domain']>;

interface Served {
  readonly api: HttpApi;
  readonly stage: IStage;
  readonly domain: Domain;
}

/** Whose certificate it was; in the log of requests, where clients have one. */
export const CLIENT_CERTIFICATE = { certificate: '$context.identity.clientCert.subjectDN' };

/** Whether the address that API Gateway gives is shut. */
export const isShut = ({ domain }: Deployment) => domain !== null && !domain.executeApi;

export class ApiDomain extends Construct {
  /** Where requests are sent to. */
  readonly url: string;

  constructor(scope: Construct, id: string, { api, stage, domain }: Served) {
    super(scope, id);
    const { name, certificate, mutualTls } = domain;
    const domainName = new DomainName(this, 'Name', {
      domainName: name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificate),
      securityPolicy: SecurityPolicy.TLS_1_2,
      ...(mutualTls === undefined ? {} : this.#clients(mutualTls)),
    });
    new ApiMapping(this, 'Mapping', { api, domainName, stage });
    this.url = `https://${name}`;
    const output = (target: string, value: string, description: string) =>
      new CfnOutput(Stack.of(this), target, { value, description });
    output('DomainTarget', domainName.regionalDomainName, `What ${name} has to point to: CNAME, or alias`);
    output(
      'DomainZone',
      domainName.regionalHostedZoneId,
      'Hosted zone of DomainTarget, for an alias in Route 53',
    );
  }

  /** @param given an object of S3, of a form that was checked. */
  #clients({ trustStore, version, ownershipCertificate: ownership }: NonNullable<Domain['mutualTls']>) {
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(trustStore) ?? [];
    const at = Bucket.fromBucketName(this, 'TrustStore', bucket);
    return {
      mtls: { bucket: at, key, ...(version === undefined ? {} : { version }) },
      ...(ownership === undefined
        ? {}
        : { ownershipCertificate: Certificate.fromCertificateArn(this, 'Ownership', ownership) }),
    };
  }
}
