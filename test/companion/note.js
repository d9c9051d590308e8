(function execute(inputs, outputs) {
  outputs.said = 'done';
})(inputs, outputs);
