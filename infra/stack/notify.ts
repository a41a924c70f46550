/** Who hears of an alarm: an SNS topic, where the configuration names one. */
import { Annotations, type Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { acknowledge } from './acknowledge.ts';

/** Every alarm of the stack tells the topic when it goes off, and when it is over. Without a topic, synthesis warns. */
export function notify(stack: Stack, topicArn: string | null): void {
  const alarms = stack.node.findAll().filter((each) => each instanceof Alarm);
  if (topicArn === null) {
    Annotations.of(stack).addWarningV2(
      'crossfade:alarmTopic',
      `No alarm of ${alarms.length} notifies anybody. Set deployment.alarmTopic to the ARN of an SNS topic`,
    );
    const reason = 'The configuration names no topic; synthesis warns of it';
    for (const alarm of alarms) acknowledge(alarm, { CloudWatchAlarmAction: reason });
    return;
  }
  const action = new SnsAction(Topic.fromTopicArn(stack, 'AlarmTopic', topicArn));
  for (const alarm of alarms) {
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
}
