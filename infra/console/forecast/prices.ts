/** US dollars in us-east-1 for one each: the list prices of 2025. (aws.amazon.com: API Gateway, Lambda, SQS and Step Functions pricing) */
export const PRICE = {
  httpApi: 1e-6,
  invocation: 0.2e-6,
  gibibyteSecond: 1.66667e-5,
  sqs: 0.4e-6,
  stateTransition: 25e-6,
} as const;
