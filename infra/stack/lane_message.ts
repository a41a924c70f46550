/** The message of a lane: a task that waits for it, with an attribute by which workers know it. */
import type { QueryLanguage } from 'aws-cdk-lib/aws-stepfunctions';
import { SqsSendMessage } from 'aws-cdk-lib/aws-stepfunctions-tasks';

/** The CDK gives messages no attributes. (step-functions/latest/dg/connect-sqs.html) */
const MessageAttributes = { lane: { DataType: 'Number', StringValue: '1' } };

export class LaneMessage extends SqsSendMessage {
  override toStateJson(topLevelQueryLanguage?: QueryLanguage): object {
    const state = super.toStateJson(topLevelQueryLanguage) as { readonly Arguments: object };
    return { ...state, Arguments: { ...state.Arguments, MessageAttributes } };
  }
}
