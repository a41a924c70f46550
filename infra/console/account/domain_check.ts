/** The name of the API: whether its certificate is for it, and whether the certificates of its clients' authorities are there. */
import { type Check, type Found, ok, wrong } from './found.ts';
import type { Account, ServerCertificate } from './ports.ts';

export const domain: Check = async (account, { deployment }) => {
  if (deployment.domain === null) return ok('the API has the address that API Gateway gives it');
  const { name, certificate, mutualTls } = deployment.domain;
  const found = await account.certificate(certificate);
  if (found === null)
    return wrong(`there is no certificate ${certificate}`, 'Mend deployment.domain.certificate');
  const problem = problemOf(found, name);
  if (problem !== null)
    return wrong(`${certificate} ${problem}`, 'Request or import one for that name in ACM, and name it');
  if (mutualTls === undefined) return ok(`${certificate} is for ${name}`);
  if (found.type !== 'AMAZON_ISSUED' && mutualTls.ownershipCertificate === undefined)
    return wrong(
      `${certificate} is ${found.type}, and with mutual TLS API Gateway wants to see that ${name} is yours`,
      'Request a public certificate of ACM for the same name, and name it in deployment.domain.mutualTls.ownershipCertificate',
    );
  return trusted(account, mutualTls);
};

function problemOf({ status, names }: ServerCertificate, wanted: string): string | null {
  if (status !== 'ISSUED') return `is ${status}`;
  const parent = wanted.replace(/^[^.]+/, '*');
  return names.includes(wanted) || names.includes(parent)
    ? null
    : `is for ${names.join(', ')}, and not for ${wanted}`;
}

async function trusted(
  account: Account,
  { trustStore, version }: { readonly trustStore: string; readonly version?: string | undefined },
): Promise<Found> {
  const object = `${trustStore}${version === undefined ? '' : ` in the version ${version}`}`;
  const text = await account.trustStore(trustStore, version);
  if (text === null) return wrong(`there is no object ${object}`, 'Mend deployment.domain.mutualTls');
  const count = text.split('-----BEGIN CERTIFICATE-----').length - 1;
  return count > 0
    ? ok(`clients need a certificate of one of ${count} authorities in ${object}`)
    : wrong(`${object} has no certificate in it`, 'Put the certificates of the authorities there, in PEM');
}
