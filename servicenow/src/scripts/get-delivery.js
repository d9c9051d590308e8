(function process(request, response) {
  new Door().show(request, response);
})(request, response);
