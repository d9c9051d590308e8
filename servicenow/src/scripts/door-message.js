/** One message of a pipeline: checks what arrived before anything is done with it. */
var DoorMessage = Class.create();
DoorMessage.prototype = {
  MAX_CHARACTERS: 65536,
  /** A change holds no more in the two correlation fields: a longer text would be cut. */
  MAX_LENGTHS: { correlation_id: 100, correlation_display: 100, repository: 200, environment: 255 },

  initialize: function () {},

  /**
   * @param kind 'flow' or 'event'
   * @returns { message } or { refusal: { status, message, detail } }
   */
  read: function (kind, text, deliveryHeader, signatureHeader) {
    var raw = gs.nil(text) ? '' : String(text);
    if (raw.length > this.MAX_CHARACTERS) {
      return this._refusal(
        413,
        'The message is too long',
        'At most ' + this.MAX_CHARACTERS + ' characters are taken.'
      );
    }
    // Above ASCII the text here and the bytes that were signed could differ.
    if (!/^[\x00-\x7f]*$/.test(raw)) {
      return this._refusal(400, 'The message is not ASCII', 'Escape other characters in JSON as \\uXXXX.');
    }
    if (!new DoorSignature().matches(raw, signatureHeader)) return this._wrongSignature();
    var message = this._parsed(raw);
    var problem = message ? this._problem(kind, message, deliveryHeader) : 'The body is not a JSON object.';
    if (problem) return this._refusal(400, 'The message is not valid', problem);
    var age = this._ageSeconds(message.at);
    var limit = this._maxAge();
    if (age > limit || age < -limit) return this._wrongAge(age, limit);
    return { message: this._message(kind, message) };
  },

  _refusal: function (status, message, detail) {
    return { refusal: { status: status, message: message, detail: detail } };
  },

  _wrongSignature: function () {
    if (gs.nil(gs.getProperty('x_chgact.signing_secret', ''))) {
      return this._refusal(
        401,
        'No signing secret',
        'Set the property x_chgact.signing_secret on the instance.'
      );
    }
    return this._refusal(
      401,
      'Wrong signature',
      'The header X-Change-Actions-Signature-256 does not sign this body with the secret in x_chgact.signing_secret.'
    );
  },

  _wrongAge: function (age, limit) {
    var seconds = Math.round(Math.abs(age));
    return this._refusal(
      409,
      age > 0 ? 'The message is too old' : 'The message is from the future',
      'By the clock of the instance it was sent ' +
        (age > 0 ? seconds + ' seconds ago' : seconds + ' seconds from now') +
        '; ' +
        limit +
        ' are allowed (x_chgact.max_age_seconds). Send it again with the time of now, or mend the clock.'
    );
  },

  _parsed: function (raw) {
    try {
      var value = JSON.parse(raw);
      return Object.prototype.toString.call(value) === '[object Object]' ? value : null;
    } catch (e) {
      return null;
    }
  },

  /** The first thing that is wrong with it; '' when nothing is. */
  _problem: function (kind, sent, deliveryHeader) {
    if (sent.version !== 1) return 'version must be 1.';
    if (!/^[A-Za-z0-9._:-]{1,100}$/.test(this._text(sent.delivery))) {
      return 'delivery must be 1 to 100 letters, digits, dots, hyphens, underscores or colons.';
    }
    if (sent.delivery !== this._text(deliveryHeader)) {
      return 'delivery and the header X-Change-Actions-Delivery differ.';
    }
    if (kind === 'flow' && !/^[a-z0-9_]{1,40}\.[A-Za-z0-9_]{1,80}$/.test(this._text(sent.flow))) {
      return 'flow must be the name of a subflow as <scope>.<name>.';
    }
    if (kind === 'event' && !/^[A-Za-z0-9._-]{1,80}$/.test(this._text(sent.event))) {
      return 'event must be 1 to 80 letters, digits, dots, hyphens or underscores.';
    }
    return this._factsProblem(sent) || this._dataProblem(kind, sent.data);
  },

  _factsProblem: function (sent) {
    var names = DoorMessage.FACTS;
    for (var i = 0; i < names.length; i++) {
      var name = names[i];
      var kind = typeof sent[name];
      if (!gs.nil(sent[name]) && kind !== 'string' && kind !== 'number') return name + ' must be a text.';
      var limit = this.MAX_LENGTHS[name] || 100;
      if (this._text(sent[name]).length > limit) return name + ' has more than ' + limit + ' characters.';
    }
    if (!/^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/.test(this._text(sent.repository))) {
      return 'repository must be owner/name.';
    }
    return this._time(sent.at) === null ? 'at must be a time such as 2026-12-01T22:00:00Z.' : '';
  },

  /** What a flow gets must all be inputs of it. The facts of an event may have other names: they are in `data` then. */
  _dataProblem: function (kind, data) {
    if (data === undefined || data === null) return '';
    if (Object.prototype.toString.call(data) !== '[object Object]') return 'data must be an object.';
    var names = kind === 'flow' ? Object.keys(data) : [];
    for (var i = 0; i < names.length; i++) {
      if (DoorMessage.RESERVED.indexOf(names[i]) >= 0) {
        return 'data: the name ' + names[i] + ' is taken by the message itself.';
      }
      if (!DoorMessage.isInput(names[i])) {
        return (
          'data: "' + names[i].substring(0, 80) + '" is no name of an input: letters, digits and underscores.'
        );
      }
    }
    return '';
  },

  _message: function (kind, sent) {
    var message = {
      kind: kind,
      delivery: sent.delivery,
      name: sent[kind],
      data: sent.data || {},
      sentAt: this._time(sent.at)
    };
    for (var i = 0; i < DoorMessage.FACTS.length; i++) {
      message[DoorMessage.FACTS[i]] = this._text(sent[DoorMessage.FACTS[i]]);
    }
    return message;
  },

  _text: function (value) {
    return value === undefined || value === null ? '' : String(value);
  },

  /** Epoch milliseconds of an ISO 8601 time in UTC; null for anything else. Read by hand: engines differ. */
  _time: function (text) {
    var parts = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,3})\d*)?Z$/.exec(
      this._text(text)
    );
    if (!parts) return null;
    var ms = parts[7] ? Number((parts[7] + '00').substring(0, 3)) : 0;
    var at = Date.UTC(+parts[1], +parts[2] - 1, +parts[3], +parts[4], +parts[5], +parts[6]) + ms;
    return isNaN(at) ? null : at;
  },

  _ageSeconds: function (at) {
    return (Number(new GlideDateTime().getNumericValue()) - this._time(at)) / 1000;
  },

  /** Seconds. A property that is no number from 1 on counts as 300: no limit would open the door to replays. */
  _maxAge: function () {
    var seconds = parseInt(gs.getProperty('x_chgact.max_age_seconds', '300'), 10);
    return seconds >= 1 ? seconds : 300;
  },

  type: 'DoorMessage'
};

/** Facts of the deployment in a message. */
DoorMessage.FACTS = [
  'repository',
  'run_id',
  'run_attempt',
  'commit',
  'environment',
  'correlation_id',
  'correlation_display'
];

/** Inputs that a flow gets from the message itself: `data` cannot set them. */
DoorMessage.RESERVED = DoorMessage.FACTS.concat(['delivery', 'event', 'data']);

/** Whether a member of `data` becomes an input of a flow under its own name. */
DoorMessage.isInput = function (name) {
  return /^[A-Za-z][A-Za-z0-9_]{0,79}$/.test(name) && DoorMessage.RESERVED.indexOf(name) < 0;
};
