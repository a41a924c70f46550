/** Where the cluster is, and who logs in. */
export interface CouchbaseLogin {
  /** `couchbase://host[:port],...`, or `couchbases://` for TLS. One name without a port may have an SRV record. */
  readonly connectionString: string;
  /** Not there where a certificate says who it is. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** The authority that has signed the certificates of the cluster, as PEM; the driver's own if not given. */
  readonly ca?: string | undefined;
  /** As PEM, the certificate first, then those that lead to its authority. */
  readonly clientCertificate?: string | undefined;
  /** As PEM, not encrypted. */
  readonly clientKey?: string | undefined;
  /** `external`: the alternate addresses of the nodes. The driver finds out by itself if not given. */
  readonly network?: string | undefined;
}
