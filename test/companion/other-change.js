// Makes a change that is not the one it was asked for.
(function execute(inputs, outputs) {
  var change = new GlideRecord('change_request');
  change.initialize();
  change.setValue('short_description', 'Deploy something else');
  change.setValue('correlation_id', 'other');
  change.setValue('correlation_display', inputs.correlation_display);
  outputs.change_sys_id = String(change.insert());
  outputs.change_number = String(change.getValue('number'));
})(inputs, outputs);
