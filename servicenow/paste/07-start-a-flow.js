// Scripted REST resource "Start a flow": POST /api/x_chgact/v1/flows
// Of a Scripted REST API with the API ID flows and the version v1.
// Requires authentication and ACL authorization; ACL of type REST_Endpoint, operation execute, role x_chgact.caller.

(function process(request, response) {
  new Door().take('flow', request, response);
})(request, response);
