/** Certificates of ACM, and objects of S3, as AWS tells of them. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Account } from './ports.ts';
import { askFor } from './signed.ts';

interface Described {
  readonly Certificate: {
    readonly Status?: string;
    readonly Type?: string;
    readonly DomainName?: string;
    readonly SubjectAlternativeNames?: readonly string[];
  };
}

export function domainOf(client: SSMClient): Pick<Account, 'certificate' | 'trustStore'> {
  return {
    certificate: async (arn) => {
      const operation = {
        ...{ target: 'CertificateManager.DescribeCertificate', input: { CertificateArn: arn } },
      };
      const text = await askFor(client, 'acm', '/', 'acm:DescribeCertificate', { operation });
      if (text === null) return null;
      const {
        Status,
        Type,
        DomainName,
        SubjectAlternativeNames = [],
      } = (JSON.parse(text) as Described).Certificate;
      const names = [
        ...new Set([...(DomainName === undefined ? [] : [DomainName]), ...SubjectAlternativeNames]),
      ];
      return { status: Status ?? '?', type: Type ?? '?', names };
    },
    trustStore: (object, version) => {
      const path = object
        .replace(/^s3:\/\//, '/')
        .split('/')
        .map(encodeURIComponent)
        .join('/');
      const query = version === undefined ? '' : `?versionId=${encodeURIComponent(version)}`;
      const right = version === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
      return askFor(client, 's3', `${path}${query}`, right);
    },
  };
}
