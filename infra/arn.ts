/** The parts of an ARN that say where something is. */

export interface Place {
  readonly partition: string;
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
}

/** @param arn of a form that was checked: `arn:PARTITION:SERVICE:REGION:ACCOUNT:…`. */
export function placeOf(arn: string): Place {
  const [, partition = '', , region = '', account = ''] = arn.split(':');
  return { partition, region, account };
}
