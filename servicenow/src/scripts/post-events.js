(function process(request, response) {
  new Door().take('event', request, response);
})(request, response);
