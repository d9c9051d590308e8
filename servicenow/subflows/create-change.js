/**
 * Subflow "Create change, attach, request approval". It makes one change for a deployment, however often it is started:
 * a change with the same correlation id and binding is taken further, not made again.
 *
 * Inputs   correlation_id, correlation_display  stored as they come: by them the pipeline knows its change
 *          repository, run_id, run_attempt, commit, environment  facts of the deployment
 *          short_description, description, type (normal, emergency), assignment_group  of the pipeline; all may be empty
 *          evidence  a text that is attached; may be empty
 * Outputs  change_sys_id, change_number
 */
(function execute(inputs, outputs) {
  /** Moves by which approval is requested. Nobody is approved here. */
  var REQUESTED = { normal: '-4', emergency: '-3' };
  var DEFAULT_GROUP = 'DevOps Team';

  var type = String(inputs.type || 'normal');
  if (!REQUESTED[type]) throw new Error('type must be normal or emergency, not ' + type);
  if (!inputs.correlation_id || !inputs.correlation_display) {
    throw new Error(
      'correlation_id and correlation_display are needed: without them nobody finds the change again'
    );
  }
  var change = existing() || created();
  outputs.change_sys_id = change.getUniqueValue();
  outputs.change_number = String(change.getValue('number'));
  attach(change);
  requestApproval(change);

  function existing() {
    var found = new GlideRecord('change_request');
    found.addQuery('correlation_id', inputs.correlation_id);
    found.addQuery('correlation_display', inputs.correlation_display);
    found.addQuery('sys_created_by', gs.getUserName());
    found.addActiveQuery();
    found.orderBy('sys_created_on');
    found.setLimit(1);
    found.query();
    return found.next() ? found : null;
  }

  function created() {
    var made = new GlideRecord('change_request');
    made.initialize();
    made.setValue('type', type);
    made.setValue('assignment_group', group());
    made.setValue(
      'short_description',
      inputs.short_description || 'Deploy ' + inputs.repository + ' to ' + inputs.environment
    );
    made.setValue(
      'description',
      inputs.description || 'Run ' + inputs.run_id + ' of ' + inputs.repository + ', commit ' + inputs.commit
    );
    made.setValue('correlation_id', inputs.correlation_id);
    made.setValue('correlation_display', inputs.correlation_display);
    var id = made.insert();
    if (!id) throw new Error('The change was not created: ' + made.getLastErrorMessage());
    var stored = new GlideRecord('change_request');
    stored.get(id);
    return stored;
  }

  /** The sys_id of the group. A name that none or several groups have is an error: the wrong people would be asked. */
  function group() {
    var name = String(inputs.assignment_group || DEFAULT_GROUP);
    var found = new GlideRecord('sys_user_group');
    found.addQuery('name', name);
    found.addActiveQuery();
    found.query();
    if (found.getRowCount() !== 1) {
      throw new Error('assignment_group: ' + found.getRowCount() + ' active groups have the name ' + name);
    }
    found.next();
    return found.getUniqueValue();
  }

  function attach(target) {
    var name = 'deployment-' + inputs.run_id + '.txt';
    if (!inputs.evidence || attached(target, name)) return;
    new GlideSysAttachment().write(target, name, 'text/plain', String(inputs.evidence));
  }

  function attached(target, name) {
    var file = new GlideRecord('sys_attachment');
    file.addQuery('table_sys_id', target.getUniqueValue());
    file.addQuery('file_name', name);
    file.query();
    return file.next();
  }

  function requestApproval(target) {
    // Further than New: approval was requested before.
    if (String(target.getValue('state')) !== '-5') return;
    target.setValue('state', REQUESTED[type]);
    if (!target.update()) throw new Error('Approval was not requested: ' + target.getLastErrorMessage());
  }
})(inputs, outputs);
