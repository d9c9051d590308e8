/** Starts subflows and tells how their executions go. */
var FlowRuns = Class.create();
FlowRuns.prototype = {
  /** States of an execution, by the names of Flow Designer. */
  STATES: {
    QUEUED: 'in_progress',
    IN_PROGRESS: 'in_progress',
    WAITING: 'waiting',
    COMPLETE: 'complete',
    ERROR: 'error',
    CANCELLED: 'canceled'
  },

  initialize: function () {},

  isAllowed: function (flow) {
    return this._list('x_chgact.flows').indexOf(flow) >= 0;
  },

  /** The subflow that an event starts (`x_chgact.events`: event=scope.name, …); '' when it starts none. */
  flowOf: function (event) {
    var pairs = this._list('x_chgact.events');
    for (var i = 0; i < pairs.length; i++) {
      var at = pairs[i].indexOf('=');
      if (at > 0 && pairs[i].substring(0, at).trim() === event) return pairs[i].substring(at + 1).trim();
    }
    return '';
  },

  /** Starts a subflow in the background, in the name of the caller. @returns id of the execution. @throws when there is no such flow */
  start: function (flow, message) {
    var runner = sn_fd.FlowAPI.getRunner().subflow(flow).inBackground();
    var id = String(runner.withInputs(this._inputs(message)).run().getContextId());
    if (!/^[0-9a-f]{32}$/.test(id)) throw new Error('Flow Designer gave no execution id');
    return id;
  },

  /** @returns { state, error, outputs }; state is null when the execution is not there (any more) */
  status: function (execution) {
    var found = sn_fd.FlowAPI.getStatus(execution);
    if (typeof found === 'string') found = JSON.parse(found);
    if (!found || String(found.hasLookupError) === 'true' || !found.contextStatus) return { state: null };
    var state = this.STATES[String(found.contextStatus.state)] || null;
    if (state === 'complete') return { state: state, error: '', outputs: this._outputs(execution) };
    if (state !== 'error' && state !== 'canceled') return { state: state, error: '', outputs: {} };
    var reason = found.contextStatus.message || sn_fd.FlowAPI.getErrorMessage(execution);
    return { state: state, error: String(reason || ''), outputs: {} };
  },

  _inputs: function (message) {
    var inputs = { delivery: message.delivery, event: message.kind === 'event' ? message.name : '' };
    inputs.data = JSON.stringify(message.data);
    for (var i = 0; i < DoorMessage.FACTS.length; i++) {
      inputs[DoorMessage.FACTS[i]] = message[DoorMessage.FACTS[i]];
    }
    var names = Object.keys(message.data).filter(DoorMessage.isInput);
    for (var at = 0; at < names.length; at++) inputs[names[at]] = message.data[names[at]];
    return inputs;
  },

  /** Outputs as plain values: a record becomes its sys_id. */
  _outputs: function (execution) {
    var outputs = sn_fd.FlowAPI.getOutputs(execution) || {};
    var plain = {};
    for (var name in outputs) {
      if (!Object.prototype.hasOwnProperty.call(outputs, name)) continue;
      plain[name] = this._plain(outputs[name]);
    }
    return plain;
  },

  _plain: function (value) {
    if (value === null || value === undefined) return '';
    if (typeof value === 'number' || typeof value === 'boolean') return value;
    if (typeof value.getUniqueValue === 'function') return String(value.getUniqueValue());
    return String(value);
  },

  _list: function (property) {
    var parts = String(gs.getProperty(property, '')).split(/[,\n]/);
    var list = [];
    for (var i = 0; i < parts.length; i++) {
      if (parts[i].trim() !== '') list.push(parts[i].trim());
    }
    return list;
  },

  type: 'FlowRuns'
};
