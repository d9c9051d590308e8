// Script include ResumePoke
// Accessible from: this application scope only. Not client callable.

/**
 * Tells GitHub that a change of a pipeline was decided: it starts the workflow that runs resume-deployments, without
 * inputs. It carries no decision: the workflow reads the change itself. A lost poke costs time only, because the
 * workflow also runs on a schedule.
 */
var ResumePoke = Class.create();
ResumePoke.prototype = {
  TIMEOUT_MS: 10000,
  MAX_TRIES: 3,
  /** Before the second and the third try. */
  PAUSES_SECONDS: [30, 120],

  initialize: function () {},

  /** Whether the change is one of ours that has just been decided: approved, rejected or canceled. */
  concerns: function (change) {
    // The binding of a pipeline: gha2 <commit> …, or gha <commit> … of the first release.
    if (!/^gha2? /.test(String(change.getValue('correlation_display') || ''))) return false;
    var state = String(change.getValue('state'));
    if (state === '4') return true;
    // Implement, Review, Closed: the pipeline itself moves it there.
    if (state === '-1' || state === '0' || state === '3') return false;
    var approval = String(change.getValue('approval'));
    return approval === 'approved' || approval === 'rejected';
  },

  /** Sends the poke; after a temporary error it is sent again later, three times in all. @param tries 1 for the first */
  send: function (change, tries) {
    var settings = this._settings();
    if (!settings) return;
    var failure = this._failureOf(settings);
    if (!failure) return;
    if (failure.retry && tries < this.MAX_TRIES) return this._later(change, tries + 1);
    gs.warn(
      'Poke for {0} not taken by GitHub: {1}. Its schedule makes up for it.',
      change.getValue('number'),
      failure.text
    );
  },

  /** null when no poke is wanted, or the settings are not usable. */
  _settings: function () {
    var repository = String(gs.getProperty('x_chgact.github_repository', ''));
    var token = String(gs.getProperty('x_chgact.github_token', ''));
    if (repository === '' && token === '') return null;
    var api = String(gs.getProperty('x_chgact.github_api', 'https://api.github.com')).replace(/\/+$/, '');
    var workflow = String(gs.getProperty('x_chgact.github_workflow', 'resume.yml'));
    var problem = this._problem(api, repository, workflow, token);
    if (problem !== '') {
      gs.warn('No poke is sent: the property x_chgact.{0} is missing or not valid.', problem);
      return null;
    }
    var path = '/repos/' + repository + '/actions/workflows/' + workflow + '/dispatches';
    return { url: api + path, token: token, ref: String(gs.getProperty('x_chgact.github_ref', 'main')) };
  },

  /** The first property that is missing or not valid; '' when none is. */
  _problem: function (api, repository, workflow, token) {
    // The token goes nowhere but to an https address, or to this machine.
    if (!/^(https:\/\/[^\s/?#@]+|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?)(\/[^\s?#]*)?$/.test(api))
      return 'github_api';
    // Names of dots alone would lead to another resource.
    if (!/^[A-Za-z0-9_-][A-Za-z0-9_.-]*\/(?!\.\.?$)[A-Za-z0-9_.-]+$/.test(repository))
      return 'github_repository';
    if (!/^[A-Za-z0-9_.-]+\.ya?ml$/.test(workflow)) return 'github_workflow';
    return token === '' ? 'github_token' : '';
  },

  /** Sends it once. @returns null when GitHub took it, else { retry, text }; the text has neither token nor body */
  _failureOf: function (settings) {
    var status = 0;
    try {
      var message = new sn_ws.RESTMessageV2();
      message.disableForcedVariableSubstitution();
      message.setEndpoint(settings.url);
      message.setHttpMethod('post');
      message.setHttpTimeout(this.TIMEOUT_MS);
      message.setRequestHeader('Accept', 'application/vnd.github+json');
      message.setRequestHeader('Content-Type', 'application/json');
      message.setRequestHeader('X-GitHub-Api-Version', '2022-11-28');
      message.setRequestHeader('Authorization', 'Bearer ' + settings.token);
      message.setRequestBody(JSON.stringify({ ref: settings.ref }));
      status = Number(message.execute().getStatusCode());
    } catch (e) {
      return { retry: true, text: 'no response' };
    }
    if (status === 200 || status === 204) return null;
    var temporary = status === 0 || status === 403 || status === 408 || status === 429 || status >= 500;
    return { retry: temporary, text: 'status ' + status };
  },

  _later: function (change, tries) {
    var at = new GlideDateTime();
    at.addSeconds(this.PAUSES_SECONDS[tries - 2]);
    gs.eventQueueScheduled('x_chgact.poke', change, String(tries), '', at);
  },

  type: 'ResumePoke'
};
