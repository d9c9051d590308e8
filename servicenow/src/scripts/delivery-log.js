/**
 * What was delivered, in `x_chgact_delivery`. A row is one taking of a delivery: its column `taking_key` is unique, so
 * that of two requests at the same time one takes the delivery and the other reads what became of it.
 */
var DeliveryLog = Class.create();
DeliveryLog.prototype = {
  TABLE: 'x_chgact_delivery',
  /** Starting a flow takes seconds: after this the transaction that should have done so has died. */
  START_LIMIT_MS: 600000,

  initialize: function () {},

  /** The latest taking of a delivery; null when there is none. */
  latest: function (delivery) {
    var row = new GlideRecord(this.TABLE);
    row.addQuery('delivery', delivery);
    row.orderByDesc('taking');
    row.setLimit(1);
    row.query();
    return row.next() ? row : null;
  },

  /** Takes a delivery. @returns { row, duplicate }; row is null when it could neither be stored nor found */
  take: function (message) {
    var before = this.latest(message.delivery);
    if (before && !this._againAllowed(before, message)) return { row: before, duplicate: true };
    var taking = before ? parseInt(before.getValue('taking'), 10) + 1 : 1;
    var row = new GlideRecord(this.TABLE);
    row.initialize();
    row.setValue('taking_key', message.delivery + '#' + taking);
    row.setValue('delivery', message.delivery);
    row.setValue('taking', taking);
    row.setValue('kind', message.kind);
    row.setValue('name', message.name);
    row.setValue('repository', message.repository);
    row.setValue('run_id', message.run_id);
    row.setValue('run_attempt', message.run_attempt);
    row.setValue('environment', message.environment);
    row.setValue('sent_at', String(message.sentAt));
    row.setValue('state', 'starting');
    // No sys_id: another request has just taken it.
    if (gs.nil(row.insert())) return { row: this.latest(message.delivery), duplicate: true };
    return { row: row, duplicate: false };
  },

  /** Whether the delivery id was used for something else before. */
  isOther: function (row, message) {
    return (
      String(row.getValue('kind')) !== message.kind ||
      String(row.getValue('name')) !== message.name ||
      String(row.getValue('repository')) !== message.repository
    );
  },

  /** Stores what became of it. `outcome`: { state, execution, error, change } */
  note: function (row, outcome) {
    row.setValue('state', outcome.state);
    if (outcome.execution !== undefined) row.setValue('execution', outcome.execution);
    row.setValue('error', String(outcome.error || '').substring(0, 1000));
    if (outcome.change) {
      row.setValue('change_sys_id', outcome.change.sys_id);
      row.setValue('change_number', outcome.change.number);
    }
    row.update();
  },

  hasEnded: function (row) {
    var state = String(row.getValue('state'));
    return state === 'complete' || state === 'error' || state === 'canceled';
  },

  /** Whether nobody is starting it any more, although it was never started. */
  startWasLost: function (row) {
    if (String(row.getValue('state')) !== 'starting' || !gs.nil(row.getValue('execution'))) return false;
    var created = new GlideDateTime(row.getValue('sys_created_on')).getNumericValue();
    return Number(new GlideDateTime().getNumericValue()) - Number(created) > this.START_LIMIT_MS;
  },

  /**
   * A flow that ended in an error or was cancelled is taken again, when a newer message asks for it; the same message
   * again (a retry, a replay) is not. An event is taken again only when nothing was started for it.
   */
  _againAllowed: function (row, message) {
    if (this.isOther(row, message)) return false;
    if (this.startWasLost(row)) return true;
    var state = String(row.getValue('state'));
    if (state !== 'error' && state !== 'canceled') return false;
    if (gs.nil(row.getValue('execution'))) return true;
    return message.kind === 'flow' && message.sentAt > Number(row.getValue('sent_at'));
  },

  type: 'DeliveryLog'
};
