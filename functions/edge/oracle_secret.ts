/**
 * What the secret of Oracle says: our own members, or those of the templates of AWS that rotate a password (`engine`, `host`, `port`, `username`,
 * `password`, `dbname`), or both.
 */
import * as v from 'valibot';
import { addressesOf, encryptionOf } from '../stores/oracle/address.ts';
import type { OracleLogin } from '../stores/oracle/login.ts';
import { certificatesIn, pemBlocks } from '../stores/pem.ts';
import {
  belongs,
  CERTIFICATES,
  INSECURE,
  keyIn,
  normalized,
  portProblems,
  safetyProblems,
  TEXT,
} from './secret_members.ts';

const RDS =
  'rds is no certificate: put the text of https://truststore.pki.rds.amazonaws.com/REGION/REGION-bundle.pem here, with the region of the database';

export const ORACLE = v.object({
  connectString: v.optional(
    v.pipe(
      TEXT,
      v.check(
        (text) => !/wallet_(location|directory)\s*=/i.test(text),
        'the functions have no folder with a wallet: put the text of ewallet.pem into walletContent',
      ),
    ),
  ),
  engine: v.optional(v.pipe(TEXT, v.regex(/oracle/i, 'it must be one of Oracle'))),
  host: v.optional(v.pipe(TEXT, v.regex(/^[\w.-]+$/, 'it must be a name or an address'))),
  port: v.optional(
    v.pipe(
      v.union([v.number(), v.string()], 'it must be a number'),
      v.check((port) => /^\d+$/.test(String(port)), 'it must be a number'),
    ),
  ),
  dbname: v.optional(v.pipe(TEXT, v.regex(/^[\w.$#-]+$/, 'it must be the name of a service'))),
  user: v.optional(TEXT),
  username: v.optional(TEXT),
  password: TEXT,
  /** Who owns the tables, if not the user. */
  schema: v.optional(
    v.pipe(v.string('it must be a text'), v.regex(/^[A-Z][A-Z0-9_$#]*$/, 'it must be in capitals')),
  ),
  ca: v.optional(
    v.pipe(
      TEXT,
      v.check((text) => text.trim().toLowerCase() !== 'rds', RDS),
      CERTIFICATES,
    ),
  ),
  walletContent: v.optional(TEXT),
  walletPassword: v.optional(v.string('it must be a text')),
  sslServerCertDN: v.optional(TEXT),
  insecure: v.optional(INSECURE),
});

type Secret = v.InferOutput<typeof ORACLE>;

export function oracleProblems(secret: Secret): string[] {
  const { user, username, insecure } = secret;
  const login = user ?? username;
  const where = connectStringOf(secret);
  return [
    ...(login === undefined ? ['user: it is missing, and so is username'] : []),
    ...(where === null ? [nowhere(secret)] : []),
    ...walletProblems(secret),
    ...(where === null
      ? []
      : [
          ...portProblems(
            'connectString',
            addressesOf(where).map(({ port }) => port),
          ),
          ...safetyProblems('connectString', encryptionOf({ ...secret, connectString: where }), insecure),
        ]),
  ];
}

function nowhere({ host, dbname, username, user }: Secret): string {
  if (host !== undefined) return 'dbname: it is missing, and so is connectString';
  if (dbname !== undefined) return 'host: it is missing, and so is connectString';
  const managed = username !== undefined && user === undefined;
  return managed
    ? 'connectString: it is missing, and so are host and dbname. A secret that RDS manages has a user name and a password alone: put the rest into one of your own, and name both in deployment.secrets'
    : 'connectString: it is missing, and so are host and dbname';
}

function walletProblems({ walletContent, walletPassword }: Secret): string[] {
  if (walletContent === undefined)
    return walletPassword === undefined || walletPassword === ''
      ? []
      : ['walletPassword: it is of no use without walletContent'];
  const blocks = pemBlocks(walletContent);
  const key = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (certificatesIn(walletContent).length === 0)
    return ['walletContent: it must be the text of ewallet.pem, with the lines -----BEGIN CERTIFICATE-----'];
  if (key === undefined)
    return [
      'walletContent: it has no private key. Where the client needs no certificate, put the certificates into ca',
    ];
  const opened = keyIn(walletContent, walletPassword);
  if (opened !== null)
    return belongs(walletContent, opened)
      ? []
      : ['walletContent: its key belongs to none of its certificates'];
  return /ENCRYPTED/.test(key.pem)
    ? [
        walletPassword === undefined || walletPassword === ''
          ? 'walletPassword: it is missing, and the key of the wallet is encrypted'
          : 'walletPassword: it does not open the key of the wallet',
      ]
    : ['walletContent: its private key cannot be read'];
}

/** Null where nothing says it. Without a connect string, the port is one with TLS unless the secret says that it is not. */
function connectStringOf({ connectString, host, port, dbname, insecure }: Secret): string | null {
  if (connectString !== undefined) return connectString;
  if (host === undefined || dbname === undefined) return null;
  const place = `${host}${port === undefined ? '' : `:${port}`}/${dbname}`;
  return String(insecure) === 'true' ? place : `tcps://${place}`;
}

/**
 * Of members that are as they should be. `username` goes before `user`: a rotation with alternating users changes `username` and `password`, and leaves
 * what it does not know.
 */
export function oracleFrom(secret: Secret): OracleLogin {
  const { username, user, password, schema, sslServerCertDN } = secret;
  return {
    ...{ connectString: connectStringOf(secret) ?? '', user: username ?? user ?? '', password },
    ...(schema === undefined ? {} : { schema }),
    ...(sslServerCertDN === undefined ? {} : { sslServerCertDN }),
    ...trustIn(secret),
  };
}

/** The driver trusts the authorities of a wallet alone, where there is one. */
function trustIn({
  ca,
  walletContent,
  walletPassword,
}: Secret): Pick<OracleLogin, 'ca' | 'walletContent' | 'walletPassword'> {
  if (walletContent === undefined) return ca === undefined ? {} : { ca: normalized(ca) };
  return {
    walletContent: normalized(`${walletContent}\n${ca ?? ''}`),
    ...(walletPassword === undefined || walletPassword === '' ? {} : { walletPassword }),
  };
}
