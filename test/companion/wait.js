// An execution that waits, as one that asks for an approval does.
(function execute(inputs, outputs) {
  var own = new GlideRecord('sys_flow_context');
  own.addQuery('name', 'x_acme.wait');
  own.addQuery('state', 'IN_PROGRESS');
  own.query();
  while (own.next()) {
    own.setValue('state', 'WAITING');
    own.update();
  }
})(inputs, outputs);
