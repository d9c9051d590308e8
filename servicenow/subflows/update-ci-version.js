/**
 * Subflow "Update the configuration item's version". For the event deployment.succeeded.
 *
 * Inputs   configuration_item  name or sys_id; a name that several items have is an error
 *          version  what was deployed
 *          field  the field that holds it; default "version". A class without such a field is an error
 * Outputs  configuration_item  sys_id of the item
 *          previous_version
 */
(function execute(inputs, outputs) {
  var wanted = String(inputs.configuration_item || '');
  var version = String(inputs.version || '');
  var field = String(inputs.field || 'version');
  if (wanted === '' || version === '') throw new Error('configuration_item and version are needed');

  var found = new GlideRecord('cmdb_ci');
  found.addQuery(/^[0-9a-f]{32}$/.test(wanted) ? 'sys_id' : 'name', wanted);
  found.query();
  if (found.getRowCount() !== 1) {
    throw new Error('configuration_item: ' + found.getRowCount() + ' items are called ' + wanted);
  }
  found.next();
  // The field is one of the item's class, which cmdb_ci does not have.
  var item = new GlideRecord(found.getRecordClassName());
  if (!item.isValid() || !item.get(found.getUniqueValue())) item = found;
  if (!item.isValidField(field)) throw new Error(item.getTableName() + ' has no field ' + field);
  outputs.configuration_item = item.getUniqueValue();
  outputs.previous_version = String(item.getValue(field) || '');
  item.setValue(field, version);
  if (!item.update()) throw new Error('The version was not written: ' + item.getLastErrorMessage());
})(inputs, outputs);
