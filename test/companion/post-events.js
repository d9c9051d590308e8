(function process(request, response) {
  new Companion().take('event', request, response);
})(request, response);
