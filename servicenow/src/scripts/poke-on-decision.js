(function executeRule(current) {
  var poke = new ResumePoke();
  if (poke.concerns(current)) poke.send(current, 1);
})(current);
