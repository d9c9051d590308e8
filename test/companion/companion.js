var Companion = Class.create();
Companion.prototype = {
  initialize: function () {},

  hex: function (base64) {
    var digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    var hex = '';
    var bits = 0;
    var count = 0;
    for (var at = 0; at < base64.length && base64.charAt(at) !== '='; at++) {
      bits = (bits << 6) | digits.indexOf(base64.charAt(at));
      count += 6;
      while (count >= 4) {
        count -= 4;
        hex += ((bits >> count) & 15).toString(16);
        bits = bits & ((1 << count) - 1);
      }
    }
    return hex.substring(0, 64);
  },

  refuse: function (response, status, message) {
    var error = new sn_ws_err.ServiceError();
    error.setStatus(status);
    error.setMessage(message);
    error.setDetail('');
    response.setError(error);
  },

  take: function (kind, request, response) {
    var raw = request.body.dataString;
    var secret = gs.getProperty('x_chgact.signing_secret', '');
    var mac = new CertificateEncryption().generateMac(gs.base64Encode(secret), 'HmacSHA256', raw);
    if (request.getHeader('X-Change-Actions-Signature-256') !== 'sha256=' + this.hex(String(mac))) {
      return this.refuse(response, 401, 'Wrong signature');
    }
    var message = JSON.parse(raw);
    var age = Number(new GlideDateTime().getNumericValue()) - Date.parse(message.at);
    if (Math.abs(age) > 300000) return this.refuse(response, 409, 'The message is too old');
    var name = message[kind];
    if (kind === 'flow' && gs.getProperty('x_chgact.flows', '').split(',').indexOf(name) < 0) {
      return this.refuse(response, 403, 'The flow ' + name + ' is not allowed');
    }
    for (var input in message.data) {
      if (!/^[a-z]\w*$/.test(input)) return this.refuse(response, 400, 'The message is not valid');
    }
    var row = new GlideRecord('x_chgact_delivery');
    var known = row.get('delivery', message.delivery);
    var again = known && kind === 'flow' && this.hasFailed(row);
    if (!known) {
      row.initialize();
      row.setValue('delivery', message.delivery);
      row.setValue('kind', kind);
      row.setValue('name', name);
      row.insert();
    }
    var flow = kind === 'flow' ? name : this.flowOf(name);
    if (flow !== '' && (!known || again)) this.start(row, flow, message);
    response.setStatus(known && !again ? 200 : 202);
    response.setBody(this.shown(row, known && !again));
  },

  start: function (row, name, message) {
    var inputs = {
      correlation_id: message.correlation_id,
      correlation_display: message.correlation_display,
      data: JSON.stringify(message.data)
    };
    try {
      var run = sn_fd.FlowAPI.getRunner().subflow(name).inBackground().withInputs(inputs).run();
      row.setValue('execution', run.getContextId());
      row.setValue('error', '');
    } catch (e) {
      row.setValue('error', 'The flow ' + name + ' was not started: ' + e.message);
    }
    row.update();
  },

  flowOf: function (event) {
    var pairs = gs.getProperty('x_chgact.events', '').split(',');
    for (var i = 0; i < pairs.length; i++) {
      if (pairs[i].split('=')[0] === event) return pairs[i].split('=')[1];
    }
    return '';
  },

  hasFailed: function (row) {
    var state = this.stateOf(row);
    return state === 'error' || state === 'canceled';
  },

  stateOf: function (row) {
    if (!gs.nil(row.getValue('error'))) return 'error';
    var execution = row.getValue('execution');
    if (gs.nil(execution)) return 'complete';
    var states = {
      QUEUED: 'in_progress',
      IN_PROGRESS: 'in_progress',
      WAITING: 'waiting',
      COMPLETE: 'complete',
      ERROR: 'error',
      CANCELLED: 'canceled'
    };
    return states[String(sn_fd.FlowAPI.getStatus(execution).contextStatus.state)];
  },

  shown: function (row, duplicate) {
    var execution = row.getValue('execution') || '';
    // Before the outputs: those of a flow that is complete do not change any more.
    var state = this.stateOf(row);
    var outputs = execution === '' ? {} : sn_fd.FlowAPI.getOutputs(execution) || {};
    var error = row.getValue('error') || '';
    if (error === '' && execution !== '') error = String(sn_fd.FlowAPI.getErrorMessage(execution) || '');
    var change = outputs.change_sys_id
      ? { sys_id: String(outputs.change_sys_id), number: String(outputs.change_number || '') }
      : null;
    return {
      delivery: String(row.getValue('delivery')),
      accepted: true,
      duplicate: duplicate === true,
      execution_id: String(execution),
      state: state,
      outputs: outputs,
      error: error,
      change: change
    };
  },

  show: function (request, response) {
    var row = new GlideRecord('x_chgact_delivery');
    if (!row.get('delivery', request.pathParams.id)) return this.refuse(response, 404, 'No such delivery');
    response.setBody(this.shown(row, false));
  },

  type: 'Companion'
};
