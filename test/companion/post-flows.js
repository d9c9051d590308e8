(function process(request, response) {
  new Companion().take('flow', request, response);
})(request, response);
