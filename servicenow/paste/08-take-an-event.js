// Scripted REST resource "Take an event": POST /api/x_chgact/v1/events
// Of a Scripted REST API with the API ID events and the version v1.
// Requires authentication and ACL authorization; ACL of type REST_Endpoint, operation execute, role x_chgact.caller.

(function process(request, response) {
  new Door().take('event', request, response);
})(request, response);
