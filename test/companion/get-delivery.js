(function process(request, response) {
  new Companion().show(request, response);
})(request, response);
