(function execute(inputs, outputs) {
  var data = JSON.parse(inputs.data);
  var change = new GlideRecord('change_request');
  change.initialize();
  change.setValue('type', data.type || 'normal');
  change.setValue('short_description', data.title || 'Deployment requested by a flow');
  change.assignment_group.setDisplayValue('DevOps Team');
  change.setValue('correlation_id', data.wrong ? 'other' : inputs.correlation_id);
  change.setValue('correlation_display', inputs.correlation_display);
  outputs.change_sys_id = String(change.insert());
  outputs.change_number = String(change.getValue('number'));
  change.setValue('state', data.type === 'emergency' ? '-3' : '-4');
  change.update();
})(inputs, outputs);
