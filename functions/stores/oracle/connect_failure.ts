/**
 * Connections that cannot be made before an operator has changed something: told at once, with a stable code, and not as an outage that may pass.
 * (node-oracledb, "Error messages"; RFC 8446, 6.2, alerts.)
 */

import { problemOf, toldProblem } from '../handshake.ts';
import { type Finding, type Greeting, probePlain, probeTls } from '../tls_probe.ts';
import { addressesOf } from './address.ts';
import type { OracleLogin } from './login.ts';

const CONNECT_STRING =
  'ORACLE_CONNECT_STRING: the connect string cannot be used: it must be an Easy Connect string, such as tcps://host:2484/service, or a descriptor that begins with (DESCRIPTION=. ' +
  'Names of tnsnames.ora are not known to the functions. Mend `connectString` of the secret';

const BY_CODE: Readonly<Record<string, string>> = {
  'NJS-505':
    'ORACLE_WALLET: the wallet cannot be opened. Put the text of ewallet.pem into `walletContent`, with its certificate and key, and its password into `walletPassword`. Only the certificate of an authority? That goes into `ca`',
  'NJS-529':
    'ORACLE_WALLET: the wallet is no PEM. Put the text of ewallet.pem into `walletContent` of the secret',
  'NJS-507': toldProblem('ORACLE', 'name'),
  'NJS-508': toldProblem('ORACLE', 'name'),
  'NJS-512': CONNECT_STRING,
  'NJS-514': CONNECT_STRING,
  'NJS-515': CONNECT_STRING,
  'NJS-516': CONNECT_STRING,
  'NJS-517': CONNECT_STRING,
  'NJS-520': CONNECT_STRING,
  'NJS-522': CONNECT_STRING,
  'NJS-533':
    'ORACLE_NATIVE_ENCRYPTION: the server requires Native Network Encryption or checksums, which the driver does not have. Use TCPS, and set SQLNET.ENCRYPTION_SERVER and ' +
    'SQLNET.CRYPTO_CHECKSUM_SERVER to ACCEPTED',
  'NJS-116':
    'ORACLE_PASSWORD_VERIFIER: the account has a password of 10g alone. Have a DBA set it again, with SQLNET.ALLOWED_LOGON_VERSION_SERVER of 12 or more',
  'NJS-138':
    'ORACLE_VERSION: the database is older than 12.1, which the driver does not speak to. Crossfade needs 19c or later',
};

/** What is said while a session is made, and by a server of TLS 1.3 that has got no certificate only with its first answer. */
const HANDSHAKE = new Set(['NJS-506', 'NJS-500', 'NJS-501', 'NJS-521']);

/** What is wrong, with a code, by what the driver said of a connection; null for what may be an outage. */
export function connectProblemOf(error: unknown): string | null {
  const code = codeOf(error);
  const known = BY_CODE[code];
  if (known !== undefined) return `${known} (${code})`;
  if (!HANDSHAKE.has(code)) return null;
  const found = problemOf(error);
  return found === null ? null : toldProblem('ORACLE', found);
}

/**
 * What keeps a pool from opening sessions, if an operator must mend it; null for what may pass.
 * @param pool `session` is 0 before its first one: a server is asked which protocol it speaks only then.
 * @param milliseconds that this may take.
 */
export async function obstacleOf(
  error: unknown,
  { login, session }: { readonly login: OracleLogin | null; readonly session: number },
  milliseconds: number,
): Promise<string | null> {
  const known = connectProblemOf(error);
  if (known !== null || login === null || session > 0) return known;
  return probedProblemOf(error, login, milliseconds);
}

/**
 * As `connectProblemOf`, for a connection that was closed before there was a session: asks the server which protocol it speaks.
 * @param milliseconds that it may take.
 */
async function probedProblemOf(
  error: unknown,
  { connectString, ca }: OracleLogin,
  milliseconds: number,
): Promise<string | null> {
  if (!HANDSHAKE.has(codeOf(error))) return null;
  const findings = await Promise.all(
    addressesOf(connectString).map(
      (address): Promise<Finding> =>
        address.encrypted ? probeTls(address, { ca }, TNS, milliseconds) : probePlain(address, milliseconds),
    ),
  );
  const found = findings.find((each) => each.kind === 'problem');
  if (found === undefined || (found.problem !== 'no-tls' && found.problem !== 'tls-wanted')) return null;
  return toldProblem('ORACLE', found.problem);
}

function codeOf(error: unknown): string {
  return /^NJS-\d+/.exec(error instanceof Error ? error.message : '')?.[0] ?? '';
}

/** Packets with which a listener answers: accept, refuse, redirect, resend. */
const ANSWERS = new Set([2, 4, 5, 11]);

/** What `tnsping` asks: no session comes of it. */
const TNS: Greeting = {
  hello: ping(),
  isAnswer: (bytes) => bytes.length > 4 && ANSWERS.has(bytes[4] as number),
};

function ping(): Buffer {
  const descriptor = '(CONNECT_DATA=(COMMAND=ping))';
  const head = Buffer.alloc(74);
  head.writeUInt16BE(head.length + descriptor.length, 0);
  // A packet of the kind "connect", of a client that speaks 12.1 to 19c.
  head.writeUInt8(1, 4);
  head.writeUInt16BE(319, 8);
  head.writeUInt16BE(300, 10);
  head.writeUInt16BE(8192, 14);
  head.writeUInt16BE(0xffff, 16);
  head.writeUInt16BE(descriptor.length, 24);
  head.writeUInt16BE(head.length, 26);
  head.writeUInt32BE(8192, 58);
  return Buffer.concat([head, Buffer.from(descriptor)]);
}
