// Scripted REST resource "What became of a delivery": GET /api/x_chgact/v1/deliveries/{id}
// Of a Scripted REST API with the API ID deliveries and the version v1.
// Requires authentication and ACL authorization; ACL of type REST_Endpoint, operation execute, role x_chgact.caller.

(function process(request, response) {
  new Door().show(request, response);
})(request, response);
