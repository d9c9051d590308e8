/** The door for pipelines: takes flows and events, and says what became of a delivery. */
var Door = Class.create();
Door.prototype = {
  initialize: function () {
    this.log = new DeliveryLog();
    this.runs = new FlowRuns();
  },

  /** POST flows, POST events. @param kind 'flow' or 'event' */
  take: function (kind, request, response) {
    // Before `request.body.data` is touched: the signature is over the raw text.
    var text = request.body ? request.body.dataString : '';
    var read = new DoorMessage().read(
      kind,
      text,
      request.getHeader('X-Change-Actions-Delivery'),
      request.getHeader('X-Change-Actions-Signature-256')
    );
    if (read.refusal) return this._refuse(response, read.refusal);
    var message = read.message;
    if (kind === 'flow' && !this.runs.isAllowed(message.name)) {
      var detail = 'Add it to the property x_chgact.flows: a list of <scope>.<name>.';
      return this._refuse(response, {
        status: 403,
        message: 'The flow ' + message.name + ' is not allowed',
        detail: detail
      });
    }
    var taken = this.log.take(message);
    if (!taken.row) return this._refuse(response, this._notStored());
    if (this.log.isOther(taken.row, message)) return this._refuse(response, this._used(taken.row));
    if (!taken.duplicate) this._start(message, taken.row);
    this._tell(response, taken.duplicate ? 200 : 202, taken.row, taken.duplicate);
  },

  /** GET deliveries/{id} */
  show: function (request, response) {
    var id = String(request.pathParams.id || '');
    var row = /^[A-Za-z0-9._:-]{1,100}$/.test(id) ? this.log.latest(id) : null;
    if (!row) {
      var detail = 'It was not taken, or its entry of the log was deleted.';
      return this._refuse(response, { status: 404, message: 'No such delivery', detail: detail });
    }
    this._tell(response, 200, row, false);
  },

  _start: function (message, row) {
    var flow = message.kind === 'flow' ? message.name : this.runs.flowOf(message.name);
    // An event that starts nothing is kept in the log, and that is all.
    if (flow === '') return this.log.note(row, { state: 'complete' });
    var execution;
    try {
      execution = this.runs.start(flow, message);
    } catch (e) {
      var reason = 'The flow ' + flow + ' was not started: ' + this._reason(e);
      return this.log.note(row, { state: 'error', error: reason });
    }
    this.log.note(row, { state: 'in_progress', execution: execution });
  },

  /** Brings the row up to date with its execution. @returns { outputs, error }; the error is what is not stored */
  _refresh: function (row) {
    var execution = String(row.getValue('execution') || '');
    if (execution === '') {
      if (this.log.startWasLost(row)) {
        this.log.note(row, {
          state: 'error',
          error: 'The flow was not started: the transaction ended before.'
        });
      }
      return { outputs: {}, error: '' };
    }
    var status = this.runs.status(execution);
    if (this.log.hasEnded(row)) return { outputs: status.outputs || {}, error: '' };
    // How it went cannot be told: it is neither over nor an error, so that nothing is started a second time.
    if (status.state === null)
      return { outputs: {}, error: 'The execution ' + execution + ' cannot be found' };
    var change = this._changeIn(status.outputs);
    this.log.note(row, { state: status.state, error: status.error, change: change });
    return { outputs: status.outputs, error: '' };
  },

  _changeIn: function (outputs) {
    var id = String((outputs || {}).change_sys_id || '');
    return id === '' ? null : { sys_id: id, number: String(outputs.change_number || '') };
  },

  _tell: function (response, status, row, duplicate) {
    var now = this._refresh(row);
    var state = String(row.getValue('state'));
    var change = row.getValue('change_sys_id');
    response.setStatus(status);
    response.setBody({
      delivery: String(row.getValue('delivery')),
      accepted: true,
      duplicate: duplicate,
      execution_id: String(row.getValue('execution') || ''),
      state: state === 'starting' ? 'in_progress' : state,
      outputs: now.outputs,
      error: now.error || String(row.getValue('error') || ''),
      change: gs.nil(change)
        ? null
        : { sys_id: String(change), number: String(row.getValue('change_number') || '') }
    });
  },

  _refuse: function (response, refusal) {
    var error = new sn_ws_err.ServiceError();
    error.setStatus(refusal.status);
    error.setMessage(refusal.message);
    error.setDetail(refusal.detail);
    response.setError(error);
  },

  _notStored: function () {
    return {
      status: 503,
      message: 'The delivery could not be stored',
      detail: 'Nothing was started. Send it again.'
    };
  },

  _used: function (row) {
    var what =
      String(row.getValue('kind')) + ' ' + row.getValue('name') + ' of ' + row.getValue('repository');
    return {
      status: 400,
      message: 'The delivery id was used before',
      detail: 'It stands for the ' + what + '. Use an id of its own for each flow and event.'
    };
  },

  _reason: function (e) {
    return String((e && (e.message || (e.getMessage && e.getMessage()))) || e);
  },

  type: 'Door'
};
