/** The API under a name of yours, and who may connect to it. */
import * as v from 'valibot';

const NAME = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const CERTIFICATE =
  /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const STORE = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[^\s?#]{1,1000}$/;

const certificate = v.pipe(
  v.string(),
  v.regex(
    CERTIFICATE,
    'it must be the ARN of a certificate of ACM, such as arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef',
  ),
);

/** Null for the name that API Gateway gives. */
export const DOMAIN_SETTINGS = v.nullable(
  v.strictObject({
    name: v.pipe(v.string(), v.regex(NAME, 'it must be one name in small letters, such as api.example.com')),
    /** ARN of a certificate of ACM for that name, in the region and account of the stack. */
    certificate,
    /** Whether the address that API Gateway gives answers too. With `mutualTls` it must not: it asks for no certificate. */
    executeApi: v.optional(v.boolean(), true),
    /** Clients need a certificate of one of these authorities, beside their token or signature. */
    mutualTls: v.optional(
      v.strictObject({
        /** Certificates of the authorities, PEM. */
        trustStore: v.pipe(
          v.string(),
          v.regex(STORE, 'it must be an object of S3, such as s3://bucket/authorities.pem'),
        ),
        /** A public one of ACM for the same name, where `certificate` was imported or is of a private authority: it shows that the name is yours. */
        ownershipCertificate: v.optional(certificate),
        /** Of that object. Without it a deployment does not notice that the object has changed. */
        version: v.optional(
          v.pipe(v.string(), v.regex(/^[\w.+=/-]{1,1024}$/, 'it must be the version of an object of S3')),
        ),
      }),
    ),
  }),
);

/** What is wrong with its members beside one another. @param deployment settings that need not be sound: what else is wrong is told elsewhere. */
export function domainProblems(deployment: unknown): string[] {
  const { success, output } = v.safeParse(v.object({ domain: DOMAIN_SETTINGS }), deployment);
  if (!success || output.domain?.mutualTls === undefined || !output.domain.executeApi) return [];
  return [
    'deployment.domain.executeApi: MUTUAL_TLS_BYPASSED: the address that API Gateway gives asks clients for no certificate, so whoever knows it ' +
      'needs none: set executeApi to false, or leave mutualTls out',
  ];
}
