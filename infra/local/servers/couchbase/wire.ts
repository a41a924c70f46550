/**
 * Constants of the memcached binary protocol as Couchbase speaks it (kv_engine: BinaryProtocol.md, SubDocument.md,
 * ExtendedAttributes.md, Collections.md, sasl.md).
 */

export const MAGIC = { request: 0x80, response: 0x81, framedRequest: 0x08 } as const;

export const OPCODE = {
  get: 0x00,
  set: 0x01,
  add: 0x02,
  replace: 0x03,
  delete: 0x04,
  noop: 0x0a,
  touch: 0x1c,
  getAndTouch: 0x1d,
  hello: 0x1f,
  saslMechanisms: 0x20,
  saslAuth: 0x21,
  saslStep: 0x22,
  selectBucket: 0x89,
  getAndLock: 0x94,
  unlock: 0x95,
  getMeta: 0xa0,
  clusterConfig: 0xb5,
  collectionsManifest: 0xba,
  collectionId: 0xbb,
  lookupIn: 0xd0,
  mutateIn: 0xd1,
  scanCreate: 0xda,
  scanContinue: 0xdb,
  scanCancel: 0xdc,
  errorMap: 0xfe,
} as const;

export const STATUS = {
  success: 0x00,
  keyNotFound: 0x01,
  keyExists: 0x02,
  tooBig: 0x03,
  invalid: 0x04,
  notMyVbucket: 0x07,
  noBucket: 0x08,
  locked: 0x09,
  authError: 0x20,
  authContinue: 0x21,
  noAccess: 0x24,
  unknownCommand: 0x81,
  notSupported: 0x83,
  busy: 0x85,
  temporaryFailure: 0x86,
  xattrInvalid: 0x87,
  unknownCollection: 0x88,
  unknownScope: 0x8c,
  notLocked: 0x0e,
  scanMore: 0xa6,
  scanComplete: 0xa7,
  durabilityInvalidLevel: 0xa0,
  durabilityImpossible: 0xa1,
  syncWriteInProgress: 0xa2,
  syncWriteAmbiguous: 0xa3,
  syncWriteReCommitInProgress: 0xa4,
  vbucketUuidNotEqual: 0xa8,
  pathNotFound: 0xc0,
  pathMismatch: 0xc1,
  pathInvalid: 0xc2,
  cannotInsert: 0xc5,
  notJson: 0xc6,
  pathExists: 0xc9,
  invalidCombination: 0xcb,
  multiPathFailure: 0xcc,
  successDeleted: 0xcd,
  xattrInvalidFlags: 0xce,
  xattrInvalidKeys: 0xcf,
  xattrUnknownMacro: 0xd0,
  xattrUnknownVirtual: 0xd1,
  xattrCannotModifyVirtual: 0xd2,
  multiPathFailureDeleted: 0xd3,
} as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];

export const FEATURE = {
  tcpNoDelay: 0x03,
  mutationTokens: 0x04,
  xattr: 0x06,
  extendedErrors: 0x07,
  selectBucket: 0x08,
  json: 0x0b,
  framedRequests: 0x10,
  syncReplication: 0x11,
  collections: 0x12,
  preserveExpiry: 0x14,
} as const;

/** Data type bits: the value is JSON; extended attributes come before the value. */
export const DATATYPE = { raw: 0x00, json: 0x01, xattr: 0x04 } as const;

/** An operation that the server answers with a status and nothing else. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: Status;

  constructor(status: Status, why = '') {
    super(why);
    this.status = status;
  }
}
