(function process(request, response) {
  new Door().take('flow', request, response);
})(request, response);
