(function execute(inputs, outputs) {
  throw new Error('the mail server refused');
})(inputs, outputs);
