/**
 * Subflow "Notify the on-call manager". It queues the event x_chgact.notify; a notification of the instance sends it.
 *
 * Inputs   assignment_group  name of the group whose manager is told
 *          text  what the manager reads; default: the facts of the deployment
 *          event, repository, run_id, environment  of the message
 * Outputs  notified  user name of the manager
 */
(function execute(inputs, outputs) {
  var name = String(inputs.assignment_group || '');
  var group = new GlideRecord('sys_user_group');
  group.addQuery('name', name);
  group.addActiveQuery();
  group.query();
  if (group.getRowCount() !== 1) {
    throw new Error('assignment_group: ' + group.getRowCount() + ' active groups have the name ' + name);
  }
  group.next();
  // With On-Call Scheduling: who is on call for the group, instead of its manager.
  var manager = new GlideRecord('sys_user');
  if (
    !manager.get(String(group.getValue('manager') || '')) ||
    String(manager.getValue('active')) === 'false'
  ) {
    throw new Error('The group ' + name + ' has no active manager: set it on the group');
  }
  var facts = inputs.repository + ' to ' + inputs.environment + ', run ' + inputs.run_id;
  gs.eventQueue(
    'x_chgact.notify',
    group,
    manager.getUniqueValue(),
    String(inputs.text || inputs.event + ': ' + facts)
  );
  outputs.notified = String(manager.getValue('user_name'));
})(inputs, outputs);
