/** Who is behind the ARN that has signed a request, as far as an ARN tells it. */

/** Names that SDKs, instances and pipelines give to sessions by themselves: they change from session to session, or stand for many. */
const OF_MACHINES =
  /^(\d+|botocore-session-\d+|aws-(go|cli|sdk)[\w-]*|assumerole[\w-]*|default-session|session\d*|i-[\da-f]+|awscodebuild-.*|githubactions)$/i;

/**
 * The name of a user, or of the session of an assumed role, in small letters; null where it tells nobody. Two ARNs of one name count as one person,
 * whatever roles they have: with IAM Identity Center the session has the name of the user in every role.
 */
export function personIn(arn: string): string | null {
  const [, , service = '', , , resource = ''] = arn.split(':');
  const [kind, ...names] = resource.split('/');
  const name = names.at(-1) ?? '';
  const known =
    (service === 'iam' && kind === 'user') ||
    (service === 'sts' && (kind === 'assumed-role' || kind === 'federated-user'));
  return !known || name === '' || OF_MACHINES.test(name) ? null : name.toLowerCase();
}

/** The ARN without the path of a user, which may be 512 characters long. */
export function shownActor(arn: string): string {
  return arn.replace(/:user\/.*\//, ':user/');
}
